"""CREATE EXTERNAL TABLE."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.athena.ddl.columns import columns
from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import ddl_error, no_database, properties, s3_location
from labkit.cloud.athena.ddl.formats import LAZY, SERDES, STORED_AS, Format
from labkit.cloud.athena.denials import PERMISSION, s3_denied
from labkit.cloud.athena.errors import MalformedQuery, QueryFailure, not_supported
from labkit.cloud.athena.locations import no_such_bucket, split_location
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work
from labkit.cloud.call import AwsError


@dataclass
class Definition:
    """What a CREATE TABLE says."""

    external: bool
    quiet: bool
    name: tuple[str, str]
    columns: list[dict[str, str]] = field(default_factory=list)
    keys: list[dict[str, str]] = field(default_factory=list)
    buckets: tuple[list[str], int] = ((), -1)  # type: ignore[assignment]  # an empty list of column names
    format: Format = STORED_AS["TEXTFILE"]
    serde: str = ""
    serde_parameters: dict[str, str] = field(default_factory=dict)
    location: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)


def check_start(statement: Statement) -> None:
    """What StartQueryExecution itself says about a CREATE TABLE; what Hive's parser says comes when it runs."""
    try:
        made = parse(statement, "default")
    except QueryFailure:
        return
    iceberg = made.parameters.get("table_type", "").upper() == "ICEBERG"
    if iceberg:
        return
    if made.location is None:
        raise MalformedQuery("No location was specified for table. An S3 location must be specified")
    if not made.external:
        raise MalformedQuery("External keyword required for table type HIVE")


def parse(statement: Statement, database: str) -> Definition:
    """The statement's clauses, in the order that Hive wants them in."""
    cursor = Cursor(statement, 1, "create table statement")
    external = cursor.accept("EXTERNAL")
    cursor.expect("TABLE")
    quiet = cursor.accept("IF", "NOT", "EXISTS")
    made = Definition(external, quiet, cursor.qualified(database))
    if cursor.at("LIKE"):
        raise not_supported("CREATE TABLE … LIKE")
    if cursor.at("("):
        made.columns = columns(cursor)
    if cursor.accept("COMMENT"):
        made.parameters["comment"] = cursor.string()
    if cursor.accept("PARTITIONED"):
        cursor.expect("BY")
        made.keys = columns(cursor)
    if cursor.accept("CLUSTERED"):
        made.buckets = _buckets(cursor)
    _storage(cursor, made)
    if cursor.accept("LOCATION"):
        made.location = s3_location(cursor.string(), "table")
    if cursor.accept("TBLPROPERTIES"):
        made.parameters.update(properties(cursor))
    cursor.end()
    return made


def _buckets(cursor: Cursor) -> tuple[list[str], int]:
    """``BY (a, b) [SORTED BY (a)] INTO n BUCKETS``."""
    cursor.expect("BY", "(")
    names = [cursor.name()]
    while not cursor.accept(")"):
        cursor.expect(",")
        names.append(cursor.name())
    if cursor.at("SORTED"):
        raise not_supported("SORTED BY")
    cursor.expect("INTO")
    token = cursor.take()
    if not token.text.isdigit():
        raise cursor.failure()
    cursor.expect("BUCKETS")
    return names, int(token.text)


def _storage(cursor: Cursor, made: Definition) -> None:
    """ROW FORMAT, STORED AS, WITH SERDEPROPERTIES."""
    if cursor.accept("ROW"):
        cursor.expect("FORMAT")
        made.serde, made.serde_parameters = _row_format(cursor)
    if cursor.accept("STORED"):
        cursor.expect("AS")
        made.format = _stored(cursor)
    if cursor.accept("WITH"):
        cursor.expect("SERDEPROPERTIES")
        made.serde_parameters = {**made.serde_parameters, **properties(cursor)}


_DELIMITERS = [
    (("FIELDS", "TERMINATED", "BY"), "field.delim"), (("ESCAPED", "BY"), "escape.delim"),
    # "colelction" is how Hive spells it.
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "colelction.delim"), (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"), (("NULL", "DEFINED", "AS"), "serialization.null.format"),
]  # fmt: skip


def _row_format(cursor: Cursor) -> tuple[str, dict[str, str]]:
    if cursor.accept("SERDE"):
        library = cursor.string()
        extra = {}
        if cursor.accept("WITH"):
            cursor.expect("SERDEPROPERTIES")
            extra = properties(cursor)
        return library, extra
    cursor.expect("DELIMITED")
    found: dict[str, str] = {}
    for words, key in _DELIMITERS:
        if not cursor.at(*words):
            continue
        cursor.accept(*words)
        found[key] = cursor.string()
        if key == "line.delim" and found[key] != "\n":
            text = f"LINES TERMINATED BY only supports newline '\\n' right now. Error encountered near token '{found[key]}'"
            raise QueryFailure("", f"FAILED: SemanticException {text}")
    return LAZY, found


