"""Sources: paths to contents, for every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _bookmarks, _csv, _json
from ._contents import Columns, Contents
from ._files import InputFile, require_files, select_files
from ._keys import NO_KEYS, Keys
from ._paths import literal
from ._records import empty_columns
from ._refusal import refuse
from ._types import glue_from_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

READABLE = ("csv", "json", "parquet", "orc")
# Options of an S3 connection that Glue itself takes; the others go to Spark's parquet and orc readers.
_GLUE_OPTIONS = {
    "paths", "path", "recurse", "exclusions", "groupFiles", "groupSize", "compressionType", "maxBand", "maxFilesInBand",
    "isFailFast", "boundedFiles", "boundedSize", "excludeStorageClasses", "useS3ListImplementation",
}  # fmt: skip


def check_format(name: str | None) -> str:
    """The data format's name, or an error that names those that work."""
    kind = (name or "").lower()
    if kind == "glueparquet":
        raise ValueError('format="glueparquet" is for writing only; read with format="parquet".')
    if kind not in READABLE:
        raise refuse(f"Reading format={name!r}", f"Formats that can be read: {', '.join(READABLE)}.")
    return kind


def read_columnar(
    spark: SparkSession, kind: str, paths: Sequence[str], options: Mapping[str, Any], keys: Keys = NO_KEYS
) -> Columns:
    """Parquet or ORC through Spark's reader: the files' schema, then the partition keys with their declared types."""
    from pyspark.sql.types import StructType

    reader = spark.read.format(kind).options(**dict(options))
    places = [literal(path) for path in paths]
    df = reader.load(places)
    if keys.base_path:
        names = {field.name for field in keys.spark_fields}
        data = [field for field in df.schema.fields if field.name not in names]
        reader = reader.options(**keys.read_options).schema(StructType([*data, *keys.spark_fields]))
        df = reader.load(places)
    df = keys.add_to(df)
    return Columns(df, glue_from_spark(df.schema))


def no_files(spark: SparkSession) -> Contents:
    return Contents(lambda: empty_columns(spark))


def read_paths(
    spark: SparkSession,
    kind: str,
    files: Sequence[InputFile],
    options: Mapping[str, Any],
    format_options: Mapping[str, Any],
) -> Contents:
    """Contents of files without a catalog table."""
    if not files:
        return no_files(spark)
    if kind == "json":
        return _json.read(spark, files, _json.from_options(format_options))
    if kind == "csv":
        form = _csv.from_options(format_options)
        return Contents(lambda: _csv.read_untyped(spark, files, form) or empty_columns(spark), sparse=False)
    extra = {name: value for name, value in options.items() if name not in _GLUE_OPTIONS}

    return Contents(lambda: read_columnar(spark, kind, [file.path for file in files], extra))


def option_paths(options: Mapping[str, Any]) -> list[str]:
    """The `paths` of connection options."""
    paths = options.get("paths") or options.get("path")
    if not paths:
        raise ValueError('An S3 source needs connection_options {"paths": ["s3://bucket/folder/"]}.')
    return [paths] if isinstance(paths, str) else list(paths)


def read_options(
    spark: SparkSession,
    kind: str,
    options: Mapping[str, Any],
    format_options: Mapping[str, Any],
    transformation_ctx: str,
) -> Contents:
    """Contents of `connection_options` paths: only what the bookmark and the options leave."""
    recurse = _csv.is_true(options.get("recurse", False))
    listed = require_files(option_paths(options), recurse=recurse or kind in ("parquet", "orc"))
    files = _bookmarks.select_new(select_files(listed, options), transformation_ctx)
    return read_paths(spark, kind, files, options, format_options)
