"""Whole files as bytes inside Spark, unpacked in Python: for objects whose name does not say how they are compressed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._files import InputFile
from ._keys import Keys
from ._options import one_of
from ._paths import literal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ENDINGS = {"gzip": (".gz", ".gzip"), "bzip2": (".bz2", ".bzip2")}
# What Spark's own text readers unpack by the object's name.
_SPARK_UNPACKS = (".gz", ".bz2", ".deflate", ".lz4", ".snappy", ".zst")
_MAGIC = {"gzip": b"\x1f\x8b", "bzip2": b"BZh"}


def compression_of(options: Mapping[str, Any]) -> str:
    """`compressionType` of a source: gzip, bzip2 or "" (by the object's name)."""
    return one_of(options, "compressionType", ("gzip", "bzip2", "none")).removeprefix("none")


def is_packed(path: str) -> bool:
    """True when the object's name says that it is compressed."""
    return path.lower().endswith(_SPARK_UNPACKS)


def packing_of(path: str, compression: str) -> str:
    """How an object is compressed, by its name first: gzip, bzip2 or ""."""
    for kind, endings in _ENDINGS.items():
        if path.lower().endswith(endings):
            return kind
    return compression


def needs_unpacking(files: Sequence[InputFile], compression: str) -> bool:
    """True when some file is compressed and its name does not tell Spark so."""
    return any(packing_of(file.path, compression) and not is_packed(file.path) for file in files)


def unpack(data: bytes, packing: str) -> bytes:
    """The bytes unpacked; bytes that are not packed that way come back as they are."""
    if not packing or not data.startswith(_MAGIC[packing]):
        return data
    import bz2
    import gzip

    return gzip.decompress(data) if packing == "gzip" else bz2.decompress(data)


def unpack_start(data: bytes, packing: str) -> bytes:
    """The first bytes of a file, unpacked as far as they go."""
    if not packing or not data.startswith(_MAGIC[packing]):
        return data
    import bz2
    import zlib

    opened = zlib.decompressobj(31) if packing == "gzip" else bz2.BZ2Decompressor()
    return opened.decompress(data)


def whole_files(spark: SparkSession, files: Sequence[InputFile], keys: Keys) -> DataFrame:
    """One row a file: `path`, `content` (its raw bytes), then the partition keys."""
    from pyspark.sql.types import StructType

    reader = spark.read.format("binaryFile").options(**keys.read_options)
    if keys.base_path:
        plain = spark.read.format("binaryFile").load(literal(files[0].path)).schema
        reader = reader.schema(StructType([*plain.fields, *keys.spark_fields]))
    df = reader.load([literal(file.path) for file in files])
    return keys.add_to(df).select("path", "content", *[field.name for field in keys.spark_fields])


def each_file(batches: Iterable[Any]) -> Iterator[tuple[str, bytes, list[Any]]]:
    """Path, bytes and key values of each row of `whole_files`."""
    for batch in batches:
        for row in range(batch.num_rows):
            keys = [batch.column(place)[row].as_py() for place in range(2, batch.num_columns)]
            yield batch.column(0)[row].as_py(), batch.column(1)[row].as_py(), keys


def decode(data: bytes) -> str:
    """Text of UTF-8 bytes, without a byte order mark; bytes that are no UTF-8 become U+FFFD, as in Spark."""
    return data.decode("utf-8-sig", errors="replace")


def lines_frame(
    spark: SparkSession, files: Sequence[InputFile], keys: Keys, compression: str, *, whole: bool
) -> DataFrame:
    """One row a line (or, `whole`, one a file) in column `value`, then the partition keys."""
    import re

    from pyspark.sql.types import StringType, StructField, StructType

    ends = re.compile(r"\r\n|\n|\r")

    def over_files(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            for row, (path, content, _) in enumerate(each_file([batch])):
                text = decode(unpack(content, packing_of(path, compression)))
                lines = [text] if whole else ends.split(text)
                kept = [pa.array([batch.column(at)[row].as_py()] * len(lines), batch.column(at).type)
                        for at in range(2, batch.num_columns)]  # fmt: skip
                names = ["value", *batch.schema.names[2:]]
                yield pa.RecordBatch.from_arrays([pa.array(lines, pa.string()), *kept], names=names)

    schema = StructType([StructField("value", StringType()), *keys.spark_fields])
    return whole_files(spark, files, keys).mapInArrow(over_files, schema)
