"""SHOW TABLES, VIEWS, COLUMNS, TBLPROPERTIES; DESCRIBE."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import find_table, hive_pattern, no_database
from labkit.cloud.athena.ddl.formats import LAZY, ORC, PARQUET, STORED_AS
from labkit.cloud.athena.ddl.information import partition_information, serialized, table_information
from labkit.cloud.athena.ddl.partition_values import full_spec
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.types import Type, parse_type, show
from labkit.cloud.athena.work import Outcome, Work

# Hive asks these SerDes nothing: the columns are those of the catalog.
_CATALOG_COLUMNS = (LAZY, PARQUET, ORC, STORED_AS["RCFILE"].serde)


def _tables(work: Work, statement: Statement, views: bool = False) -> Outcome:
    cursor = Cursor(statement, 2, "show statement")
    database = cursor.name() if cursor.accept("IN") or cursor.accept("FROM") else work.database
    wanted = hive_pattern(cursor)
    cursor.end()
    if work.catalog.find_database(database) is None:
        raise no_database(database)
    found = [one for one in work.catalog.list_tables(database) if not views or one.get("TableType") == "VIRTUAL_VIEW"]
    names = sorted(one["Name"] for one in found if wanted.fullmatch(one["Name"]))
    return Outcome([("views" if views else "tab_name", "string")], lines=names)


def shown_columns(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The data columns as Hive shows them: a SerDe that makes its own schema has no comments."""
    storage = table.get("StorageDescriptor") or {}
    library = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    found = storage.get("Columns") or []
    if library in _CATALOG_COLUMNS or table.get("TableType") == "VIRTUAL_VIEW" or not library:
        return list(found)
    return [{**one, "Comment": one.get("Comment") or "from deserializer"} for one in found]


def _columns(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "show statement")
    if not cursor.accept("IN") and not cursor.accept("FROM"):
        raise cursor.failure()
    database, name = cursor.qualified(work.database)
    if cursor.accept("IN") or cursor.accept("FROM"):
        database = cursor.name()
    cursor.end()
    table = find_table(work, database, name)
    if table.get("TableType") == "VIRTUAL_VIEW":
        return _view(table)
    names = [one["Name"] for one in [*shown_columns(table), *(table.get("PartitionKeys") or [])]]
    return Outcome([("field", "string")], lines=[f"{one:<20}" for one in names])


def _line(column: dict[str, Any]) -> str:
    return f"{column['Name']:<20}\t{column.get('Type') or 'string':<20}\t{column.get('Comment') or '':<20}"


def _view(table: dict[str, Any]) -> Outcome:
    """A view's columns, in Trino's types and without padding."""
    stored = re.search(r"Presto View: (\S+) \*/", table.get("ViewOriginalText") or "")
    if stored:
        made = json.loads(base64.b64decode(stored.group(1))).get("columns") or []
        lines = [f"{one['name']}\t{one['type']}" for one in made]
    else:
        found = table["StorageDescriptor"]["Columns"]
        lines = [f"{one['Name']}\t{show(parse_type(one.get('Type') or 'string'))}" for one in found]
    return Outcome([("column", "varchar"), ("type", "varchar")], lines=lines)


_HEAD = f"# {'col_name':<20}\t{'data_type':<20}\t{'comment':<20}"
_BLANK = "\t \t "


def _described(table: dict[str, Any], found: list[dict[str, Any]]) -> list[str]:
    keys = table.get("PartitionKeys") or []
    lines = [_line(one) for one in [*found, *keys]]
    if keys:
        lines += [_BLANK, "# Partition Information\t \t ", _HEAD, _BLANK, *(_line(one) for one in keys)]
    return lines


def _describe(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 1, "describe statement")
    kind = "EXTENDED" if cursor.accept("EXTENDED") else "FORMATTED" if cursor.accept("FORMATTED") else ""
    database, name = cursor.qualified(work.database)
    table = find_table(work, database, name)
    partition = None
    if cursor.at("PARTITION"):
        partition = _find_partition(work, database, table, full_spec(cursor, table))
    path = _path(cursor)
    cursor.end()
    if path:
        return _outcome([_line(_field(table, path))])
    if table.get("TableType") == "VIRTUAL_VIEW":
        return _view(table)
    lines = _described(table, shown_columns(table))
    if kind == "FORMATTED":
        lines += [_BLANK, *(partition_information(table, partition) if partition else table_information(table))]
    elif kind == "EXTENDED":
        lines += [_BLANK, serialized(table, partition)]
    return _outcome(lines)


def _outcome(lines: list[str]) -> Outcome:
    return Outcome([("col_name", "string"), ("data_type", "string"), ("comment", "string")], lines=lines)


def _find_partition(work: Work, database: str, table: dict[str, Any], values: list[str]) -> dict[str, Any]:
    for one in work.catalog.list_partitions(database, table["Name"]):
        if list(one["Values"]) == values:
            return dict(one)
    keys = [key["Name"] for key in table["PartitionKeys"]]
    shown = "{" + ", ".join(f"{key}={value}" for key, value in zip(keys, values, strict=False)) + "}"
    raise QueryFailure("", f"FAILED: SemanticException [Error 10006]: Partition not found {shown}")


def _path(cursor: Cursor) -> list[str]:
    """``col.field.'$elem$'``, or nothing."""
    if cursor.peek() is None:
        return []
    found = [cursor.name()]
    while cursor.accept("."):
        token = cursor.peek()
        found.append(cursor.string() if token is not None and token.kind in ("string", "quoted") else cursor.name())
    return found


def _field(table: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """The column or the part of it that a path names."""
    from labkit.cloud.athena.types import hive

    listed = [*shown_columns(table), *(table.get("PartitionKeys") or [])]
    column = next((one for one in listed if one["Name"].lower() == path[0]), None)
    if column is None:
        raise QueryFailure("", f"FAILED: SemanticException [Error 10002]: Invalid column reference {path[0]}")
    if len(path) == 1:
        return dict(column)
    kind = parse_type(column.get("Type") or "string")
    for part in path[1:]:
        kind = _part(kind, part)
    return {"Name": path[-1], "Type": hive(kind), "Comment": "from deserializer"}


def _part(kind: Type, part: str) -> Type:
    names = {"array": ("$elem$",), "map": ("$key$", "$value$"), "row": kind.fields}.get(kind.name, ())
    if part not in names:
        raise QueryFailure("", f"FAILED: SemanticException [Error 10002]: Invalid column reference {part}")
    return kind.items[names.index(part)]


def _properties(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "show statement")
    database, name = cursor.qualified(work.database)
    found = find_table(work, database, name).get("Parameters") or {}
    if cursor.accept("("):
        key = cursor.string()
        cursor.expect(")")
        found = {key: found.get(key, f"Table {database}.{name} does not have property: {key}")}
    cursor.end()
    lines = [f"{key}\t{value}" for key, value in sorted(found.items())]
    return Outcome([("prpt_name", "string"), ("prpt_value", "string")], lines=lines)


RUNNERS = {
    "show_tables": _tables,
    "show_views": lambda work, statement: _tables(work, statement, views=True),
    "show_columns": _columns,
    "describe": _describe,
    "show_tblproperties": _properties,
}
