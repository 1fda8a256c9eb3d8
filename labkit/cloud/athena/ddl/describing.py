"""SHOW TABLES, COLUMNS, CREATE TABLE; DESCRIBE."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import find_table, hive_pattern, refuse_view
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work


def _tables(work: Work, statement: Statement, views: bool = False) -> Outcome:
    cursor = Cursor(statement, 2)
    database = cursor.name() if cursor.accept("IN") or cursor.accept("FROM") else work.database
    wanted = hive_pattern(cursor)
    cursor.end()
    if work.catalog.find_database(database) is None:
        raise QueryFailure("", f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}")
    found = [one for one in work.catalog.list_tables(database) if not views or one.get("TableType") == "VIRTUAL_VIEW"]
    names = sorted(one["Name"] for one in found if wanted.fullmatch(one["Name"]))
    return Outcome([("views" if views else "tab_name", "string")], lines=names)


def _all_columns(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [*((table.get("StorageDescriptor") or {}).get("Columns") or []), *(table.get("PartitionKeys") or [])]


def _columns(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    if not cursor.accept("IN") and not cursor.accept("FROM"):
        raise cursor.failure()
    database, name = cursor.qualified(work.database)
    if cursor.accept("IN") or cursor.accept("FROM"):
        database = cursor.name()
    cursor.end()
    table = find_table(work, database, name)
    return Outcome([("field", "string")], lines=[f"{one['Name']:<20}" for one in _all_columns(table)])


def _line(column: dict[str, Any]) -> str:
    return f"{column['Name']:<20}\t{column.get('Type') or 'string':<20}\t{column.get('Comment') or '':<20}"


def _describe(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 1)
    extended = cursor.accept("EXTENDED") or cursor.accept("FORMATTED")
    database, name = cursor.qualified(work.database)
    if extended or cursor.peek() is not None:
        raise not_supported("DESCRIBE with more than a table's name")
    table = find_table(work, database, name)
    lines = [_line(one) for one in _all_columns(table)]
    keys = table.get("PartitionKeys") or []
    if keys:
        head = f"{'# col_name':<20}\t{'data_type':<20}\t{'comment':<20}"
        lines += ["\t \t ", "# Partition Information\t \t ", head, "\t \t ", *(_line(one) for one in keys)]
    return Outcome([("col_name", "string"), ("data_type", "string"), ("comment", "string")], lines=lines)


def _quoted(value: str) -> str:
    """A string as Hive's DDL writes it."""
    marks = {"\\": "\\\\", "'": "\\'", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return (
        "'" + "".join(marks.get(letter, letter if letter >= " " else f"\\u{ord(letter):04x}") for letter in value) + "'"
    )


def _pairs(values: dict[str, Any]) -> list[str]:
    lines = [f"  {_quoted(key)}={_quoted(str(value))}" for key, value in sorted(values.items())]
    return [line + ("," if index < len(lines) - 1 else ")") for index, line in enumerate(lines)]


def _listed(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for index, one in enumerate(found):
        comment = f" COMMENT {_quoted(one['Comment'])}" if one.get("Comment") else ""
        lines.append(
            f"  `{one['Name']}` {one.get('Type') or 'string'}{comment}" + (", " if index < len(found) - 1 else ")")
        )
    return lines


def _create_table(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 3)
    database, name = cursor.qualified(work.database)
    cursor.end()
    table = find_table(work, database, name)
    refuse_view(table, "SHOW CREATE TABLE")
    descriptor = table["StorageDescriptor"]
    lines = [f"CREATE EXTERNAL TABLE `{database}.{name}`(", *_listed(descriptor.get("Columns") or [])]
    if table.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_listed(table["PartitionKeys"])]
    serde = descriptor.get("SerdeInfo") or {}
    lines += ["ROW FORMAT SERDE ", f"  {_quoted(serde.get('SerializationLibrary') or '')} "]
    parameters = {key: value for key, value in (serde.get("Parameters") or {}).items() if key != "serialization.format"}
    if parameters:
        lines += ["WITH SERDEPROPERTIES ( ", *_pairs(parameters)]
    lines += ["STORED AS INPUTFORMAT ", f"  {_quoted(descriptor.get('InputFormat') or '')} "]
    lines += ["OUTPUTFORMAT ", f"  {_quoted(descriptor.get('OutputFormat') or '')}"]
    lines += ["LOCATION", f"  {_quoted(descriptor.get('Location') or '')}"]
    kept = {key: value for key, value in (table.get("Parameters") or {}).items() if key != "EXTERNAL"}
    lines += ["TBLPROPERTIES (", *_pairs(kept)] if kept else []
    return Outcome([("createtab_stmt", "string")], lines=lines)


def _properties(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
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
    "show_create_table": _create_table,
    "show_tblproperties": _properties,
}
