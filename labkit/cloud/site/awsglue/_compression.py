"""Compression of written files: what each format takes, and under which name Spark knows it."""

from __future__ import annotations

from typing import Any

from ._refusal import refuse

_TEXT = {"gzip": "gzip", "bzip2": "bzip2", "snappy": "snappy", "deflate": "deflate", "lz4": "lz4"}
_PARQUET = {"snappy": "snappy", "gzip": "gzip", "zstd": "zstd", "lz4": "lz4_raw"}
_ORC = {"snappy": "snappy", "zlib": "zlib", "zstd": "zstd", "lz4": "lz4"}
_AVRO = {"deflate": "deflate", "snappy": "snappy", "bzip2": "bzip2", "xz": "xz"}
_BY_FORMAT = {"csv": _TEXT, "json": _TEXT, "parquet": _PARQUET, "glueparquet": _PARQUET, "orc": _ORC, "avro": _AVRO}
_NONE = ("none", "uncompressed")


def codec_for(kind: str, given: Any) -> str | None:
    """The codec's name for the writer of a format: None for the format's default, "none" for no compression."""
    name = str(given or "").strip().lower()
    if not name:
        return None
    if name in _NONE:
        return "uncompressed" if kind in ("parquet", "glueparquet") else "none"
    known = _BY_FORMAT[kind]
    if name in known:
        return known[name]
    choice = f"Compressions of {kind} files: {', '.join([*known, *_NONE])}."
    if name == "lzo":
        raise refuse('compression "lzo"', choice)
    raise ValueError(f'"compression" {given!r} is not one that {kind} files can have. {choice}')
