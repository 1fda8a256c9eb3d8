"""Partitions: ADD, DROP, RENAME, SHOW PARTITIONS."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.create import check_folder
from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import ddl_error, find_table, s3_location
from labkit.cloud.athena.ddl.partition_values import (
    OPERATORS,
    full_spec,
    key_types,
    matches,
    partition_path,
    spec,
    typed,
)
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work

Document = dict[str, Any]


def partition_input(table: Document, values: list[str], location: str) -> Document:
    """A new partition with the table's format."""
    return {
        "Values": values,
        "StorageDescriptor": {**table["StorageDescriptor"], "Location": location},
        "Parameters": {},
    }


def partition_of(cursor: Cursor, table: Document) -> list[str]:
    """The values of the one partition that PARTITION (…) names."""
    return full_spec(cursor, table)


def add_partitions(work: Work, cursor: Cursor, database: str, table: Document) -> Outcome:
    """ALTER TABLE … ADD [IF NOT EXISTS] PARTITION (…) [LOCATION '…'] …"""
    cursor.rule = "add partition statement"
    quiet = cursor.accept("IF", "NOT", "EXISTS")
    if not cursor.at("PARTITION"):
        raise cursor.failure()
    known = {tuple(one["Values"]) for one in work.catalog.list_partitions(database, table["Name"])}
    made: list[Document] = []
    while cursor.peek() is not None:
        values = full_spec(cursor, table)
        keys = list(key_types(table))
        location = f"{table['StorageDescriptor']['Location'].rstrip('/')}/{partition_path(keys, values)}"
        if cursor.accept("LOCATION"):
            location = s3_location(cursor.string(), "partition")
            check_folder(work, location)
        cursor.accept(",")
        if tuple(values) not in known:
            made.append(partition_input(table, values, location))
            known.add(tuple(values))
        elif not quiet:
            raise ddl_error(f"AlreadyExistsException(message:Partition already exists: {partition_path(keys, values)})")
    register(work, database, table["Name"], made)
    return Outcome(lines=[])


def register(work: Work, database: str, table: str, made: list[Document]) -> None:
    """Write partitions, 100 at a time as BatchCreatePartition takes them."""
    for start in range(0, len(made), 100):
        work.catalog.create_partitions(database, table, made[start : start + 100])


def drop_partitions(work: Work, cursor: Cursor, database: str, table: Document) -> Outcome:
    """ALTER TABLE … DROP [IF EXISTS] PARTITION (…), …; every partition that fulfils the conditions goes."""
    quiet = cursor.accept("IF", "EXISTS")
    kinds: dict[str, str] = {}
    listed: list[list[str]] = []
    gone: list[list[str]] = []
    first = True
    while first or cursor.peek() is not None:
        conditions = spec(cursor, OPERATORS)
        if first:
            kinds = key_types(table)
            listed = [list(one["Values"]) for one in work.catalog.list_partitions(database, table["Name"])]
        first = False
        strange = next((key for key, _, _ in conditions if key not in kinds), None)
        if strange is not None:
            raise QueryFailure("", f"FAILED: SemanticException [Error 10098]: {strange} is not a partition column")
        matching = [one for one in listed if matches(dict(zip(kinds, one, strict=False)), kinds, conditions)]
        if not matching and not quiet:
            shown = ", ".join(f"{key} {sign} '{value}'" for key, sign, value in conditions)
            raise QueryFailure("", f"FAILED: SemanticException [Error 10006]: Partition not found ({shown})")
        gone += [values for values in matching if values not in gone]
        if cursor.accept(",") and cursor.peek() is None:
            raise cursor.failure()
        if cursor.accept("PURGE"):
            cursor.end()
    if gone:
        work.catalog.delete_partitions(database, table["Name"], gone)
    return Outcome(lines=[])


def rename_partition(work: Work, cursor: Cursor, database: str, table: Document, values: list[str]) -> Outcome:
    """… PARTITION (…) RENAME TO PARTITION (…): the values change, the files stay where they are."""
    cursor.expect("TO")
    renamed = full_spec(cursor, table)
    cursor.end()
    listed: dict[tuple[str, ...], Document] = {
        tuple(one["Values"]): one for one in work.catalog.list_partitions(database, table["Name"])
    }
    keys = list(key_types(table))
    if tuple(values) not in listed:
        raise ddl_error(f"Rename partition: source partition {partition_path(keys, values)} does not exist.")
    if tuple(renamed) in listed:
        raise ddl_error(f"Rename partition: destination partition {partition_path(keys, renamed)} already exists.")
    replace_partition(work, database, table, listed[tuple(values)], {"Values": renamed})
    return Outcome(lines=[])


def replace_partition(work: Work, database: str, table: Document, known: Document, changes: Document) -> None:
    """Write a partition again with something changed."""
    kept: Document = {key: known[key] for key in ("Values", "StorageDescriptor", "Parameters") if key in known}
    work.catalog.update_partition(database, table["Name"], list(known["Values"]), {**kept, **changes})


def _show(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "show statement")
    database, name = cursor.qualified(work.database)
    given = spec(cursor) if cursor.at("PARTITION") else []
    cursor.end()
    table = find_table(work, database, name)
    kinds = key_types(table)
    conditions = [(key, sign, typed(value, key, kinds.get(key, "string"))) for key, sign, value in given]
    if any(key not in kinds for key, _, _ in conditions):
        raise QueryFailure("", f"FAILED: SemanticException [Error 10098]: {conditions[0][0]} is not a partition column")
    listed = sorted(list(one["Values"]) for one in work.catalog.list_partitions(database, name))
    shown = [one for one in listed if matches(dict(zip(kinds, one, strict=False)), kinds, conditions)]
    return Outcome([("partition", "string")], lines=[partition_path(list(kinds), values) for values in shown])


RUNNERS = {"show_partitions": _show}
