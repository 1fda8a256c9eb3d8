"""INSERT INTO: a query's rows as new files of a table."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import refuse_view
from labkit.cloud.athena.ddl.formats import AVRO, HCATALOG, LAZY, OPENX, ORC, PARQUET
from labkit.cloud.athena.ddl.partition_values import partition_path
from labkit.cloud.athena.ddl.partitions import partition_input, register
from labkit.cloud.athena.ddl.writing import Target, materialize, write
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.locations import split_location
from labkit.cloud.athena.projection.partitions import is_projected
from labkit.cloud.athena.querying import execute
from labkit.cloud.athena.readers.hive_text import options_of
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.types import Type, duckdb, parse_type
from labkit.cloud.athena.work import Outcome, Work
from labkit.cloud.call import AwsError

_FORMATS = {LAZY: "TEXTFILE", PARQUET: "PARQUET", ORC: "ORC", AVRO: "AVRO", HCATALOG: "JSON", OPENX: "JSON"}
# What Athena compresses with when the table says nothing.
_CODECS = {"PARQUET": "GZIP", "ORC": "ZLIB", "AVRO": "DEFLATE", "TEXTFILE": "GZIP", "JSON": "GZIP"}


def add_partitions(work: Work, database: str, table: dict[str, Any], partitions: list[list[str]]) -> None:
    """Register the partitions that the catalog does not know yet."""
    keys = [key["Name"] for key in table["PartitionKeys"]]
    known = {tuple(one["Values"]) for one in work.catalog.list_partitions(database, table["Name"])} if keys else set()
    base = table["StorageDescriptor"]["Location"].rstrip("/")
    new = [values for values in partitions if tuple(values) not in known]
    made = [partition_input(table, values, f"{base}/{partition_path(keys, values)}") for values in new]
    try:
        register(work, database, table["Name"], made)
    except AwsError as failure:  # another query has registered one of them meanwhile
        if failure.code != "AlreadyExistsException":
            raise


def _insert(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, hive=False)
    database, name = cursor.qualified(work.database)
    table = _find(work, database, name)
    listed = [*table["StorageDescriptor"]["Columns"], *(table.get("PartitionKeys") or [])]
    columns = [(one["Name"].lower(), parse_type(one.get("Type") or "string")) for one in listed]
    target = _target(work, database, table, columns)
    given = _given(cursor, columns)
    kinds = dict(columns)
    try:
        _, scanned = materialize(work, cursor.rest(), [kinds[one] for one in given])
        if given != [one for one, _ in columns]:
            _reorder(work, columns, given)
        written = write(work, target)
    except QueryFailure as failure:
        if failure.name:
            failure.text = failure.text.rstrip() + ("" if failure.text.rstrip().endswith(".") else ".") + _hint(work)
        raise
    if not is_projected(table):
        add_partitions(work, database, table, written.partitions)
    return Outcome(update_count=written.rows, rows=written.rows, scanned_bytes=scanned, manifest=written.files)


def _hint(work: Work) -> str:
    return (
        f" If a data manifest file was generated at '{work.output_location}-manifest.csv', you may need to manually clean "
        "the data from locations specified in the manifest. Athena will not delete data in your account."
    )


def _find(work: Work, database: str, name: str) -> dict[str, Any]:
    """The table to write to, in Trino's words when there is none."""
    if work.catalog.find_database(database) is None:
        raise QueryFailure("SCHEMA_NOT_FOUND", f"line 1:1: Schema '{database}' does not exist", error_type=1301)
    found = work.catalog.find_table(database, name)
    if found is None:
        text = f"line 1:1: Table 'awsdatacatalog.{database}.{name}' does not exist"
        raise QueryFailure("TABLE_NOT_FOUND", text, error_type=1006)
    refuse_view(found, "INSERT")
    return dict(found)


