"""DROP TABLE and ALTER TABLE."""

from __future__ import annotations

import uuid
from typing import Any

from labkit.cloud.athena.ddl.columns import column, columns, duplicate, table_input
from labkit.cloud.athena.ddl.create import check_folder
from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import ddl_error, find_table, properties, refuse_view, s3_location
from labkit.cloud.athena.ddl.partitions import (
    add_partitions,
    drop_partitions,
    partition_of,
    rename_partition,
    replace_partition,
)
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work

Column = dict[str, Any]


def _drop(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "drop table statement")
    quiet = cursor.accept("IF", "EXISTS")
    database, name = cursor.qualified(work.database)
    cursor.accept("PURGE")
    cursor.end()
    if quiet and (work.catalog.find_database(database) is None or work.catalog.find_table(database, name) is None):
        return Outcome(lines=[])
    table = find_table(work, database, name)
    if table.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailure(
            "", f"FAILED: SemanticException [Error 10146]: Cannot drop a view with DROP TABLE: {database}.{name}"
        )
    work.catalog.delete_table(database, name)
    return Outcome(lines=[])


def _alter(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "alter table statement")
    database, name = cursor.qualified(work.database)
    table = find_table(work, database, name)
    refuse_view(table, "ALTER TABLE")
    if cursor.at("PARTITION"):
        return _partition(work, cursor, database, table)
    if cursor.accept("ADD"):
        if cursor.at("COLUMNS"):
            return _columns(work, cursor, database, table, keep=True)
        return add_partitions(work, cursor, database, table)
    if cursor.accept("DROP"):
        cursor.rule = "drop partition statement"
        return drop_partitions(work, cursor, database, table)
    if cursor.accept("REPLACE"):
        return _columns(work, cursor, database, table, keep=False)
    if cursor.accept("CHANGE"):
        return _change(work, cursor, database, table)
    if cursor.accept("RENAME"):
        return _rename(cursor)
    return _set(work, cursor, database, table)


def _rename(cursor: Cursor) -> Outcome:
    """Glue does not rename tables; recorded on AWS."""
    cursor.expect("TO")
    cursor.qualified("")
    cursor.end()
    request = f"Service: AmazonDataCatalog; Status Code: 400; Error Code: InvalidInputException; Request ID: {uuid.uuid4()}; Proxy: null"
    raise ddl_error(f"Unable to alter table. Table cannot be renamed ({request})")


def _set(work: Work, cursor: Cursor, database: str, table: dict[str, Any]) -> Outcome:
    if not cursor.accept("SET"):
        raise _refused(cursor)
    if cursor.accept("TBLPROPERTIES"):
        table["Parameters"] = {**(table.get("Parameters") or {}), **properties(cursor)}
    elif cursor.accept("LOCATION"):
        location = s3_location(cursor.string(), "table")
        check_folder(work, location)
        table["StorageDescriptor"] = {**table["StorageDescriptor"], "Location": location}
    else:
        raise _refused(cursor)
    cursor.end()
    work.catalog.update_table(database, table_input(table))
    return Outcome(lines=[])


# Hive has these, Athena's documentation lists them as not supported.
_UNSUPPORTED = (
    "SERDE", "SERDEPROPERTIES", "FILEFORMAT", "TOUCH", "COMPACT", "CONCATENATE", "ENABLE", "DISABLE", "ARCHIVE", "UNARCHIVE",
    "EXCHANGE", "CLUSTERED", "NOT", "SKEWED", "SORTED",
)  # fmt: skip


def _refused(cursor: Cursor) -> QueryFailure:
    token = cursor.peek()
    if token is not None and token.word in _UNSUPPORTED:
        return QueryFailure(
            "", f"FAILED: SemanticException ALTER TABLE … {token.text.upper()} is not supported by Athena"
        )
    return cursor.failure()


def _partition(work: Work, cursor: Cursor, database: str, table: dict[str, Any]) -> Outcome:
    """PARTITION (…) followed by what changes in it."""
    values = partition_of(cursor, table)
    if cursor.accept("RENAME"):
        return rename_partition(work, cursor, database, table, values)
    known = _known_partition(work, database, table, values)
    storage = known["StorageDescriptor"]
    if cursor.accept("SET", "LOCATION"):
        location = s3_location(cursor.string(), "partition")
        check_folder(work, location)
        changed = {**storage, "Location": location}
    elif cursor.at("ADD", "COLUMNS") or cursor.at("REPLACE", "COLUMNS"):
        keep = cursor.accept("ADD")
        changed = {
            **storage,
            "Columns": _new_columns(cursor, table, storage.get("Columns") or [], keep or not cursor.accept("REPLACE")),
        }
    else:
        raise _refused(cursor)
    cursor.end()
    replace_partition(work, database, table, known, {"StorageDescriptor": changed})
    return Outcome(lines=[])


def _known_partition(work: Work, database: str, table: dict[str, Any], values: list[str]) -> dict[str, Any]:
    found = next(
        (one for one in work.catalog.list_partitions(database, table["Name"]) if list(one["Values"]) == values), None
    )
    if found is None:
        raise QueryFailure("", f"FAILED: SemanticException [Error 10006]: Partition not found {'/'.join(values)}")
    return dict(found)


def _new_columns(cursor: Cursor, table: dict[str, Any], known: list[Column], keep: bool) -> list[Column]:
    cursor.expect("COLUMNS")
    made = columns(cursor)
    taken = {one["Name"] for one in [*(known if keep else []), *(table.get("PartitionKeys") or [])]}
    again = next((one["Name"] for one in made if one["Name"] in taken), None)
    if again is not None:
        raise duplicate(again)
    return [*(known if keep else []), *made]


def _columns(work: Work, cursor: Cursor, database: str, table: dict[str, Any], keep: bool) -> Outcome:
    made = _new_columns(cursor, table, table["StorageDescriptor"]["Columns"], keep)
    _ending(cursor)
    table["StorageDescriptor"] = {**table["StorageDescriptor"], "Columns": made}
    work.catalog.update_table(database, table_input(table))
    return Outcome(lines=[])


def _ending(cursor: Cursor) -> None:
    if cursor.at("CASCADE"):
        raise not_supported("CASCADE of ALTER TABLE")
    cursor.accept("RESTRICT")
    cursor.end()


def _change(work: Work, cursor: Cursor, database: str, table: dict[str, Any]) -> Outcome:
    """CHANGE [COLUMN] old new type [COMMENT '…'] [FIRST | AFTER column]."""
    cursor.accept("COLUMN")
    old = cursor.name()
    made: Column = column(cursor)
    known = list(table["StorageDescriptor"]["Columns"])
    place = next((index for index, one in enumerate(known) if one["Name"].lower() == old), None)
    if place is None:
        raise ddl_error(f"Invalid column reference {old}")
    before = known.pop(place)
    if "Comment" not in made and before.get("Comment"):
        made["Comment"] = before["Comment"]
    if any(one["Name"] == made["Name"] for one in [*known, *(table.get("PartitionKeys") or [])]):
        raise duplicate(str(made["Name"]))
    if cursor.accept("FIRST"):
        place = 0
    elif cursor.accept("AFTER"):
        after = cursor.name()
        names = [one["Name"] for one in known]
        if after not in names:
            raise ddl_error(f"Invalid column reference {after}")
        place = names.index(after) + 1
    _ending(cursor)
    known.insert(place, made)
    table["StorageDescriptor"] = {**table["StorageDescriptor"], "Columns": known}
    work.catalog.update_table(database, table_input(table))
    return Outcome(lines=[])


RUNNERS = {"drop_table": _drop, "alter_table": _alter}
