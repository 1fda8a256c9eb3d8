"""Sources: paths to contents, for every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _avro, _csv, _csv_format, _json
from ._contents import Columns, Contents
from ._files import InputFile, list_files, require_files
from ._formats import readable
from ._keys import NO_KEYS, Keys
from ._options import flag
from ._paths import literal
from ._records import empty_columns
from ._sampling import some_files
from ._selection import choose
from ._types import glue_from_spark
from ._unpacked import compression_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

check_format = readable
# Options of an S3 connection that Glue itself takes; the others go to Spark's parquet and orc readers.
_GLUE_OPTIONS = {
    "paths", "path", "recurse", "exclusions", "groupFiles", "groupSize", "compressionType", "maxBand", "maxFilesInBand",
    "isFailFast", "boundedFiles", "boundedSize", "excludeStorageClasses", "useS3ListImplementation",
}  # fmt: skip


def read_columnar(
    spark: SparkSession, kind: str, paths: Sequence[str], options: Mapping[str, Any], keys: Keys = NO_KEYS
) -> Columns:
    """Parquet or ORC through Spark's reader: the files' schema, then the partition keys with their declared types."""
    from pyspark.sql.types import StructType

    reader = spark.read.format(kind).options(**{name: _as_text(value) for name, value in options.items()})
    places = [literal(path) for path in paths]
    df = reader.load(places)
    if keys.base_path:
        names = {field.name.lower() for field in keys.spark_fields}
        data = [field for field in df.schema.fields if field.name.lower() not in names]
        reader = reader.options(**keys.read_options).schema(StructType([*data, *keys.spark_fields]))
        df = reader.load(places)
    df = keys.add_to(df)
    return Columns(df, glue_from_spark(df.schema))


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
    if kind == "json":
        form = _json.from_options(format_options)
        return _json.read(spark, files, form, compression=compression_of(options)) if files else no_files(spark)
    if kind == "csv":
        source = _csv.CsvFiles(tuple(files), _csv_format.from_options(format_options), compression_of(options))
        return Contents(lambda: _csv.read_untyped(spark, source) or empty_columns(spark), sparse=False)
    if kind == "avro":
        version = _avro.version_of(format_options)
        return _avro.read(spark, files, version, compression_of(options)) if files else no_files(spark)
    extra = {name: value for name, value in options.items() if name not in _GLUE_OPTIONS}
    paths = [file.path for file in files]
    return Contents(lambda: read_columnar(spark, kind, paths, extra)) if files else no_files(spark)


def option_paths(options: Mapping[str, Any]) -> list[str]:
    """The `paths` of connection options."""
    paths = options.get("paths") or options.get("path")
    found = [paths] if isinstance(paths, str) else paths
    if not found or not isinstance(found, (list, tuple, set)) or not all(isinstance(one, str) and one for one in found):
        raise ValueError(
            f'An S3 source needs connection_options {{"paths": ["s3://bucket/folder/"]}}; "paths" is {paths!r}.'
        )
    return list(found)


def _require_columnar(kind: str, paths: Sequence[str]) -> list[InputFile]:
    """The files of Parquet and ORC paths, which Spark's own reader says are missing."""
    from pyspark.errors import AnalysisException

    found: dict[str, InputFile] = {}
    for path in paths:
        files = list_files(path, recurse=True)
        if not files:
            raise AnalysisException(f"[PATH_NOT_FOUND] Path does not exist: {path}. (No {kind} file is there.)")
        found.update((file.path, file) for file in files)
    return list(found.values())


def read_options(
    spark: SparkSession,
    kind: str,
    options: Mapping[str, Any],
    format_options: Mapping[str, Any],
    transformation_ctx: str,
) -> Contents:
    """Contents of `connection_options` paths: only what the bookmark and the options leave."""
    paths, recurse = option_paths(options), flag(options, "recurse")
    listed = _require_columnar(kind, paths) if kind in ("parquet", "orc") else require_files(paths, recurse=recurse)
    return read_paths(spark, kind, choose(some_files(listed), options, transformation_ctx), options, format_options)
