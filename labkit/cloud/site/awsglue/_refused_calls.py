"""Calls of `GlueContext` that are named here and refused on use: streaming, transactions, databases, storage classes."""

from __future__ import annotations

from typing import Any

from ._connections import extract_jdbc_conf
from ._refusal import refuse

_STREAMS = "Streams are not here: read files with create_dynamic_frame."
_DATABASES = "No JDBC driver is here: write files with write_dynamic_frame.from_options(connection_type='s3')."
_CLASSES = "Objects of the local cloud have no storage tiers: use a lifecycle rule on AWS, or purge_s3_path."
_GOVERNED = "Governed tables of Lake Formation are not here, and AWS has ended them: use Parquet."


class Refusals:
    """What GlueContext refuses, with AWS's signatures."""

    def _get_glue_scala_context(self, **options: Any) -> Any:
        raise refuse("GlueContext._get_glue_scala_context", "There is no Scala object behind the context here.")

    def getStreamingSource(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> Any:
        raise refuse("GlueContext.getStreamingSource", _STREAMS)

    def write_dynamic_frame_from_jdbc_conf(
        self, frame: Any, catalog_connection: str, connection_options: dict[str, Any] = {}, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", catalog_id: str | None = None,
    ) -> Any:  # fmt: skip
        extract_jdbc_conf(catalog_connection, catalog_id)  # a connection that does not exist is the first thing to say
        raise refuse("write_dynamic_frame.from_jdbc_conf", _DATABASES)

    def write_from_jdbc_conf(
        self, frame_or_dfc: Any, catalog_connection: str, connection_options: dict[str, Any] = {}, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", catalog_id: str | None = None,
    ) -> Any:  # fmt: skip
        extract_jdbc_conf(catalog_connection, catalog_id)
        raise refuse("GlueContext.write_from_jdbc_conf", _DATABASES)

    def transition_table(
        self, database: str, table_name: str, transition_to: str, options: dict[str, Any] = {}, transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:  # fmt: skip
        raise refuse("GlueContext.transition_table", _CLASSES)

    def transition_s3_path(
        self, s3_path: str, transition_to: str, options: dict[str, Any] = {}, transformation_ctx: str = ""
    ) -> None:
        raise refuse("GlueContext.transition_s3_path", _CLASSES)

    def getSampleStreamingDynamicFrame(
        self, frame: Any, options: dict[str, Any] = {}, batch_function: Any = None
    ) -> Any:
        raise refuse("GlueContext.getSampleStreamingDynamicFrame", _STREAMS)

    def forEachBatch(self, frame: Any, batch_function: Any, options: dict[str, Any] = {}) -> Any:
        raise refuse("GlueContext.forEachBatch", _STREAMS)

    def add_ingestion_time_columns(self, frame: Any, time_granularity: str) -> Any:
        raise refuse("GlueContext.add_ingestion_time_columns", "Use toDF() and current_timestamp().")

    def start_transaction(self, read_only: bool) -> Any:
        raise refuse("GlueContext.start_transaction", _GOVERNED)

    def commit_transaction(self, transaction_id: str, wait_for_commit: bool = True) -> Any:
        raise refuse("GlueContext.commit_transaction", _GOVERNED)

    def cancel_transaction(self, transaction_id: str) -> Any:
        raise refuse("GlueContext.cancel_transaction", _GOVERNED)
