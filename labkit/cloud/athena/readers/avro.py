"""Avro: read with fastavro, copied to Parquet a few thousand rows at a time; columns by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.readers.arrow_types import arrow_type, fitting
from labkit.cloud.athena.readers.avro_zstd import learn_zstd
from labkit.cloud.athena.readers.copies import Copy
from labkit.cloud.athena.readers.files import FileSet, Source

_BATCH = 5000


def read_avro(files: FileSet) -> Source:
    """Columns by name; a column that a file has not is NULL (or the default of the table's schema)."""
    copies = Copy(files)
    schema = _table_schema(files)
    learn_zstd()
    for one in files.objects:
        copies.add(_batches(files, one, schema))
    return copies.source(files.size_bytes)


def _table_schema(files: FileSet) -> Any:
    """avro.schema.literal, with which the files are read."""
    written = files.parameters.get("avro.schema.literal")
    if files.parameters.get("avro.schema.url"):
        raise not_supported(f"avro.schema.url of {files.table}")
    if not written or written.lower() == "none":
        return None
    import fastavro

    try:
        return fastavro.parse_schema(json.loads(written))
    except (ValueError, fastavro.schema.SchemaParseException) as failure:
        raise QueryFailure("HIVE_INVALID_METADATA", f"avro.schema.literal of {files.table}: {failure}") from None


def _batches(files: FileSet, one: Any, schema: Any) -> Iterator[Any]:
    import fastavro
    import pyarrow

    kinds = [(name, kind) for name, kind in files.columns if name in files.needed]
    fields = pyarrow.schema([pyarrow.field(name, arrow_type(kind)) for name, kind in kinds])
    name = f"s3://{one.bucket}/{one.key}"
    rows: list[dict[str, Any]] = []
    with one.path.open("rb") as file:
        try:
            for found in fastavro.reader(file, schema):
                record: Any = found
                lowered = {key.lower(): value for key, value in record.items()}
                rows.append({column: fitting(lowered.get(column), kind) for column, kind in kinds})
                if len(rows) == _BATCH:
                    yield _made(rows, fields, name)
                    rows = []
        except (ValueError, EOFError, KeyError, TypeError, fastavro.read.SchemaResolutionError) as failure:
            if isinstance(failure, QueryFailure):
                raise
            raise QueryFailure("HIVE_BAD_DATA", f"Error reading Avro file {name}: {failure}") from None
    if rows:
        yield _made(rows, fields, name)


def _made(rows: list[dict[str, Any]], fields: Any, name: str) -> Any:
    import pyarrow

    try:
        if not len(fields):
            return len(rows)
        return pyarrow.RecordBatch.from_pylist(rows, schema=fields)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError) as failure:
        raise QueryFailure("HIVE_BAD_DATA", f"Error reading Avro file {name}: {failure}") from None
