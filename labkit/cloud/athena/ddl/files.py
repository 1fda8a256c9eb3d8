"""Rows into files: Parquet, text and JSON lines, one file a partition."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.querying import batches, execute
from labkit.cloud.athena.rendering import java_double, java_float, moment
from labkit.cloud.athena.types import Type, escape_name
from labkit.cloud.athena.work import Work

_PARQUET_CODECS = {
    "GZIP": "gzip",
    "SNAPPY": "snappy",
    "ZSTD": "zstd",
    "NONE": "uncompressed",
    "UNCOMPRESSED": "uncompressed",
}


def write_parquet(work: Work, path: Path, source: str, columns: list[tuple[str, Type]], codec: str) -> None:
    """One Parquet file of the source's columns c0, c1, … under their names."""
    if codec.upper() not in _PARQUET_CODECS:
        raise not_supported(f"Parquet compression {codec}")
    named = ", ".join(f'c{index} AS "{escape_name(name)}"' for index, (name, _) in enumerate(columns))
    execute(
        work,
        f"COPY (SELECT {named} FROM {source}) TO {text(str(path))} (FORMAT parquet, COMPRESSION {_PARQUET_CODECS[codec.upper()]})",
    )


def _lines(path: Path, codec: str) -> Any:
    if codec.upper() not in ("GZIP", "NONE"):
        raise not_supported(f"{codec} compression of text files")
    opener = gzip.open if codec.upper() == "GZIP" else open
    return opener(path, "wt", encoding="utf-8", newline="\n")


def write_text(path: Path, rows: Iterable[tuple[Any, ...]], kinds: list[Type], delimiter: str, codec: str) -> None:
    r"""LazySimpleSerDe's text: NULL is ``\N``."""
    shows = [_text(kind) for kind in kinds]
    with _lines(path, codec) as out:
        for row in rows:
            out.write(
                delimiter.join("\\N" if value is None else show(value) for value, show in zip(row, shows, strict=False))
                + "\n"
            )


def _text(kind: Type) -> Callable[[Any], str]:
    if kind.name == "array" and not kind.items[0].items:
        show = _text(kind.items[0])
        return lambda value: "\x02".join("\\N" if one is None else show(one) for one in value)
    if kind.items or kind.name == "varbinary":
        raise not_supported(f"a column of type {kind} in a text file")
    shows: dict[str, Callable[[Any], str]] = {
        "boolean": lambda value: "true" if value else "false", "double": java_double, "real": java_float,
        "decimal": lambda value: format(value, "f"), "timestamp": moment,
    }  # fmt: skip
    return shows.get(kind.name, str)


def write_json(path: Path, rows: Iterable[tuple[Any, ...]], names: list[str], codec: str) -> None:
    """One object a line; NULL columns are left out, as the SerDe does."""
    with _lines(path, codec) as out:
        for row in rows:
            document = {name: _plain(value) for name, value in zip(names, row, strict=False) if value is not None}
            out.write(json.dumps(document, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        raise QueryFailure("NOT_SUPPORTED", "a column of type varbinary in a JSON file")
    return value


def rows_of(work: Work, source: str, width: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a source's first columns."""
    names = ", ".join(f"c{index}" for index in range(width))
    for batch in batches(work, f"SELECT {names} FROM {source}"):
        yield from batch
