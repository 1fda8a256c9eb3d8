"""CREATE EXTERNAL TABLE, DROP TABLE, ALTER TABLE."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import ddl_error, find_table, properties, refuse_view
from labkit.cloud.athena.ddl.formats import FORMATS, LAZY, Format
from labkit.cloud.athena.ddl.partitions import add_partitions, drop_partitions
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.types import hive, parse_type
from labkit.cloud.athena.work import Outcome, Work

# What GetTable adds and a TableInput must not have.
_READ_ONLY = (
    "DatabaseName",
    "CreateTime",
    "UpdateTime",
    "CreatedBy",
    "IsRegisteredWithLakeFormation",
    "CatalogId",
    "VersionId",
    "IsMultiDialectView",
)


def table_input(table: dict[str, Any]) -> dict[str, Any]:
    """A table's document as UpdateTable takes it."""
    return {key: value for key, value in table.items() if key not in _READ_ONLY}


def columns(cursor: Cursor) -> list[dict[str, str]]:
    """``(name type [COMMENT '…'], …)``."""
    found: list[dict[str, str]] = []
    cursor.expect("(")
    while True:
        column = {"Name": cursor.name(), "Type": _type(cursor)}
        if cursor.accept("COMMENT"):
            column["Comment"] = cursor.string()
        if any(one["Name"] == column["Name"] for one in found):
            raise ddl_error(f"Duplicate column name: {column['Name']}")
        found.append(column)
        if cursor.accept(")"):
            return found
        cursor.expect(",")


def _type(cursor: Cursor) -> str:
    """A Hive type, spelled as the catalog keeps it."""
    text, depth = "", 0
    while True:
        token = cursor.peek()
        if token is None or (depth == 0 and text and token.text not in ("<", "(")):
            break
        if token.kind == "other":
            raise cursor.failure()
        text += {"backtick": token.name}.get(token.kind, token.text)
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(token.text, 0)
        cursor.take()
        if depth == 0 and token.text in (">", ")"):
            break
    text = text.lower()
    try:
        kind = parse_type(text)
    except ValueError:
        raise QueryFailure("", f"FAILED: ParseException: unknown column type {text}") from None
    if kind.name in ("json", "time", "timestamp with time zone", "unknown"):
        raise QueryFailure("", f"FAILED: ParseException: {text} is not a Hive type")
    return {"integer": "int", "real": "float"}.get(text, text) if not kind.items else hive(kind)


def _create(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 1)
    external = cursor.accept("EXTERNAL")
    cursor.expect("TABLE")
    quiet = cursor.accept("IF", "NOT", "EXISTS")
    database, name = cursor.qualified(work.database)
    if not external:
        raise not_supported("CREATE TABLE without EXTERNAL (Iceberg) and without AS")
    made = columns(cursor)
    table = _clauses(cursor, name, made)
    if work.catalog.find_database(database) is None:
        raise QueryFailure("", f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}")
    if work.catalog.find_table(database, name) is not None:
        if quiet:
            return Outcome(lines=[])
        raise ddl_error(f"AlreadyExistsException(message:Table {name} already exists.)")
    if not table["StorageDescriptor"].get("Location"):
        raise QueryFailure("", "FAILED: SemanticException: CREATE EXTERNAL TABLE needs a LOCATION")
    work.catalog.create_table(database, table)
    return Outcome(lines=[])


def _clauses(cursor: Cursor, name: str, made: list[dict[str, str]]) -> dict[str, Any]:
    stored, serde = FORMATS["TEXTFILE"], ""
    parameters: dict[str, str] = {}
    table: dict[str, Any] = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE"},
        "PartitionKeys": [],
    }
    location = ""
    while cursor.peek() is not None:
        if cursor.accept("COMMENT"):
            table["Parameters"]["comment"] = cursor.string()
        elif cursor.accept("PARTITIONED", "BY"):
            table["PartitionKeys"] = columns(cursor)
        elif cursor.at("CLUSTERED"):
            raise not_supported("CLUSTERED BY (buckets)")
        elif cursor.accept("ROW", "FORMAT"):
            serde, parameters = _row_format(cursor, parameters)
        elif cursor.accept("WITH", "SERDEPROPERTIES"):
            parameters = {**parameters, **properties(cursor)}
        elif cursor.accept("STORED", "AS"):
            stored = _stored(cursor)
        elif cursor.accept("LOCATION"):
            location = cursor.string()
        elif cursor.accept("TBLPROPERTIES"):
            table["Parameters"].update(properties(cursor))
        else:
            raise cursor.failure()
    if table["Parameters"].get("table_type", "").upper() == "ICEBERG":
        raise not_supported("Iceberg tables")
    doubled = {one["Name"] for one in made} & {one["Name"] for one in table["PartitionKeys"]}
    if doubled:
        raise QueryFailure(
            "",
            f"FAILED: SemanticException [Error 10035]: Column repeated in partitioning columns: {min(doubled)}",
        )
    parameters.setdefault("serialization.format", parameters.get("field.delim", "1"))
    table["StorageDescriptor"] = descriptor(
        made, location, Format(stored.input, stored.output, serde or stored.serde), parameters
    )
    return table


