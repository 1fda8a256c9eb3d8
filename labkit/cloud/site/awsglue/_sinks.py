"""Files written by sinks: appended, under their final names only, and all of them or none."""

from __future__ import annotations

import itertools
import json
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from . import gluetypes as glue
from ._contents import Columns
from ._csv import is_true
from ._fields import column_of, select
from ._mapping import cast
from ._refusal import refuse
from ._types import has_choice
from ._values import decode_batch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from .dynamicframe import DynamicFrame

WRITABLE = ("csv", "json", "parquet", "glueparquet", "orc")
_last_run_ms = [0]


@dataclass(frozen=True)
class Target:
    """Where and how a sink writes. `partition_keys` become `k=v` folders, in order."""

    path: str
    format: str
    partition_keys: tuple[str, ...] = ()
    compression: str | None = None
    format_options: Mapping[str, Any] = field(default_factory=dict)


def check_format(name: Any) -> str:
    kind = str(name or "").lower()
    if kind not in WRITABLE:
        raise refuse(f"Writing format={name!r}", f"Formats that can be written: {', '.join(WRITABLE)}.")
    return kind


def _run_ms() -> int:
    """Milliseconds now, never the same twice in one process: it makes file names distinct."""
    _last_run_ms[0] = max(int(time.time() * 1000), _last_run_ms[0] + 1)
    return _last_run_ms[0]


def _json_lines(columns: Columns, keys: Sequence[str]) -> DataFrame:
    """Each record as its JSON text; a choice is the value itself."""
    from pyspark.sql.types import StringType, StructField, StructType

    schema = columns.schema
    kept = [columns.df.schema[key] for key in keys]
    places = [columns.df.columns.index(key) for key in keys]

    def over_columns(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            records = list(decode_batch(batch, schema, True))
            lines = [
                json.dumps(
                    {name: value for name, value in record.items() if name not in keys}, ensure_ascii=False, default=str
                )
                for record in records
            ]
            arrays = [pa.array(lines, pa.string()), *(batch.column(place) for place in places)]
            yield pa.RecordBatch.from_arrays(arrays, names=["value", *keys])

    return columns.df.mapInArrow(over_columns, StructType([StructField("value", StringType()), *kept]))


def _without_choices(columns: Columns) -> DataFrame:
    fields = []
    for one in columns.schema:
        text = glue.Field(one.name, glue.StringType())
        choice = isinstance(one.dataType, glue.ChoiceType)
        fields.append(
            (cast(column_of(one.name), one.dataType, text.dataType), text) if choice else (column_of(one.name), one)
        )
    return select(columns, fields).df


def _prepare(columns: Columns, target: Target) -> tuple[DataFrame, str, dict[str, str]]:
    """The DataFrame to write, Spark's format and its options."""
    options = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}
    if target.compression:
        options["compression"] = target.compression.lower()
    if target.format == "csv":
        given = {key.lower(): value for key, value in target.format_options.items()}
        quoted = str(given.get("quotechar", '"'))
        options["header"] = str(is_true(given.get("writeheader", True))).lower()
        options["sep"] = str(given.get("separator", ","))
        options["quote"], options["escape"] = ("", "\\") if quoted == "-1" else (quoted, quoted)
        return _without_choices(columns), "csv", options
    if target.format == "json" and has_choice(columns.schema):
        return _json_lines(columns, target.partition_keys), "text", options
    return columns.df, {"glueparquet": "parquet"}.get(target.format, target.format), options


def _final_name(spark_name: str, target: Target, run_ms: int, number: int) -> str:
    if target.format in ("parquet", "orc"):
        return spark_name  # Glue writes these two with Spark's own writer
    ending = re.sub(r"^part-\d+-[0-9a-f-]{36}[-.]c\d+", "", spark_name)
    if target.format == "glueparquet":
        return (
            f"run-{run_ms}-part-block-0-r-{number:05d}{ending.replace('.', '-', 1) if ending != '.parquet' else ending}"
        )
    return f"run-{run_ms}-part-r-{number:05d}{ending.removeprefix('.csv').removeprefix('.json').removeprefix('.txt')}"


