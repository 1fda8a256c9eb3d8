"""Rows into files of each format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labkit.cloud.athena.ddl.text_files import json_lines, text_lines, write_lines
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.querying import batches, execute
from labkit.cloud.athena.readers.arrow_types import arrow_type
from labkit.cloud.athena.readers.avro_zstd import learn_zstd
from labkit.cloud.athena.readers.hive_text import TextOptions
from labkit.cloud.athena.types import Type, escape_name, field_name
from labkit.cloud.athena.work import Work

_PARQUET = {
    "GZIP": "gzip",
    "SNAPPY": "snappy",
    "ZSTD": "zstd",
    "LZ4": "lz4_raw",
    "NONE": "uncompressed",
    "UNCOMPRESSED": "uncompressed",
}
_ORC = {"NONE": "uncompressed"}
_AVRO = {"NONE": "null", "ZSTD": "zstandard", "GZIP": "deflate"}
_ROWS = 50_000

Columns = list[tuple[str, Type]]


def write_file(
    work: Work,
    path: Path,
    source: str,
    columns: Columns,
    format_: str,
    codec: str,
    options: TextOptions,
    header: bool = False,
) -> None:
    """One file of the source's columns c0, c1, … under their names."""
    if format_ == "PARQUET":
        _write_parquet(work, path, source, columns, codec)
    elif format_ == "ORC":
        _write_orc(work, path, source, columns, codec)
    elif format_ == "AVRO":
        _write_avro(work, path, source, columns, codec)
    elif format_ == "JSON":
        write_lines(path, json_lines(_rows(work, source, len(columns)), columns), codec)
    else:
        lines = text_lines(_rows(work, source, len(columns)), [kind for _, kind in columns], options)
        first = [options.separators[0].join(name for name, _ in columns)] if header else []
        write_lines(path, _chained(first, lines), codec)


def _chained(first: list[str], lines: Any) -> Iterator[str]:
    yield from first
    yield from lines


def _rows(work: Work, source: str, width: int) -> Iterator[tuple[Any, ...]]:
    names = ", ".join(f"c{index}" for index in range(width))
    for batch in batches(work, f"SELECT {names} FROM {source}"):
        yield from batch


def _write_parquet(work: Work, path: Path, source: str, columns: Columns, codec: str) -> None:
    named = ", ".join(f'c{index} AS "{escape_name(name)}"' for index, (name, _) in enumerate(columns))
    options = f"FORMAT parquet, COMPRESSION {_PARQUET[codec]}"
    execute(work, f"COPY (SELECT {named} FROM {source}) TO {text(str(path))} ({options})")


def _arrow_batches(work: Work, source: str, columns: Columns) -> tuple[Any, Iterator[Any]]:
    """The Arrow schema of the columns and the rows in batches of it."""
    import pyarrow as pa

    schema = pa.schema([pa.field(name, arrow_type(kind)) for name, kind in columns])
    named = ", ".join(f"c{index}" for index in range(len(columns)))

    def made() -> Iterator[Any]:
        reader = execute(work, f"SELECT {named} FROM {source}").to_arrow_reader(_ROWS)
        for batch in reader:
            arrays = [array.cast(field.type) for array, field in zip(batch.columns, schema, strict=True)]
            yield pa.Table.from_arrays(arrays, schema=schema)

    return schema, made()


def _write_orc(work: Work, path: Path, source: str, columns: Columns, codec: str) -> None:
    from pyarrow import orc

    _, found = _arrow_batches(work, source, columns)
    with orc.ORCWriter(str(path), compression=_ORC.get(codec, codec.lower())) as writer:
        for batch in found:
            writer.write(batch)


def _write_avro(work: Work, path: Path, source: str, columns: Columns, codec: str) -> None:
    import fastavro

    learn_zstd()
    counter = iter(range(1_000_000))
    fields = [{"name": name, "type": ["null", _avro(kind, counter)], "default": None} for name, kind in columns]
    schema = fastavro.parse_schema({"type": "record", "name": "table", "fields": fields})
    names = [name for name, _ in columns]
    rows = (dict(zip(names, row, strict=True)) for row in _rows(work, source, len(columns)))
    with path.open("wb") as out:
        fastavro.writer(out, schema, rows, _AVRO.get(codec, codec.lower()))


def _avro(kind: Type, counter: Iterator[int]) -> Any:
    """The Avro schema of a type; records need names of their own."""
    if kind.name == "array":
        return {"type": "array", "items": ["null", _avro(kind.items[0], counter)]}
    if kind.name == "map":
        return {"type": "map", "values": ["null", _avro(kind.items[1], counter)]}
    if kind.name == "row":
        fields = [
            {"name": field_name(kind, index), "type": ["null", _avro(item, counter)], "default": None}
            for index, item in enumerate(kind.items)
        ]
        return {"type": "record", "name": f"record_{next(counter)}", "fields": fields}
    if kind.name == "decimal":
        return {"type": "bytes", "logicalType": "decimal", "precision": kind.params[0], "scale": kind.params[1]}
    simple: dict[str, Any] = {
        "boolean": "boolean", "tinyint": "int", "smallint": "int", "integer": "int", "bigint": "long", "real": "float",
        "double": "double", "varbinary": "bytes", "date": {"type": "int", "logicalType": "date"},
        "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
    }  # fmt: skip
    return simple.get(kind.name, "string")