def descriptor(made: list[dict[str, str]], location: str, stored: Format, parameters: dict[str, str]) -> dict[str, Any]:
    """A StorageDescriptor as Athena writes it."""
    return {
        "Columns": made, "Location": location, "InputFormat": stored.input, "OutputFormat": stored.output, "Compressed": False,
        "NumberOfBuckets": -1, "SerdeInfo": {"SerializationLibrary": stored.serde, "Parameters": parameters},
        "BucketColumns": [], "SortColumns": [], "Parameters": {}, "StoredAsSubDirectories": False,
    }  # fmt: skip


def _row_format(cursor: Cursor, parameters: dict[str, str]) -> tuple[str, dict[str, str]]:
    if cursor.accept("SERDE"):
        library = cursor.string()
        extra = properties(cursor) if cursor.accept("WITH", "SERDEPROPERTIES") else {}
        return library, {**parameters, **extra}
    cursor.expect("DELIMITED")
    found = dict(parameters)
    clauses = [
        (("FIELDS", "TERMINATED", "BY"), "field.delim"), (("ESCAPED", "BY"), "escape.delim"),
        (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "collection.delim"), (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
        (("LINES", "TERMINATED", "BY"), "line.delim"), (("NULL", "DEFINED", "AS"), "serialization.null.format"),
    ]  # fmt: skip
    while True:
        chosen = next((key for words, key in clauses if cursor.accept(*words)), None)
        if chosen is None:
            return LAZY, found
        found[chosen] = cursor.string()
        if chosen == "line.delim" and found[chosen] != "\n":
            raise not_supported("LINES TERMINATED BY anything but newline")


def _stored(cursor: Cursor) -> Format:
    if cursor.accept("INPUTFORMAT"):
        source = cursor.string()
        cursor.expect("OUTPUTFORMAT")
        target = cursor.string()
        known = next((one for one in FORMATS.values() if one.input == source), None)
        return Format(source, target, known.serde if known else LAZY)
    word = cursor.take().word
    if word not in FORMATS:
        raise not_supported(f"STORED AS {word}")
    return FORMATS[word]


def _drop(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    quiet = cursor.accept("IF", "EXISTS")
    database, name = cursor.qualified(work.database)
    cursor.accept("PURGE")
    cursor.end()
    if quiet and (work.catalog.find_database(database) is None or work.catalog.find_table(database, name) is None):
        return Outcome(lines=[])
    refuse_view(find_table(work, database, name), "DROP TABLE")
    work.catalog.delete_table(database, name)
    return Outcome(lines=[])


def _alter(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    database, name = cursor.qualified(work.database)
    table = find_table(work, database, name)
    refuse_view(table, "ALTER TABLE")
    if cursor.accept("ADD"):
        if cursor.accept("COLUMNS"):
            return _columns(work, cursor, database, table, keep=True)
        return add_partitions(work, cursor, database, table)
    if cursor.accept("DROP"):
        return drop_partitions(work, cursor, database, table)
    if cursor.accept("REPLACE", "COLUMNS"):
        return _columns(work, cursor, database, table, keep=False)
    if cursor.accept("SET", "TBLPROPERTIES"):
        table["Parameters"] = {**(table.get("Parameters") or {}), **properties(cursor)}
    elif cursor.accept("SET", "LOCATION"):
        table["StorageDescriptor"] = {**table["StorageDescriptor"], "Location": cursor.string()}
    else:
        token = cursor.peek()
        raise not_supported(f"ALTER TABLE … {token.text if token else ''}")
    cursor.end()
    work.catalog.update_table(database, table_input(table))
    return Outcome(lines=[])


def _columns(work: Work, cursor: Cursor, database: str, table: dict[str, Any], keep: bool) -> Outcome:
    made = columns(cursor)
    cursor.end()
    known = table["StorageDescriptor"]["Columns"] if keep else []
    taken = {one["Name"] for one in [*known, *(table.get("PartitionKeys") or [])]}
    again = next((one["Name"] for one in made if one["Name"] in taken), None)
    if again is not None:
        raise ddl_error(f"Duplicate column name: {again}")
    table["StorageDescriptor"] = {**table["StorageDescriptor"], "Columns": [*known, *made]}
    work.catalog.update_table(database, table_input(table))
    return Outcome(lines=[])


RUNNERS = {"create_table": _create, "drop_table": _drop, "alter_table": _alter}
