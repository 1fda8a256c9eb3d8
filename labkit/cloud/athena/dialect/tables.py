"""Table names: WITH names, catalog tables, views, information_schema and ``t$partitions``."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import Any

from labkit.cloud.athena.dialect import literals
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.parse import parse_query, place
from labkit.cloud.athena.dialect.query import Query, translate_query
from labkit.cloud.athena.dialect.relations import Relation, derived
from labkit.cloud.athena.dialect.scope import Context, Field, Scan, Scope, Source, Typed, use
from labkit.cloud.athena.dialect.with_queries import translate_named
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import Type, duckdb, hive_type, parse_type

CATALOG = "awsdatacatalog"
_MAX_VIEWS = 32


def translate_table(ctx: Context, scope: Scope, node: Any) -> Relation:
    """The table a name in FROM stands for."""
    where = place(ctx.sql, node)
    name, database, catalog = _names(ctx, node, where)
    if not database and name in scope.ctes:
        named = scope.ctes[name]
        return derived(ctx, translate_named(ctx, scope, name, named, where), node, name, named.columns)
    database = database or ctx.database
    if catalog not in ("", CATALOG):
        raise QueryFailure("CATALOG_NOT_FOUND", f"Catalog '{catalog}' does not exist", where)
    label = node.alias.lower() or name
    wanted = {column: texts for (owner, column), texts in ctx.wanted.items() if owner in ("", label)}
    system = ctx.tables.system(database, name, wanted)
    if system is not None:
        return _rows(ctx, node, (CATALOG, database, name), *system)
    table = ctx.tables.find(database, name)
    if table is None:
        if database != "information_schema" and not ctx.tables.has_database(database):
            raise QueryFailure("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist", where, error_type=1301)
        text = f"Table '{CATALOG}.{database}.{name}' does not exist"
        raise QueryFailure("TABLE_NOT_FOUND", text, where, error_type=1006)
    if table.get("TableType") == "VIRTUAL_VIEW":
        return _view(ctx, node, database, name, table)
    return _scan(ctx, node, database, name, table)


def _names(ctx: Context, node: Any, where: tuple[int, int] | None) -> tuple[str, str, str]:
    if node.meta.get("dots"):
        raise QueryFailure("SYNTAX_ERROR", f"Too many dots in table name: {node.meta['dots']}", where)
    return node.name.lower(), node.db.lower(), node.catalog.lower()


def _scan(ctx: Context, node: Any, database: str, name: str, table: dict[str, Any]) -> Relation:
    alias = ctx.alias()
    columns = _types(table, table.get("StorageDescriptor", {}).get("Columns") or [])
    keys = _types(table, table.get("PartitionKeys") or [])
    scan = Scan(len(ctx.scans), database, table, columns, keys, alias)
    ctx.scans.append(scan)
    given = [column.name.lower() for column in (node.args["alias"].columns if node.args.get("alias") else [])]
    if given and len(given) != len(scan.fields):
        text = f"Column alias list has {len(given)} entries but '{node.alias}' has {len(scan.fields)} columns available"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, place(ctx.sql, node))
    qualifier = (node.alias.lower(),) if node.alias else (CATALOG, database, name)
    fields = []
    for index, (column, kind) in enumerate(scan.fields):
        sql = f"{alias}.c{index}"
        fields.append(
            Field(given[index] if given else column, Typed(sql, kind), qualifier, Source(scan, column, sql, True))
        )
    if not given and scan.table.get("StorageDescriptor"):
        for index, (column, kind) in enumerate(_hidden(scan), len(scan.fields)):
            sql = f"{alias}.c{index}"
            fields.append(Field(column, Typed(sql, kind), qualifier, Source(scan, column, sql, True), hidden=True))
    return Relation(f"{scan.view} AS {alias}", fields)


def _hidden(scan: Scan) -> list[tuple[str, Type]]:
    from labkit.cloud.athena.hidden import HIDDEN

    return [one for one in HIDDEN if one[0] != "$partition" or scan.partition_keys]


def _types(table: dict[str, Any], columns: list[dict[str, Any]]) -> list[tuple[str, Type]]:
    found = []
    for column in columns:
        written = column.get("Type") or "string"
        try:
            found.append((column["Name"].lower(), hive_type(written)))
        except ValueError:
            label = f"column {column['Name']} in table {table.get('DatabaseName')}.{table['Name']}"
            text = f"Invalid column type for {label}: Unsupported Hive type: {written}"
            raise QueryFailure("HIVE_INVALID_METADATA", text) from None
    return found


def _rows(
    ctx: Context, node: Any, names_: tuple[str, ...], columns: list[tuple[str, Type]], rows: list[list[str | None]]
) -> Relation:
    """A small table made of values (information_schema)."""
    # One JSON text instead of a VALUES list: DuckDB reads 20,000 rows of it ten times as fast.
    data = literals.text(json.dumps(rows, ensure_ascii=False))
    casts = ", ".join(f"CAST(r[{i + 1}] AS {duckdb(kind)}) AS c{i}" for i, (_, kind) in enumerate(columns))
    sql = f"SELECT {casts} FROM (SELECT unnest(from_json({data}, '[[\"VARCHAR\"]]')) AS r) AS {ctx.alias()}"
    fields = [Field(column, Typed(f"c{i}", kind)) for i, (column, kind) in enumerate(columns)]
    return derived(ctx, Query(sql, fields), node, names_[-1], qualifier=names_)


def _view(ctx: Context, node: Any, database: str, name: str, table: dict[str, Any]) -> Relation:
    """A view is its query, read with the database it was made in."""
    found = re.search(r"/\* Presto View: (\S+) \*/", table.get("ViewOriginalText") or "")
    if not found:
        raise not_supported(f"the Hive view {database}.{name}", place(ctx.sql, node))
    if ctx.view_depth >= _MAX_VIEWS:
        raise QueryFailure(
            "VIEW_IS_RECURSIVE", f"View '{CATALOG}.{database}.{name}' is recursive", place(ctx.sql, node)
        )
    try:
        stored = json.loads(base64.b64decode(found.group(1), validate=True))
        sql, home = str(stored["originalSql"]), stored.get("schema") or database
    except (ValueError, KeyError, TypeError):  # a text that CreateTable was given, no view that Athena made
        text = f"Invalid view JSON: {found.group(1)[:200]}"
        raise QueryFailure("HIVE_INVALID_VIEW_DATA", text, place(ctx.sql, node)) from None
    inner = replace(ctx, sql=sql, database=home, view_depth=ctx.view_depth + 1, wanted={}, in_try=False)
    try:
        query = translate_query(inner, Scope(), parse_query(sql))
    except QueryFailure as failure:
        text = f"Failed analyzing stored view '{CATALOG}.{database}.{name}': {failure.text}"
        raise QueryFailure(
            "INVALID_VIEW" if failure.name != "VIEW_IS_RECURSIVE" else failure.name, text, place(ctx.sql, node)
        ) from None
    ctx.used = inner.used
    made = _as_declared(ctx, query, stored, database, name, node)
    return derived(ctx, made, node, name, qualifier=(CATALOG, database, name))


def _as_declared(ctx: Context, query: Query, stored: dict[str, Any], database: str, name: str, node: Any) -> Query:
    """The view's columns in the types it was made with; a view that no longer fits its tables is stale."""
    declared = stored.get("columns") or []
    if len(declared) != len(query.columns):
        text = f"View '{CATALOG}.{database}.{name}' is stale or in invalid state: it must be re-created"
        raise QueryFailure("VIEW_IS_STALE", text, place(ctx.sql, node))
    kinds = [parse_type(column["type"]) for column in declared]
    same = all(duckdb(kind) == duckdb(one.typed.type) for kind, one in zip(kinds, query.columns, strict=False))
    columns = [
        Field(column["name"].lower(), Typed(one.typed.sql, kind), source=one.source)
        for column, kind, one in zip(declared, kinds, query.columns, strict=False)
    ]
    if same:
        return Query(query.sql, columns)
    alias, texts = ctx.alias(), []
    for index, (one, kind) in enumerate(zip(query.columns, kinds, strict=False)):
        use(one.source)
        texts.append(f"{cast(Typed(f'{alias}.c{index}', one.typed.type), kind, None).sql} AS c{index}")
    return Query(f"SELECT {', '.join(texts)} FROM ({query.sql}) AS {alias}", columns)
