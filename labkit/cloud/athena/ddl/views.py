"""CREATE VIEW, DROP VIEW, SHOW CREATE VIEW: kept in the catalog as Athena keeps them."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from labkit.cloud.athena.catalogue import CatalogTables
from labkit.cloud.athena.ddl.columns import table_input
from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import find_table
from labkit.cloud.athena.dialect.parse import parse_query
from labkit.cloud.athena.dialect.query import translate_query
from labkit.cloud.athena.dialect.scope import Context, Scope
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.types import hive, show
from labkit.cloud.athena.work import Outcome, Work


def _create(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 1, "create view statement", hive=False)
    replace = cursor.accept("OR", "REPLACE")
    cursor.expect("VIEW")
    database, name = cursor.qualified(work.database)
    cursor.expect("AS")
    padded = cursor.rest()
    ctx = Context(padded, work.database, CatalogTables(work.catalog), work.now)
    query = translate_query(ctx, Scope(), parse_query(padded))
    names = [one.name for one in query.columns]
    for index, one in enumerate(query.columns):
        if not one.named:
            raise QueryFailure("MISSING_COLUMN_NAME", f"line 1:1: Column name not specified at position {index + 1}")
        if one.typed.type.name == "unknown":
            raise QueryFailure("COLUMN_TYPE_UNKNOWN", f"line 1:1: Column type is unknown at position {index + 1}")
    doubled = next((one for one in names if names.count(one) > 1), None)
    if doubled is not None:
        raise QueryFailure("DUPLICATE_COLUMN_NAME", f"Column name '{doubled}' specified more than once")
    if work.catalog.find_database(database) is None:
        raise QueryFailure("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist")
    document = _document(work, name, padded.strip(), query.columns)
    known = work.catalog.find_table(database, name)
    if known is None:
        work.catalog.create_table(database, document)
    elif known.get("TableType") != "VIRTUAL_VIEW":
        raise QueryFailure("ALREADY_EXISTS", f"Table already exists: 'awsdatacatalog.{database}.{name}'")
    elif not replace:
        raise QueryFailure("ALREADY_EXISTS", f"View already exists: 'awsdatacatalog.{database}.{name}'")
    else:
        work.catalog.update_table(database, table_input(document))
    return Outcome(lines=[])


def _document(work: Work, name: str, sql: str, columns: list[Any]) -> dict[str, Any]:
    stored = {
        "originalSql": sql, "catalog": "awsdatacatalog", "schema": work.database,
        "columns": [{"name": one.name, "type": show(one.typed.type)} for one in columns],
    }  # fmt: skip
    text = base64.b64encode(json.dumps(stored).encode()).decode()
    return {
        "Name": name, "TableType": "VIRTUAL_VIEW", "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "ViewOriginalText": f"/* Presto View: {text} */", "ViewExpandedText": "/* Presto View */", "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": one.name, "Type": hive(one.typed.type)} for one in columns], "Location": "", "SerdeInfo": {},
            "NumberOfBuckets": 0, "Compressed": False, "StoredAsSubDirectories": False,
        },
    }  # fmt: skip


def _drop(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "drop view statement", hive=False)
    quiet = cursor.accept("IF", "EXISTS")
    database, name = cursor.qualified(work.database)
    cursor.end()
    known = work.catalog.find_table(database, name) if work.catalog.find_database(database) else None
    if known is None and quiet:
        return Outcome(lines=[])
    if known is None:
        raise QueryFailure("TABLE_NOT_FOUND", f"View 'awsdatacatalog.{database}.{name}' does not exist")
    if known.get("TableType") != "VIRTUAL_VIEW":
        raise QueryFailure(
            "TABLE_NOT_FOUND", f"'awsdatacatalog.{database}.{name}' is a table, not a view. Use DROP TABLE."
        )
    work.catalog.delete_table(database, name)
    return Outcome(lines=[])


def _show(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 3, "show statement", hive=False)
    database, name = cursor.qualified(work.database)
    cursor.end()
    found = re.search(r"Presto View: (\S+) \*/", find_table(work, database, name).get("ViewOriginalText") or "")
    if not found:
        raise QueryFailure("", f"'{database}.{name}' is not a view")
    sql = json.loads(base64.b64decode(found.group(1)))["originalSql"]
    return Outcome([("Create View", "varchar")], lines=[f"CREATE VIEW {database}.{name} AS", *sql.split("\n")])


RUNNERS = {"create_view": _create, "drop_view": _drop, "show_create_view": _show}
