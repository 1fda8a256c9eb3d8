"""Files written by sinks: appended, under their final names only, and all of them or none."""

from __future__ import annotations

import itertools
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ._contents import Columns
from ._folder import Folder
from ._formats import writable
from ._options import whole_number
from ._prepare import Target, check_keys, prepare

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from .dynamicframe import DynamicFrame

__all__ = ["Target", "check_format", "partitions_of", "write_files", "write_sample"]

check_format = writable
_last_run_ms = [0]


def _run_ms() -> int:
    """Milliseconds now, never the same twice in one process: it makes file names distinct."""
    _last_run_ms[0] = max(int(time.time() * 1000), _last_run_ms[0] + 1)
    return _last_run_ms[0]


def _final_name(spark_name: str, target: Target, run_ms: int, number: int) -> str:
    if target.format in ("parquet", "orc"):
        return spark_name  # Glue writes these two with Spark's own writer
    ending = re.sub(r"^part-\d+(-[0-9a-f-]{36}[-.]c\d+)?", "", spark_name)
    if target.format == "glueparquet":
        ending = ending.replace(".", "-", 1) if ending != ".parquet" else ending
        return f"run-{run_ms}-part-block-0-r-{number:05d}{ending}"
    if target.format == "avro":
        return f"run-{run_ms}-part-r-{number:05d}.avro"
    return f"run-{run_ms}-part-r-{number:05d}{ending.removeprefix('.csv').removeprefix('.json').removeprefix('.txt')}"


def _publish(target: Target, folder: Folder, staged: Folder) -> list[str]:
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


def _stage(spark: SparkSession, columns: Columns, target: Target, staged: Folder) -> int:
    """Write the rows into a folder that nobody sees; how many there were."""
    if target.format == "avro":
        from ._avro_write import write_containers

        return write_containers(spark, columns, target, staged)
    from pyspark.sql import Observation
    from pyspark.sql import functions as f

    made, rows, keys = prepare(columns, target), Observation(), list(target.partition_keys)
    writer = made.df.observe(rows, f.count(f.lit(1)).alias("rows")).write.format(made.writer).options(**made.options)
    (writer.partitionBy(*keys) if keys else writer).save(staged.path)
    return int(rows.get["rows"])


def write_files(spark: SparkSession, columns: Columns, target: Target, *, direct: bool = True) -> list[str]:
    """Append the rows to the target's folder; the new files' relative paths (none listed when written directly).

    An empty frame writes nothing. Partitioned Parquet and ORC go straight through Spark's committer, whose files
    appear when the job commits; the rest is written beside the target, and moved when it is complete.
    """
    if not columns.schema.fields:
        return []
    check_keys(columns, target)
    keys = list(target.partition_keys)
    if direct and keys and target.format in ("parquet", "orc"):
        made = prepare(columns, target)
        made.df.write.format(made.writer).options(**made.options).partitionBy(*keys).mode("append").save(target.path)
        return []
    folder = Folder(spark, target.path)
    staged = Folder(spark, f"{target.path.rstrip('/')}/.spark-staging-{uuid.uuid4()}")
    try:
        rows = _stage(spark, columns, target, staged)
        return _publish(target, folder, staged) if rows else []
    finally:
        staged.delete()


def partitions_of(files: Sequence[str], keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The partitions of written files: the values of each `k=v` folder, in order."""
    found: dict[str, tuple[str, ...]] = {}
    for path in files if keys else ():
        folder = path.rpartition("/")[0]
        found[folder] = tuple(unquote(part.partition("=")[2]) for part in folder.split("/"))
    return found


def write_sample(frame: DynamicFrame, path: str, options: Mapping[str, Any]) -> None:
    """Spigot: up to `topk` records (default 100) of a random share `prob` (default all), as JSON lines."""
    most = whole_number(options, "topk", least=1)
    try:
        share = float(options.get("prob", 1))
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f'"prob" of a spigot is a number from 0 to 1; got {options.get("prob")!r}.')
    columns = frame._columns
    df = columns.df if share >= 1 else columns.df.sample(share)
    sample = Columns(df.limit(100 if most is None else most), columns.schema)
    write_files(frame.glue_ctx.spark_session, sample, Target(path, "json"))
