"""SHOW CREATE TABLE: a text that CREATE EXTERNAL TABLE accepts again."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import find_table
from labkit.cloud.athena.ddl.describing import shown_columns
from labkit.cloud.athena.ddl.formats import LAZY
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work

_CLAUSES = {
    "field.delim": "FIELDS TERMINATED BY", "escape.delim": "ESCAPED BY", "colelction.delim": "COLLECTION ITEMS TERMINATED BY",
    "mapkey.delim": "MAP KEYS TERMINATED BY", "line.delim": "LINES TERMINATED BY", "serialization.null.format": "NULL DEFINED AS",
}  # fmt: skip


def quoted(value: str) -> str:
    """A string as Hive's DDL writes it."""
    marks = {"\\": "\\\\", "'": "\\'", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b"}
    return "'" + "".join(marks.get(one, one if one >= " " else f"\\u{ord(one):04x}") for one in value) + "'"


def _pairs(values: dict[str, Any]) -> list[str]:
    lines = [f"  {quoted(key)}={quoted(str(value))}" for key, value in sorted(values.items())]
    return [line + (", " if index < len(lines) - 1 else ")") for index, line in enumerate(lines)]


def _listed(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for index, one in enumerate(found):
        comment = f" COMMENT {quoted(one['Comment'])}" if one.get("Comment") else ""
        ending = ", " if index < len(found) - 1 else ")"
        lines.append(f"  `{one['Name'].replace('`', '``')}` {one.get('Type') or 'string'}{comment}{ending}")
    return lines


def _row_format(serde: dict[str, Any]) -> list[str]:
    """DELIMITED when its clauses say everything, else the SerDe with its properties."""
    library, parameters = serde.get("SerializationLibrary") or "", dict(serde.get("Parameters") or {})
    format_ = parameters.pop("serialization.format", None)
    usual = format_ in (None, "1", parameters.get("field.delim"))
    if library == LAZY and "field.delim" in parameters and usual and set(parameters) <= set(_CLAUSES):
        lines = ["ROW FORMAT DELIMITED "]
        lines += [f"  {words} {quoted(str(parameters[key]))} " for key, words in _CLAUSES.items() if key in parameters]
        return lines
    lines = ["ROW FORMAT SERDE ", f"  {quoted(library)} "]
    if not usual:
        parameters["serialization.format"] = format_
    return lines + (["WITH SERDEPROPERTIES ( ", *_pairs(parameters)] if parameters else [])


def _show(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 3, "show statement")
    database, name = cursor.qualified(work.database)
    cursor.end()
    table = find_table(work, database, name)
    if table.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailure("", f"FAILED: SemanticException {database}.{name} is a view. Use SHOW CREATE VIEW.")
    storage = table["StorageDescriptor"]
    found = shown_columns(table)
    head = f"CREATE EXTERNAL TABLE `{database}.{name}`("
    lines = [head, *_listed(found)] if found else [head + ")"]
    kept = {key: value for key, value in (table.get("Parameters") or {}).items() if key.upper() != "EXTERNAL"}
    comment = kept.pop("comment", None)
    lines += [f"COMMENT {quoted(str(comment))}"] if comment is not None else []
    if table.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_listed(table["PartitionKeys"])]
    if storage.get("BucketColumns"):
        names = [
            f"  {one}" + (", " if one != storage["BucketColumns"][-1] else ") ") for one in storage["BucketColumns"]
        ]
        lines += ["CLUSTERED BY ( ", *names, f"INTO {storage.get('NumberOfBuckets')} BUCKETS"]
    lines += _row_format(storage.get("SerdeInfo") or {})
    lines += ["STORED AS INPUTFORMAT ", f"  {quoted(storage.get('InputFormat') or '')} "]
    lines += ["OUTPUTFORMAT ", f"  {quoted(storage.get('OutputFormat') or '')}"]
    lines += ["LOCATION", f"  {quoted(storage.get('Location') or '')}"]
    lines += ["TBLPROPERTIES (", *_pairs(kept)] if kept else []
    return Outcome([("createtab_stmt", "string")], lines=lines)


RUNNERS = {"show_create_table": _show}
