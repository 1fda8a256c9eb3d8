"""CREATE TABLE AS, INSERT INTO, UNLOAD: queries whose rows become files."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.coercion import can_coerce
from labkit.cloud.athena.ddl.create import descriptor
from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import find_table, refuse_view
from labkit.cloud.athena.ddl.files import rows_of, write_json, write_parquet, write_text
from labkit.cloud.athena.ddl.formats import FORMATS, LAZY, PARQUET
from labkit.cloud.athena.ddl.partition_values import HIVE_NULL, partition_path
from labkit.cloud.athena.ddl.partitions import partition_input, register
from labkit.cloud.athena.ddl.properties import table_properties
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.locations import list_objects, split_location
from labkit.cloud.athena.querying import execute, plan
from labkit.cloud.athena.readers.hive_text import separator
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.types import Type, duckdb, hive, parse_type, show
from labkit.cloud.athena.work import Outcome, Work

# Athena's limit of open writers in one query.
_MAX_PARTITIONS = 100


@dataclass(frozen=True)
class Target:
    """Where rows go: ``columns`` in order, the last ``keys`` of them being partition keys."""

    location: str
    format: str
    columns: list[tuple[str, Type]]
    keys: int
    codec: str
    delimiter: str = "\x01"


@dataclass(frozen=True)
class Written:
    """Row count, files, and the partitions that got some."""

    rows: int
    files: list[str]
    partitions: list[list[str]]


def _materialize(work: Work, sql: str, target: list[Type] | None = None) -> tuple[list[tuple[str, Type]], int]:
    """Run the query into a table ``written`` (columns c0, c1, …); its columns and the bytes scanned."""
    planned = plan(work, sql)
    kinds = target or [kind for _, kind in planned.columns]
    if target is not None and len(target) != len(planned.columns):
        given, wanted = _kinds([kind for _, kind in planned.columns]), _kinds(target)
        raise QueryFailure(
            "TYPE_MISMATCH", f"Insert query has mismatched column types: Table: [{wanted}], Query: [{given}]"
        )
    if target is not None and not all(
        can_coerce(kind, wanted) or _same_family(kind, wanted)
        for (_, kind), wanted in zip(planned.columns, target, strict=False)
    ):
        given, wanted_text = _kinds([kind for _, kind in planned.columns]), _kinds(target)
        raise QueryFailure(
            "TYPE_MISMATCH", f"Insert query has mismatched column types: Table: [{wanted_text}], Query: [{given}]"
        )
    casts = ", ".join(
        f"{cast(Typed(f'q.c{i}', kind), kinds[i], None).sql} AS c{i}" for i, (_, kind) in enumerate(planned.columns)
    )
    execute(work, f"CREATE TEMP TABLE written AS SELECT {casts} FROM ({planned.sql}) AS q")
    return [(name, kinds[index]) for index, (name, _) in enumerate(planned.columns)], planned.scanned_bytes


def _same_family(kind: Type, wanted: Type) -> bool:
    return kind.name == wanted.name and kind.name in ("varchar", "decimal", "row", "array", "map")


def _kinds(kinds: list[Type]) -> str:
    return ", ".join(show(kind) for kind in kinds)


def write(work: Work, target: Target) -> Written:
    """The table ``written`` into files under the target, one a partition."""
    width = len(target.columns) - target.keys
    groups = _groups(work, target, width)
    count = execute(work, "SELECT count(*) FROM written").fetchone()[0]
    files = []
    for number, (values, where) in enumerate(groups):
        names = [name for name, _ in target.columns[width:]]
        folder = partition_path(names, values) + "/" if values else ""
        files.append(
            _write_file(
                work, target, width, f"(SELECT * FROM written WHERE {where})", f"{target.location}{folder}", number
            )
        )
    return Written(int(count), files, [values for values, _ in groups if values])


def _groups(work: Work, target: Target, width: int) -> list[tuple[list[str], str]]:
    """Each partition's values and the condition that picks its rows."""
    if not target.keys:
        return [([], "true")]
    keys = [f"c{index}" for index in range(width, len(target.columns))]
    texts = [f"CAST({key} AS VARCHAR)" for key in keys]
    found = execute(work, f"SELECT DISTINCT {', '.join(texts)} FROM written ORDER BY ALL").fetchall()
    if len(found) > _MAX_PARTITIONS:
        raise QueryFailure(
            "HIVE_TOO_MANY_OPEN_PARTITIONS", f"Exceeded limit of {_MAX_PARTITIONS} open writers for partitions/buckets."
        )
    from labkit.cloud.athena.dialect.literals import text

    groups = []
    for row in found:
        tests = [
            f"{key} IS NULL" if value is None else f"{key} = {text(value)}"
            for key, value in zip(texts, row, strict=False)
        ]
        groups.append(([HIVE_NULL if value in (None, "") else value for value in row], " AND ".join(tests)))
    return groups


