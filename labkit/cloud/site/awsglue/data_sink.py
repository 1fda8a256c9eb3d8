"""`DataSink`: what `getSink` gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import _catalog_updates, _records
from ._compression import codec_for
from ._contents import Columns, Contents
from ._options import flag, names_of, one_of
from ._prepare import Target
from ._sinks import check_format, partitions_of, write_files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .dynamicframe import DynamicFrame

_BEHAVIORS = ("UPDATE_IN_DATABASE", "LOG")
# What the catalog can be kept up to date for, as documented.
_UPDATABLE = ("csv", "json", "avro", "parquet", "glueparquet")


@dataclass(frozen=True)
class SinkPlan:
    """What a sink was told: options of the connection, the format, and the catalog table to keep up to date."""

    options: Mapping[str, Any]
    format: str | None = None
    format_options: Mapping[str, Any] | None = None
    database: str | None = None
    table: str | None = None
    catalog_id: str | None = None


def _target(plan: SinkPlan) -> Target:
    path = plan.options.get("path")
    if not path:
        raise ValueError('An S3 sink needs a "path", such as "s3://bucket/folder/".')
    format_options = dict(plan.format_options or {})
    kind = check_format(plan.format)
    if kind == "parquet" and flag(format_options, "useGlueParquetWriter"):
        kind = "glueparquet"
    compression = plan.options.get("compression") or format_options.get("compression")
    keys = names_of(plan.options.get("partitionKeys"), "partitionKeys")
    codec_for(kind, compression)
    return Target(str(path), kind, keys, compression, format_options)


class DataSink:
    """A sink that appends files to a folder. `j_sink` is its plan (on AWS a Java object)."""

    def __init__(self, j_sink: SinkPlan, sql_ctx: Any) -> None:
        self._plan = j_sink
        self._sql_ctx = sql_ctx

    def setFormat(self, format: str, **options: Any) -> None:
        check_format(format)
        self._plan = replace(self._plan, format=format, format_options=options)

    def setAccumulableSize(self, size: int) -> None:
        """Kept for scripts: error records are not limited here."""

    def setCatalogInfo(self, catalogDatabase: str, catalogTableName: str, catalogId: str = "") -> None:
        self._plan = replace(self._plan, database=catalogDatabase, table=catalogTableName, catalog_id=catalogId or None)

    def writeFrame(self, dynamic_frame: DynamicFrame, info: str = "") -> DynamicFrame:
        """Write a frame; gives the frame of records that could not be written (none: a failure raises)."""
        from .dynamicframe import DynamicFrame

        self._write(dynamic_frame.glue_ctx, dynamic_frame._columns)
        spark = dynamic_frame.glue_ctx.spark_session
        return DynamicFrame(
            Contents(lambda: _records.empty_columns(spark)), dynamic_frame.glue_ctx, f"{dynamic_frame.name}_errors"
        )

    def writeDataFrame(self, data_frame: DataFrame, glue_context: Any, info: str = "") -> DynamicFrame:
        from .dynamicframe import DynamicFrame

        return self.writeFrame(DynamicFrame.fromDF(data_frame, glue_context), info)

    def write(self, dynamic_frame_or_dfc: Any, info: str = "") -> Any:
        """Write a frame, or each frame of a collection into a folder of its name."""
        from .dynamicframe import DynamicFrame, DynamicFrameCollection

        if isinstance(dynamic_frame_or_dfc, DynamicFrame):
            return self.writeFrame(dynamic_frame_or_dfc, info)
        if not isinstance(dynamic_frame_or_dfc, DynamicFrameCollection):
            kind = type(dynamic_frame_or_dfc).__name__
            raise TypeError(
                f"A sink writes a DynamicFrame or a DynamicFrameCollection, not a {kind}; use DynamicFrame.fromDF."
            )
        written = {}
        for name in dynamic_frame_or_dfc.keys():  # noqa: SIM118 - AWS's collection is not iterable
            folder = f"{str(self._plan.options.get('path')).rstrip('/')}/{name}/"
            sink = DataSink(replace(self._plan, options={**self._plan.options, "path": folder}), self._sql_ctx)
            written[name] = sink.writeFrame(dynamic_frame_or_dfc[name], info)
        return DynamicFrameCollection(written, self._sql_ctx)

    def _write(self, glue_context: Any, columns: Columns) -> None:
        plan, target, spark = self._plan, _target(self._plan), glue_context.spark_session
        if not flag(plan.options, "enableUpdateCatalog"):
            write_files(spark, columns, target)
            return
        behavior = one_of(plan.options, "updateBehavior", _BEHAVIORS) or _BEHAVIORS[0]
        if not plan.database or not plan.table:
            raise ValueError("enableUpdateCatalog needs setCatalogInfo(catalogDatabase=…, catalogTableName=…).")
        if target.format not in _UPDATABLE:
            raise ValueError(f"enableUpdateCatalog takes json, csv, avro and parquet, not {target.format}.")
        if target.format == "parquet":  # "you must utilize the AWS Glue optimized parquet writer"
            target = replace(target, format="glueparquet")
        table = _catalog_updates.check_table(plan.database, plan.table, target.partition_keys, plan.catalog_id)
        files = write_files(spark, columns, target, direct=False)
        if columns.schema.fields:
            place = _catalog_updates.Place(plan.database, plan.table, plan.catalog_id, target, plan.format or "")
            _catalog_updates.register(
                table, place, columns.schema, partitions_of(files, target.partition_keys), behavior
            )
