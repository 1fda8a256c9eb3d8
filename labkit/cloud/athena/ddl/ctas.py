"""CREATE TABLE AS and UNLOAD: new data from a query."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.create import descriptor
from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.formats import FORMATS, HCATALOG, Format
from labkit.cloud.athena.ddl.insert import add_partitions
from labkit.cloud.athena.ddl.properties import codec_of, create_properties, format_of, unload_properties
from labkit.cloud.athena.ddl.writing import Target, Written, check_empty, check_keys, materialize, write
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.locations import split_location
from labkit.cloud.athena.readers.hive_text import options_of
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.types import Type, hive, show
from labkit.cloud.athena.work import Outcome, Work

# Athena's sentence.
_ENFORCED = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property to an Athena Workgroup "
    "that enforces a centralized output location for all queries. Please remove the 'external_location' property and resubmit the query."
)


def _target(options: dict[str, Any], columns: list[tuple[str, Type]], location: str) -> Target:
    chosen = format_of(options)
    keys = options.get("partitioned_by") or []
    if not isinstance(keys, list):
        raise QueryFailure("INVALID_TABLE_PROPERTY", "partitioned_by needs an array: partitioned_by = ARRAY['column']")
    keys = [name.lower() for name in keys]
    check_keys(columns, keys)
    bucket, prefix = split_location(location)
    delimiter = str(options.get("field_delimiter", "\x01"))
    parameters = {"field.delim": delimiter} if chosen == "TEXTFILE" else {}
    return Target(
        f"s3://{bucket}/{prefix}", chosen, columns, len(keys), codec_of(options, chosen), options_of(parameters)
    )


def _create_table_as(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, hive=False)
    quiet = cursor.accept("IF", "NOT", "EXISTS")
    database, name = cursor.qualified(work.database)
    if cursor.accept("COMMENT"):
        raise not_supported("COMMENT in CREATE TABLE AS")
    options = create_properties(cursor) if cursor.accept("WITH") else {}
    cursor.expect("AS")
    if work.enforced_output and "external_location" in options:
        raise QueryFailure("", _ENFORCED)
    location = str(options.get("external_location") or work.output_location.rstrip("/") + "/")
    hint = (
        f"You may need to manually clean the data at location '{work.output_location}' before retrying. "
        "Athena will not delete data in your account."
    )
    if work.catalog.find_database(database) is None:
        raise QueryFailure("", f"Database {database} not found. Please check your query. {hint}", error_type=1301)
    if work.catalog.find_table(database, name) is not None:
        if quiet:
            return Outcome(update_count=0)
        text = f"line 1:1: Destination table 'awsdatacatalog.{database}.{name}' already exists"
        raise QueryFailure("TABLE_ALREADY_EXISTS", text)
    try:
        return _filled(work, cursor, database, name, options, location)
    except QueryFailure as failure:
        if failure.name:
            failure.text = _sentence(failure.text) + hint
        raise


def _sentence(text: str) -> str:
    return text + (" " if text.endswith(".") else ". ")


def _filled(work: Work, cursor: Cursor, database: str, name: str, options: dict[str, Any], location: str) -> Outcome:
    check_empty(work, location, f"table '{database}.{name}'")
    sql, with_data = _without_data(cursor.rest())
    columns, scanned = materialize(work, sql if with_data else f"SELECT * FROM ({sql}) LIMIT 0")
    _check_columns(columns)
    target = _target(options, columns, location)
    written = write(work, target) if with_data else Written(0, [], [])
    table = _table(work, name, target)
    work.catalog.create_table(database, table)
    add_partitions(work, database, {**table, "DatabaseName": database}, written.partitions)
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
        if not name or name == f"_col{index}":
            raise QueryFailure("MISSING_COLUMN_NAME", f"line 1:1: Column name not specified at position {index + 1}")
        if kind.name == "unknown":
            raise QueryFailure("COLUMN_TYPE_UNKNOWN", f"line 1:1: Column type is unknown at position {index + 1}")
        if names.count(name) > 1:
            raise QueryFailure("DUPLICATE_COLUMN_NAME", f"line 1:1: Column name '{name}' specified more than once")
        _check_storable(kind)
        _check_precision(name, kind)


def _check_precision(name: str, kind: Type) -> None:
    """A Hive table's timestamps have milliseconds; Athena does not round others by itself."""
    if kind.name == "timestamp" and kind.params:
        text = f"Incorrect timestamp precision for {show(kind)}; the configured precision is MILLISECONDS; column name: {name}"
        raise QueryFailure("NOT_SUPPORTED", text)
    for item in kind.items:
        _check_precision(name, item)


_STORABLE = (
    "boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "varchar", "char", "varbinary", "date",
    "timestamp", "array", "map", "row",
)  # fmt: skip


def _check_storable(kind: Type) -> None:
    if kind.name not in _STORABLE:
        raise QueryFailure("NOT_SUPPORTED", f"Unsupported Hive type: {show(kind)}")
    if kind.name == "row" and not all(kind.fields):
        raise QueryFailure(
            "NOT_SUPPORTED", f"Anonymous row type is not supported in Hive. Please give each field a name: {show(kind)}"
        )
    for item in kind.items:
        _check_storable(item)


def _table(work: Work, name: str, target: Target) -> dict[str, Any]:
    width = len(target.columns) - target.keys
    listed = [{"Name": one, "Type": hive(kind)} for one, kind in target.columns]
    parameters = {"serialization.format": "1"}
    classification = {"TEXTFILE": "csv"}.get(target.format, target.format.lower())
    if target.format == "TEXTFILE":
        delimiter = target.options.separators[0]
        parameters = {"field.delim": delimiter, "serialization.format": delimiter}
    stored = FORMATS[target.format]
    if target.format == "JSON":
        stored = Format(stored.input, stored.output, HCATALOG)
    return {
        "Name": name, "TableType": "EXTERNAL_TABLE", "PartitionKeys": listed[width:],
        "Parameters": {
            "EXTERNAL": "TRUE", "has_encrypted_data": "false", "classification": classification,
            "transient_lastDdlTime": str(int(work.now.timestamp())),
        },
        "StorageDescriptor": descriptor(listed[:width], target.location, stored, parameters),
    }  # fmt: skip


def _unload(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 1, hive=False)
    cursor.expect("(")
    depth, start = 1, cursor.peek()
    while depth:
        depth += {"(": 1, ")": -1}.get(cursor.take().text, 0)
    close = cursor.peek(-1)
    if start is None or close is None:
        raise cursor.failure()
    blank = "".join(letter if letter == "\n" else " " for letter in work.sql[: start.start])
    sql = blank + work.sql[start.start : close.start]
    cursor.expect("TO")
    location = cursor.string()
    options = unload_properties(cursor) if cursor.accept("WITH") else {}
    cursor.end()
    if "format" not in options:
        raise QueryFailure("INVALID_TABLE_PROPERTY", "UNLOAD requires the property 'format'")
    check_empty(work, location, "UNLOAD")
    columns, scanned = materialize(work, sql)
    for _, kind in columns:
        _check_storable(kind)
    written = write(work, _target(options, columns, location))
    return Outcome(rows=written.rows, update_count=None, scanned_bytes=scanned, manifest=written.files)


RUNNERS = {"create_table_as": _create_table_as, "unload": _unload}
