"""`GlueContext`: where a Glue script starts."""

from __future__ import annotations

import warnings
from typing import Any

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession, SQLContext

from . import _catalog, _connections, _purge, _readers, _sampling, _table_sinks, _tables
from . import gluetypes as glue
from ._formats import check_connection
from ._frame_io import DynamicFrameReader, DynamicFrameWriter, database_and_table
from ._logger import GlueLogger
from ._options import flag
from ._refused_calls import Refusals
from ._spark_tables import read_with_spark
from ._types import spark_from_glue
from .data_sink import DataSink, SinkPlan
from .data_source import DataSource
from .dataframereader import DataFrameReader
from .dataframewriter import DataFrameWriter
from .dynamicframe import DynamicFrame, DynamicFrameCollection, ResolveOption

# Connection types that say only where files are, not what is in them.
_PLACES = ("s3", "file")


def register(sc: Any) -> None:
    """On AWS this makes Java classes known; nothing is needed here."""


def _session_of(given: Any) -> SparkSession:
    if isinstance(given, SparkSession):
        return given
    if given is None or isinstance(given, SparkContext):
        return SparkSession.builder.getOrCreate()
    raise TypeError(f"GlueContext takes a SparkContext or a SparkSession, not a {type(given).__name__}.")


class GlueContext(Refusals, SQLContext):
    """Reads and writes DynamicFrames. `spark_session` is the script's SparkSession."""

    Spark_SQL_Formats = {"parquet", "orc"}  # noqa: RUF012 - AWS's attribute
    Unsupported_Compression_Types = {"lzo"}  # noqa: RUF012

    def __init__(self, sparkContext: Any = None, **options: Any) -> None:
        session = _session_of(sparkContext)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLContext is deprecated; AWS's GlueContext is one all the same
            super().__init__(session.sparkContext, session)
        self.spark_session = session
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)
        self.write_data_frame = DataFrameWriter(self)
        self._sink_names: dict[str, int] = {}

    @property
    def _ssql_ctx(self) -> Any:
        return self

    @_ssql_ctx.setter
    def _ssql_ctx(self, value: Any) -> None:
        """SQLContext sets this; the context itself serves."""

    def get_logger(self) -> GlueLogger:
        return GlueLogger()

    # --- sources ---

    def getSource(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> DataSource:
        check_connection(connection_type, "getSource")
        source = {
            "connection_type": connection_type,
            "format": format,
            "transformation_ctx": transformation_ctx,
            "options": options,
        }
        return DataSource(source, self, transformation_ctx)

    def get_catalog_schema_as_spark_schema(
        self, database: str | None = None, table_name: str | None = None, catalog_id: str | None = None
    ) -> Any:
        """The columns of a catalog table as a Spark schema, partition keys last."""
        return spark_from_glue(self._catalog_schema(database, table_name, catalog_id))

    def _catalog_schema(self, database: str | None, table_name: str | None, catalog_id: str | None) -> glue.StructType:
        named = database_and_table(database, table_name, {})
        table = _catalog.get_table(*named, catalog_id)
        return _catalog.glue_schema((*table.columns, *table.partition_keys))

    def create_dynamic_frame_from_rdd(
        self, data: Any, name: str, schema: Any = None, sample_ratio: float | None = None, transformation_ctx: str = ""
    ) -> DynamicFrame:
        """A frame of an RDD of rows, tuples or dicts."""
        df = self.spark_session.createDataFrame(data, schema, sample_ratio)
        return DynamicFrame.fromDF(df, self, name)

    def create_dynamic_frame_from_catalog(
        self, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "", transformation_ctx: str = "",
        push_down_predicate: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> DynamicFrame:  # fmt: skip
        """The rows of a catalog table: registered partitions for which the predicate is true, unread files only."""
        named = database_and_table(database, table_name, kwargs)
        table = _catalog.get_table(*named, catalog_id)
        contents = _tables.read_table(
            self.spark_session,
            table,
            push_down_predicate,
            dict(additional_options or {}),
            transformation_ctx,
            catalog_id,
        )
        return DynamicFrame(contents, self, transformation_ctx or table.name)

    def create_data_frame_from_catalog(
        self, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "", transformation_ctx: str = "",
        push_down_predicate: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> DataFrame:  # fmt: skip
        """The table as a DataFrame; with `useSparkDataSource` read by Spark alone."""
        if flag(additional_options or {}, "useSparkDataSource"):
            table = _catalog.get_table(*database_and_table(database, table_name, kwargs), catalog_id)
            return read_with_spark(self.spark_session, table, additional_options)
        frame = self.create_dynamic_frame_from_catalog(
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            push_down_predicate,
            additional_options,
            catalog_id,
            **kwargs,
        )
        return frame.toDF()

    def create_dynamic_frame_from_options(
        self, connection_type: str, connection_options: dict[str, Any] = {}, format: str | None = None,
        format_options: dict[str, Any] = {}, transformation_ctx: str = "", push_down_predicate: str = "", **kwargs: Any,
    ) -> DynamicFrame:  # fmt: skip
        """The rows of files at `connection_options["paths"]`."""
        place = check_connection(connection_type, "create_dynamic_frame")
        kind = _readers.check_format(format or (place if place not in _PLACES else None))
        contents = _readers.read_options(
            self.spark_session, kind, connection_options or {}, format_options or {}, transformation_ctx
        )
        return DynamicFrame(contents, self, transformation_ctx)

    def create_data_frame_from_options(
        self, connection_type: str, connection_options: dict[str, Any] = {}, format: str | None = None,
        format_options: dict[str, Any] = {}, transformation_ctx: str = "", push_down_predicate: str = "", **kwargs: Any,
    ) -> DataFrame:  # fmt: skip
        return self.create_dynamic_frame_from_options(
            connection_type,
            connection_options,
            format,
            format_options,
            transformation_ctx,
            push_down_predicate,
            **kwargs,
        ).toDF()

    def create_sample_dynamic_frame_from_catalog(
        self, database: str | None = None, table_name: str | None = None, num: int | None = None, sample_options: dict[str, Any] = {},
        redshift_tmp_dir: str = "", transformation_ctx: str = "", push_down_predicate: str = "", additional_options: dict[str, Any] = {},
        catalog_id: str | None = None, erieTxId: str = "", asOfTime: str = "", **kwargs: Any,
    ) -> DynamicFrame:  # fmt: skip
        """The first `num` records of a table, from a few partitions and files (`sample_options`)."""
        limits = _sampling.limits_of(num, sample_options)
        with _sampling.reading(limits):
            frame = self.create_dynamic_frame_from_catalog(
                database, table_name, redshift_tmp_dir, transformation_ctx, push_down_predicate, additional_options,
                catalog_id, **kwargs,
            )  # fmt: skip
        return _sampling.first_records(frame, limits)

    def create_sample_dynamic_frame_from_options(
        self, connection_type: str, connection_options: dict[str, Any] = {}, num: int | None = None, sample_options: dict[str, Any] = {},
        format: str | None = None, format_options: dict[str, Any] = {}, transformation_ctx: str = "", push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:  # fmt: skip
        """The first `num` records of files, from a few of them (`sample_options`)."""
        limits = _sampling.limits_of(num, sample_options)
        with _sampling.reading(limits):
            frame = self.create_dynamic_frame_from_options(
                connection_type,
                connection_options,
                format,
                format_options,
                transformation_ctx,
                push_down_predicate,
                **kwargs,
            )
        return _sampling.first_records(frame, limits)

    # --- sinks ---

    def getSink(
        self, connection_type: str, format: str | None = None, transformation_ctx: str = "", **options: Any
    ) -> DataSink:
        check_connection(connection_type, "getSink")
        self._note_sink(transformation_ctx)
        return DataSink(SinkPlan(options, format), self)

    def _note_sink(self, name: str) -> None:
        """AWS keeps a sink's state by its transformation_ctx, so a name that is used twice is told, once; both sinks write."""
        if not name:
            return
        self._sink_names[name] = self._sink_names.get(name, 0) + 1
        if self._sink_names[name] == 2:
            self.get_logger().warn(
                f'Two sinks have transformation_ctx="{name}"; both are written. Give each sink a name of its own.'
            )

    def write_dynamic_frame_from_options(
        self, frame: Any, connection_type: str, connection_options: dict[str, Any] = {}, format: str | None = None,
        format_options: dict[str, Any] = {}, transformation_ctx: str = "",
    ) -> Any:  # fmt: skip
        return self.write_from_options(
            frame, connection_type, connection_options, format or "", format_options, transformation_ctx
        )

    def write_from_options(
        self, frame_or_dfc: Any, connection_type: str, connection_options: dict[str, Any] = {}, format: Any = {},
        format_options: dict[str, Any] = {}, transformation_ctx: str = "", **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Append a frame, or a collection's frames, to `connection_options["path"]`."""
        options = dict(connection_options or {})
        if isinstance(frame_or_dfc, DynamicFrameCollection):
            options["useFrameName"] = True
        sink = self.getSink(connection_type, None, transformation_ctx, **options)
        kind = format or (connection_type if connection_type not in _PLACES else "")
        sink.setFormat(kind, **dict(format_options or {}))
        return sink.write(frame_or_dfc)

    def write_dynamic_frame_from_catalog(
        self, frame: Any, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Append to a table's folder in the table's format; `partitionKeys` must be given to partition."""
        table = _catalog.get_table(*database_and_table(database, table_name, kwargs), catalog_id)
        options, format_options = _table_sinks.options_of(table, additional_options or {})
        sink = self.getSink("s3", None, transformation_ctx, **options)
        sink.setFormat(table.format, **format_options)
        sink.setCatalogInfo(table.database, table.name, catalog_id or "")
        return sink.write(frame)

    def write_data_frame_from_catalog(
        self, frame: DataFrame, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        wrapped = DynamicFrame.fromDF(frame, self)
        return self.write_dynamic_frame_from_catalog(
            wrapped,
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            additional_options,
            catalog_id,
            **kwargs,
        )

    def convert_resolve_option(self, path: str, action: str, target: Any) -> ResolveOption:
        """A checked option of `toDF(options)`: KeepAsStruct, or Project with a target type."""
        if action == "KeepAsStruct":
            return ResolveOption(path, action)
        if action != "Project":
            raise ValueError(f"Invalid resolve action {action!r}: use KeepAsStruct or Project.")
        if not isinstance(target, glue.DataType):
            raise ValueError(f"Action Project of {path!r} needs a target type of awsglue.gluetypes.")
        return ResolveOption(path, action, target)

    # --- files ---

    def purge_s3_path(self, s3_path: str, options: dict[str, Any] = {}, transformation_ctx: str = "") -> None:
        """Delete objects older than `retentionPeriod` hours (default 168: fresh ones stay)."""
        _purge.purge_path(s3_path, options or {})

    def purge_table(
        self,
        database: str,
        table_name: str,
        options: dict[str, Any] = {},
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        """Delete a table's old objects, and from the catalog the partitions that have none left."""
        table = _catalog.get_table(database, table_name, catalog_id)
        _purge.purge_table(self.spark_session, table, options or {}, catalog_id)

    def extract_jdbc_conf(self, connection_name: str, catalog_id: str | None = None) -> dict[str, Any]:
        """The settings of a JDBC connection of the catalog."""
        return _connections.extract_jdbc_conf(connection_name, catalog_id)

    def currentTimeMillis(self) -> int:
        import time

        return int(time.time() * 1000)