def _write_file(work: Work, target: Target, width: int, source: str, folder: str, number: int) -> str:
    name = f"{work.now:%Y%m%d_%H%M%S}_{number:05d}_{uuid.uuid4().hex[:5]}_{uuid.uuid4()}"
    path = work.scratch / f"out-{number}"
    columns = target.columns[:width]
    if target.format == "PARQUET":
        write_parquet(work, path, source, columns, target.codec)
    elif target.format == "JSON":
        write_json(path, rows_of(work, source, width), [one for one, _ in columns], target.codec)
    else:
        write_text(path, rows_of(work, source, width), [kind for _, kind in columns], target.delimiter, target.codec)
    if target.format != "PARQUET" and target.codec.upper() == "GZIP":
        name += ".gz"
    bucket, prefix = split_location(folder)
    work.store.put(bucket, prefix + name, path, "application/octet-stream")
    return f"s3://{bucket}/{prefix}{name}"


def _target(options: dict[str, Any], columns: list[tuple[str, Type]], location: str) -> Target:
    chosen = str(options.get("format", "PARQUET")).upper()
    chosen = {"JSONFILE": "JSON", "CSV": "TEXTFILE", "TSV": "TEXTFILE"}.get(chosen, chosen)
    if chosen not in ("PARQUET", "TEXTFILE", "JSON"):
        raise not_supported(f"writing the format {chosen}")
    codec = (
        options.get("write_compression") or options.get("parquet_compression") or options.get("compression") or "GZIP"
    )
    keys = [name.lower() for name in options.get("partitioned_by") or []]
    if [name for name, _ in columns][len(columns) - len(keys) :] != keys:
        text = f"Partition keys must be the last columns in the table and in the same order as the table properties: {keys}"
        raise QueryFailure("HIVE_COLUMN_ORDER_MISMATCH", text)
    if keys and len(keys) == len(columns):
        raise QueryFailure("HIVE_INVALID_TABLE", "Table contains only partition columns")
    bucket, prefix = split_location(location)
    delimiter = separator(str(options.get("field_delimiter", "\x01")))
    return Target(f"s3://{bucket}/{prefix}", chosen, columns, len(keys), str(codec), delimiter)


def _check_empty(work: Work, location: str, what: str) -> None:
    bucket, prefix = split_location(location)
    if list_objects(work.store, bucket, prefix):
        raise QueryFailure(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for {what} already exists: {location}. "
            "You may need to manually clean the data at this location before retrying.",
        )  # Athena's sentence