class _Folder:
    """A folder as Hadoop's file system sees it."""

    def __init__(self, spark: SparkSession, path: str) -> None:
        context: Any = spark.sparkContext
        self._jvm = context._jvm
        self._path = self._jvm.org.apache.hadoop.fs.Path(path)
        self._fs = self._path.getFileSystem(context._jsc.hadoopConfiguration())
        self.path = path

    def _at(self, relative: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(self._path, relative)

    def list_data(self) -> list[str]:
        """Relative paths of the data files, in order."""
        found, listing = [], self._fs.listFiles(self._path, True)
        root = self._fs.makeQualified(self._path).toUri().getPath().rstrip("/")
        while listing.hasNext():
            path = listing.next().getPath().toUri().getPath()
            if path.rsplit("/", 1)[1][:1] not in ("_", "."):
                found.append(path[len(root) + 1 :])
        return sorted(found)

    def make(self, relative: str) -> None:
        self._fs.mkdirs(self._at(relative))

    def take_in(self, other: _Folder, source: str, name: str) -> None:
        """Move a file of another folder in; never over one that exists."""
        if not self._fs.rename(other._at(source), self._at(name)):
            raise OSError(
                f"Cannot write {self.path.rstrip('/')}/{name}: the storage refused the rename of the finished file."
            )

    def delete(self, relative: str = "") -> None:
        self._fs.delete(self._at(relative) if relative else self._path, True)


def _publish(target: Target, folder: _Folder, staged: _Folder) -> list[str]:
    """Move finished files to their final names; on failure take back those moved."""
    run_ms, moved = _run_ms(), []
    try:
        for parent, names in itertools.groupby(staged.list_data(), key=lambda path: path.rpartition("/")[0]):
            if parent:
                folder.make(parent)
            for number, relative in enumerate(names):
                name = _final_name(relative.rpartition("/")[2], target, run_ms, number)
                final = f"{parent}/{name}" if parent else name
                folder.take_in(staged, relative, final)
                moved.append(final)
    except BaseException:
        for final in moved:
            folder.delete(final)
        raise
    return moved


def _check_keys(columns: Columns, target: Target) -> None:
    names = [one.name for one in columns.schema]
    missing = [key for key in target.partition_keys if key not in names]
    if missing:
        raise ValueError(f"partitionKeys {missing} are not fields of the frame; its fields are: {', '.join(names)}.")


def write_files(spark: SparkSession, columns: Columns, target: Target, *, direct: bool = True) -> list[str]:
    """Append the rows to the target's folder; the new files' relative paths (none listed when written directly).

    An empty frame writes nothing. Partitioned Parquet and ORC go straight through Spark's committer, whose files
    appear when the job commits; the rest is written beside the target, and moved when it is complete.
    """
    from pyspark.sql import Observation
    from pyspark.sql import functions as f

    if not columns.schema.fields:
        return []
    _check_keys(columns, target)
    df, kind, options = _prepare(columns, target)
    keys = list(target.partition_keys)
    if direct and keys and target.format in ("parquet", "orc"):
        df.write.format(kind).options(**options).partitionBy(*keys).mode("append").save(target.path)
        return []
    folder = _Folder(spark, target.path)
    staged = _Folder(spark, f"{target.path.rstrip('/')}/.spark-staging-{uuid.uuid4()}")
    rows = Observation()
    try:
        writer = df.observe(rows, f.count(f.lit(1)).alias("rows")).write.format(kind).options(**options)
        (writer.partitionBy(*keys) if keys else writer).save(staged.path)
        return _publish(target, folder, staged) if rows.get["rows"] else []
    finally:
        staged.delete()


def partitions_of(files: Sequence[str], keys: Sequence[str]) -> list[tuple[str, ...]]:
    """The partition values of written files, each combination once, in order."""
    found: dict[tuple[str, ...], None] = {}
    for path in files if keys else ():
        found[tuple(unquote(part.partition("=")[2]) for part in path.split("/")[:-1])] = None
    return list(found)


def write_sample(frame: DynamicFrame, path: str, options: Mapping[str, Any]) -> None:
    """Spigot: up to `topk` records (default 100) of a random share `prob` (default all), as JSON lines."""
    columns = frame._columns
    share = float(options.get("prob", 1))
    df = columns.df if share >= 1 else columns.df.sample(share)
    sample = Columns(df.limit(int(options.get("topk", 100))), columns.schema)
    write_files(frame.glue_ctx.spark_session, sample, Target(path, "json"))
