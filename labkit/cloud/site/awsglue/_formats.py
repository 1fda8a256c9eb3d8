"""Names of data formats and of connections: those that work here, and what to do about the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._refusal import refuse

READABLE = ("csv", "json", "parquet", "orc", "avro")
WRITABLE = ("csv", "json", "parquet", "glueparquet", "orc", "avro")
FILE_CONNECTIONS = ("s3", "file", "parquet", "orc", "csv", "json", "avro")

# Formats of AWS Glue that have no reader or writer here.
_OTHER_FORMATS = {
    "groklog": "Read the lines with spark.read.text and take them apart with regexp_extract.",
    "xml": "Turn the files into JSON lines first (Python's xml.etree reads them), and read those.",
    "ion": "Write the data as JSON or Parquet, and read that.",
    "hudi": "Table formats with a transaction log are not here: use Parquet.",
    "delta": "Table formats with a transaction log are not here: use Parquet.",
    "iceberg": "Table formats with a transaction log are not here: use Parquet.",
}
_FILES = "Put the data into files and use connection_type='s3'."
_OTHER_CONNECTIONS = {
    **dict.fromkeys(
        ("mysql", "oracle", "postgresql", "redshift", "sqlserver", "jdbc", "db2"),
        "No JDBC driver is here. Export the table to CSV or Parquet and use connection_type='s3'.",
    ),
    "dynamodb": "Read the table with boto3 (scan) and write JSON lines, then use connection_type='s3'.",
    **dict.fromkeys(("kafka", "kinesis"), "Streams are not here. Put the messages into files and use connection_type='s3'."),
    **dict.fromkeys(("mongodb", "documentdb", "opensearch", "bigquery", "snowflake", "teradata", "saphana", "vertica",
                     "azurecosmos", "azuresql", "salesforce", "hudi", "delta", "iceberg"), _FILES),
    **dict.fromkeys(("marketplace.athena", "marketplace.spark", "marketplace.jdbc", "custom.athena", "custom.spark",
                     "custom.jdbc"), "Connectors of the marketplace run on AWS only. " + _FILES),
}  # fmt: skip


def _check(name: Any, allowed: Sequence[str], doing: str) -> str:
    kind = str(name or "").strip().lower()
    if kind in allowed:
        return kind
    choice = f"Formats that can be {doing}: {', '.join(allowed)}."
    if kind in _OTHER_FORMATS:
        raise refuse(f"format={name!r}", f"{_OTHER_FORMATS[kind]} {choice}")
    raise ValueError(f"Unknown format={name!r}. {choice}")


def readable(name: Any) -> str:
    """The format's name in lower case, or an error that names those that can be read."""
    if str(name or "").lower() == "glueparquet":
        raise ValueError('format="glueparquet" is for writing only; read with format="parquet".')
    return _check(name, READABLE, "read")


def writable(name: Any) -> str:
    """The format's name in lower case, or an error that names those that can be written."""
    return _check(name, WRITABLE, "written")


def check_connection(connection_type: Any, call: str) -> str:
    """The connection type of files, or an error that says what to use instead."""
    kind = str(connection_type or "").strip().lower()
    if kind in FILE_CONNECTIONS:
        return kind
    if kind in _OTHER_CONNECTIONS:
        raise refuse(f"{call} with connection_type={connection_type!r}", _OTHER_CONNECTIONS[kind])
    raise ValueError(f"Unknown connection_type={connection_type!r} in {call}. Files are connection_type='s3'.")