def _create_table_as(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    quiet = cursor.accept("IF", "NOT", "EXISTS")
    database, name = cursor.qualified(work.database)
    if cursor.accept("COMMENT"):
        cursor.string()
    options = table_properties(cursor) if cursor.accept("WITH") else {}
    cursor.expect("AS")
    if work.catalog.find_database(database) is None:
        raise QueryFailure("SCHEMA_NOT_FOUND", f"Schema {database} not found")
    if work.catalog.find_table(database, name) is not None:
        if quiet:
            return Outcome(update_count=0)
        raise QueryFailure(
            "TABLE_ALREADY_EXISTS", f"line 1:1: Destination table 'awsdatacatalog.{database}.{name}' already exists"
        )
    location = str(options.get("external_location") or work.output_location.rstrip("/") + "/")
    _check_empty(work, location, f"table '{database}.{name}'")
    sql, with_data = _without_data(cursor.rest())
    columns, scanned = _materialize(work, sql if with_data else f"SELECT * FROM ({sql}) LIMIT 0")
    _check_columns(columns)
    target = _target(options, columns, location)
    written = write(work, target) if with_data else Written(0, [], [])
    table = _table(name, target)
    work.catalog.create_table(database, table)
    _add_partitions(work, database, {**table, "DatabaseName": database}, written.partitions)
    return Outcome(update_count=written.rows, rows=written.rows, scanned_bytes=scanned, manifest=written.files)


def _without_data(sql: str) -> tuple[str, bool]:
    words = sql.split()
    ending = " ".join(words[-3:]).upper()
    if ending == "WITH NO DATA":
        return sql[: sql.upper().rindex("WITH")], False
    if " ".join(words[-2:]).upper() == "WITH DATA":
        return sql[: sql.upper().rindex("WITH")], True
    return sql, True


def _check_columns(columns: list[tuple[str, Type]]) -> None:
    names = [name for name, _ in columns]
    for index, (name, kind) in enumerate(columns):
        if kind.name == "unknown":
            raise QueryFailure("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {name}")
        if name.startswith("_col") and name == f"_col{index}":
            raise QueryFailure("MISSING_COLUMN_NAME", f"Column name not specified at position {index + 1}")
        if names.count(name) > 1:
            raise QueryFailure("DUPLICATE_COLUMN_NAME", f"Column name '{name}' specified more than once")
        if kind.name in ("json", "time", "timestamp with time zone") or kind.name.startswith("interval"):
            raise QueryFailure("NOT_SUPPORTED", f"Unsupported Hive type: {show(kind)}")


def _table(name: str, target: Target) -> dict[str, Any]:
    width = len(target.columns) - target.keys
    listed = [{"Name": one, "Type": hive(kind)} for one, kind in target.columns]
    parameters = {"serialization.format": "1"}
    classification = {"TEXTFILE": "csv"}.get(target.format, target.format.lower())
    if target.format == "TEXTFILE":
        parameters = {"field.delim": target.delimiter, "serialization.format": target.delimiter}
    return {
        "Name": name, "TableType": "EXTERNAL_TABLE", "PartitionKeys": listed[width:],
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false", "classification": classification},
        "StorageDescriptor": descriptor(listed[:width], target.location, FORMATS[target.format], parameters),
    }  # fmt: skip


def _add_partitions(work: Work, database: str, table: dict[str, Any], partitions: list[list[str]]) -> None:
    keys = [key["Name"] for key in table["PartitionKeys"]]
    known = {tuple(one["Values"]) for one in work.catalog.list_partitions(database, table["Name"])} if keys else set()
    base = table["StorageDescriptor"]["Location"].rstrip("/")
    new = [values for values in partitions if tuple(values) not in known]
    register(
        work,
        database,
        table["Name"],
        [partition_input(table, values, f"{base}/{partition_path(keys, values)}/") for values in new],
    )


def _insert(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    database, name = cursor.qualified(work.database)
    table = find_table(work, database, name)
    refuse_view(table, "INSERT")
    listed = [*table["StorageDescriptor"]["Columns"], *(table.get("PartitionKeys") or [])]
    columns = [(one["Name"].lower(), parse_type(one.get("Type") or "string")) for one in listed]
    given = _given(cursor, columns)
    sql = cursor.rest()
    kinds = dict(columns)
    _, scanned = _materialize(work, sql, [kinds[one] for one in given])
    if given != [one for one, _ in columns]:
        order = ", ".join(
            f"c{given.index(one)} AS c{i}" if one in given else f"CAST(NULL AS {duckdb(kind)}) AS c{i}"
            for i, (one, kind) in enumerate(columns)
        )
        execute(work, f"CREATE TEMP TABLE ordered AS SELECT {order} FROM written")
        execute(work, "DROP TABLE written")
        execute(work, "ALTER TABLE ordered RENAME TO written")
    written = write(work, _insert_target(table, columns))
    _add_partitions(work, database, table, written.partitions)
    return Outcome(update_count=written.rows, rows=written.rows, scanned_bytes=scanned, manifest=written.files)


def _given(cursor: Cursor, columns: list[tuple[str, Type]]) -> list[str]:
    """The columns an INSERT names, or all of them."""
    following = cursor.peek(1)
    if not cursor.at("(") or (following is not None and following.word in ("SELECT", "WITH", "VALUES")):
        return [name for name, _ in columns]
    cursor.expect("(")
    given = [cursor.name()]
    while not cursor.accept(")"):
        cursor.expect(",")
        given.append(cursor.name())
    unknown = next((one for one in given if one not in dict(columns)), None)
    if unknown is not None:
        raise QueryFailure("COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {unknown}")
    return given


def _insert_target(table: dict[str, Any], columns: list[tuple[str, Type]]) -> Target:
    storage = table["StorageDescriptor"]
    serde = storage.get("SerdeInfo") or {}
    library, parameters = serde.get("SerializationLibrary") or "", serde.get("Parameters") or {}
    kinds = {LAZY: "TEXTFILE", PARQUET: "PARQUET"}
    chosen = kinds.get(library) or ("JSON" if library.endswith("JsonSerDe") else None)
    if chosen is None:
        raise not_supported(f"INSERT INTO a table with the SerDe {library}")
    if int((table.get("Parameters") or {}).get("skip.header.line.count") or 0):
        raise not_supported("INSERT INTO a table with skip.header.line.count")
    bucket, prefix = split_location(storage["Location"])
    delimiter = separator(parameters.get("field.delim") or "\x01")
    return Target(
        f"s3://{bucket}/{prefix}",
        chosen,
        columns,
        len(table.get("PartitionKeys") or []),
        "SNAPPY" if chosen == "PARQUET" else "GZIP",
        delimiter,
    )


def _unload(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 1)
    cursor.expect("(")
    depth, start = 1, cursor.peek()
    while depth:
        depth += {"(": 1, ")": -1}.get(cursor.take().text, 0)
    close = cursor.peek(-1)
    if start is None or close is None:
        raise cursor.failure()
    sql = " " * start.start + work.sql[start.start : close.start]
    cursor.expect("TO")
    location = cursor.string()
    options = table_properties(cursor) if cursor.accept("WITH") else {}
    cursor.end()
    if "format" not in options:
        raise QueryFailure("INVALID_TABLE_PROPERTY", "UNLOAD needs WITH (format = …)")
    _check_empty(work, location, "UNLOAD")
    columns, scanned = _materialize(work, sql)
    written = write(work, _target({"field_delimiter": ",", **options}, columns, location))
    return Outcome(rows=written.rows, update_count=None, scanned_bytes=scanned, manifest=written.files)


RUNNERS = {"create_table_as": _create_table_as, "insert": _insert, "unload": _unload}