def _stored(cursor: Cursor) -> Format:
    if cursor.accept("INPUTFORMAT"):
        source = cursor.string()
        cursor.expect("OUTPUTFORMAT")
        target = cursor.string()
        known = next((one for one in STORED_AS.values() if one.input == source), None)
        return Format(source, target, known.serde if known else LAZY)
    token = cursor.take()
    if token.word not in STORED_AS:
        raise QueryFailure(
            "", f"FAILED: SemanticException Unrecognized file format in STORED AS clause: '{token.text}'"
        )
    return STORED_AS[token.word]


def run(work: Work, statement: Statement) -> Outcome:
    """Check what Hive checks and write the table into the catalog."""
    made = parse(statement, work.database)
    database, name = made.name
    _refuse(made)
    if work.catalog.find_database(database) is None:
        raise no_database(database)
    if work.catalog.find_table(database, name) is not None:
        if made.quiet:
            return Outcome(lines=[])
        raise ddl_error(f"AlreadyExistsException(message:Table {name} already exists.)")
    check_folder(work, str(made.location))
    work.catalog.create_table(database, _document(work, name, made))
    return Outcome(lines=[])


def _refuse(made: Definition) -> None:
    if made.parameters.get("table_type", "").upper() == "ICEBERG":
        raise not_supported("Iceberg tables")
    if not made.external:
        raise QueryFailure("", "External keyword required for table type HIVE")
    if made.location is None:
        raise QueryFailure("", "No location was specified for table. An S3 location must be specified")
    if made.serde and made.serde not in SERDES:
        raise ddl_error(f"Cannot validate serde: {made.serde}")
    doubled = {one["Name"] for one in made.columns} & {one["Name"] for one in made.keys}
    if doubled:
        text = f"FAILED: SemanticException [Error 10035]: Column repeated in partitioning columns: {min(doubled)}"
        raise QueryFailure("", text)
    unknown = next((one for one in made.buckets[0] if one not in {known["Name"] for known in made.columns}), None)
    if unknown is not None:
        raise QueryFailure("", f"FAILED: SemanticException [Error 10002]: Invalid column reference '{unknown}'")
    if not made.columns and "avro" not in made.serde + made.format.serde:
        raise ddl_error("MetaException(message:at least one column must be specified for the table)")


def check_folder(work: Work, location: str) -> None:
    """A table's location is a folder in a bucket that exists."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not work.store.has_bucket(bucket):
        raise ddl_error(f"MetaException(message:Got exception: {no_such_bucket(bucket)})")
    try:
        work.store.permit_listing(bucket, [split_location(location)[1]])
    except AwsError as error:
        raise ddl_error(f"MetaException(message:Got exception: {s3_denied(error)})", PERMISSION) from None
    if key and not key.endswith("/") and work.store.has_object(bucket, key):
        raise ddl_error(f"MetaException(message:{location} is not a directory or unable to create one)")


def _document(work: Work, name: str, made: Definition) -> dict[str, Any]:
    parameters = dict(made.serde_parameters)
    parameters.setdefault("serialization.format", parameters.get("field.delim", "1"))
    stored = Format(made.format.input, made.format.output, made.serde or made.format.serde)
    names, count = made.buckets
    storage = descriptor(made.columns, str(made.location), stored, parameters)
    return {
        "Name": name, "TableType": "EXTERNAL_TABLE", "PartitionKeys": made.keys,
        "Parameters": {"EXTERNAL": "TRUE", **made.parameters, "transient_lastDdlTime": str(int(work.now.timestamp()))},
        "StorageDescriptor": {**storage, "NumberOfBuckets": count, "BucketColumns": list(names)},
    }  # fmt: skip


def descriptor(made: list[dict[str, str]], location: str, stored: Format, parameters: dict[str, str]) -> dict[str, Any]:
    """A StorageDescriptor as Athena writes it."""
    return {
        "Columns": made, "Location": location, "InputFormat": stored.input, "OutputFormat": stored.output, "Compressed": False,
        "NumberOfBuckets": -1, "SerdeInfo": {"SerializationLibrary": stored.serde, "Parameters": parameters},
        "BucketColumns": [], "SortColumns": [], "Parameters": {}, "StoredAsSubDirectories": False,
    }  # fmt: skip


RUNNERS = {"create_table": run}
