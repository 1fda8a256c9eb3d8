"""Calls of `GlueContext` that are named here and refused on use: streaming, transactions, databases, storage classes."""

from __future__ import annotations

from typing import Any

from ._refusal import refuse


class Refusals:
    """What GlueContext refuses, with AWS's signatures."""

    def getStreamingSource(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> Any:
        raise refuse("GlueContext.getStreamingSource")

    def write_dynamic_frame_from_jdbc_conf(
        self, frame: Any, catalog_connection: str, connection_options: dict[str, Any] = {}, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", catalog_id: str | None = None,
    ) -> Any:  # fmt: skip
        raise refuse("write_dynamic_frame.from_jdbc_conf", "Write to S3 instead.")

    def write_from_jdbc_conf(
        self, frame_or_dfc: Any, catalog_connection: str, connection_options: dict[str, Any] = {}, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", catalog_id: str | None = None,
    ) -> Any:  # fmt: skip
        raise refuse("GlueContext.write_from_jdbc_conf", "Write to S3 instead.")

    def extract_jdbc_conf(self, connection_name: str, catalog_id: str | None = None) -> dict[str, Any]:
        raise refuse("GlueContext.extract_jdbc_conf")

    def purge_table(
        self,
        database: str,
        table_name: str,
        options: dict[str, Any] = {},
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        raise refuse("GlueContext.purge_table", "Use purge_s3_path with the table's location.")

    def transition_table(
        self, database: str, table_name: str, transition_to: str, options: dict[str, Any] = {}, transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:  # fmt: skip
        raise refuse("GlueContext.transition_table")

    def transition_s3_path(
        self, s3_path: str, transition_to: str, options: dict[str, Any] = {}, transformation_ctx: str = ""
    ) -> None:
        raise refuse("GlueContext.transition_s3_path")

    def getSampleStreamingDynamicFrame(
        self, frame: Any, options: dict[str, Any] = {}, batch_function: Any = None
    ) -> Any:
        raise refuse("GlueContext.getSampleStreamingDynamicFrame")

    def forEachBatch(self, frame: Any, batch_function: Any, options: dict[str, Any] = {}) -> Any:
        raise refuse("GlueContext.forEachBatch")

    def add_ingestion_time_columns(self, frame: Any, time_granularity: str) -> Any:
        raise refuse("GlueContext.add_ingestion_time_columns")

    def start_transaction(self, read_only: bool) -> Any:
        raise refuse("GlueContext.start_transaction")

    def commit_transaction(self, transaction_id: str, wait_for_commit: bool = True) -> Any:
        raise refuse("GlueContext.commit_transaction")

    def cancel_transaction(self, transaction_id: str) -> Any:
        raise refuse("GlueContext.cancel_transaction")