def _given(cursor: Cursor, columns: list[tuple[str, Type]]) -> list[str]:
    """The columns an INSERT names, or all of them."""
    following = cursor.peek(1)
    if not cursor.at("(") or (
        following is not None and (following.word in ("SELECT", "WITH", "VALUES", "TABLE") or following.text == "(")
    ):
        return [name for name, _ in columns]
    cursor.expect("(")
    given = [cursor.name()]
    while not cursor.accept(")"):
        cursor.expect(",")
        given.append(cursor.name())
    unknown = next((one for one in given if one not in dict(columns)), None)
    if unknown is not None:
        text = f"line 1:1: Insert column name does not exist in target table: {unknown}"
        raise QueryFailure("COLUMN_NOT_FOUND", text)
    again = next((one for one in given if given.count(one) > 1), None)
    if again is not None:
        raise QueryFailure(
            "DUPLICATE_COLUMN_NAME", f"line 1:1: Insert column name is specified more than once: {again}"
        )
    return given


def _reorder(work: Work, columns: list[tuple[str, Type]], given: list[str]) -> None:
    """The rows in the table's order; a column that was not given is NULL."""
    order = ", ".join(
        f"c{given.index(one)} AS c{i}" if one in given else f"CAST(NULL AS {duckdb(kind)}) AS c{i}"
        for i, (one, kind) in enumerate(columns)
    )
    execute(work, f"CREATE TEMP TABLE ordered AS SELECT {order} FROM written")
    execute(work, "DROP TABLE written")
    execute(work, "ALTER TABLE ordered RENAME TO written")


def _target(work: Work, database: str, table: dict[str, Any], columns: list[tuple[str, Type]]) -> Target:
    storage, parameters = table["StorageDescriptor"], table.get("Parameters") or {}
    serde = storage.get("SerdeInfo") or {}
    library = serde.get("SerializationLibrary") or ""
    chosen = _FORMATS.get(library)
    if chosen is None:
        text = f"Output format {storage.get('OutputFormat')} with SerDe {library} is not supported."
        raise QueryFailure("HIVE_UNSUPPORTED_FORMAT", text)
    if str(parameters.get("table_type", "")).upper() == "ICEBERG":
        raise not_supported("Iceberg tables")
    if storage.get("BucketColumns"):
        raise QueryFailure(
            "NOT_SUPPORTED", f"INSERT INTO is not supported on bucketed tables: {database}.{table['Name']}"
        )
    if is_projected(table) and parameters.get("storage.location.template"):
        raise not_supported("INSERT INTO a table with storage.location.template")
    headers = int(str(parameters.get("skip.header.line.count") or 0))
    if headers > 1:
        text = "Inserting into Hive table with value of skip.header.line.count property greater than 1 is not supported"
        raise QueryFailure("NOT_SUPPORTED", text)
    bucket, prefix = split_location(storage["Location"])
    keys = table.get("PartitionKeys") or []
    known = {
        tuple(one["Values"]): one["StorageDescriptor"]["Location"]
        for one in (work.catalog.list_partitions(database, table["Name"]) if keys else [])
        if (one.get("StorageDescriptor") or {}).get("Location")
    }
    options = options_of({**parameters, **(serde.get("Parameters") or {})} if chosen == "TEXTFILE" else {})
    codec = _codec(parameters, chosen)
    return Target(
        f"s3://{bucket}/{prefix}",
        chosen,
        columns,
        len(keys),
        codec,
        options,
        bool(headers) and chosen == "TEXTFILE",
        known,
    )


def _codec(parameters: dict[str, Any], chosen: str) -> str:
    """The compression that the table's properties name."""
    lowered = {key.lower(): str(value).upper() for key, value in parameters.items()}
    names = {
        "PARQUET": ("write.compression", "parquet.compression", "parquet.compress"),
        "ORC": ("write.compression", "orc.compress"),
    }
    found = next(
        (lowered[name] for name in names.get(chosen, ("write.compression",)) if name in lowered), _CODECS[chosen]
    )
    allowed = {
        "PARQUET": ("GZIP", "SNAPPY", "ZSTD", "LZ4", "NONE", "UNCOMPRESSED"), "ORC": ("ZLIB", "SNAPPY", "ZSTD", "LZ4", "NONE"),
        "AVRO": ("DEFLATE", "SNAPPY", "BZIP2", "ZSTD", "NONE"),
    }.get(chosen, ("GZIP", "BZIP2", "ZSTD", "SNAPPY", "LZ4", "NONE"))  # fmt: skip
    if found not in allowed:
        raise not_supported(f"{found} compression of {chosen} files")
    return found


RUNNERS = {"insert": _insert}
