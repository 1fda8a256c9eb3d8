"""`glueContext.create_data_frame`: DataFrames of catalog tables and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._frame_io import database_and_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .context import GlueContext


class DataFrameReader:
    """DataFrames of catalog tables and paths."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context

    def from_catalog(
        self, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "", transformation_ctx: str = "",
        push_down_predicate: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> DataFrame:  # fmt: skip
        database, table_name = database_and_table(database, table_name, kwargs)
        return self._glue_context.create_data_frame_from_catalog(
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            push_down_predicate,
            additional_options,
            catalog_id,
            **kwargs,
        )

    def from_options(
        self, connection_type: str, connection_options: dict[str, Any] = {}, format: str | None = None,
        format_options: dict[str, Any] = {}, transformation_ctx: str = "", push_down_predicate: str = "", **kwargs: Any,
    ) -> DataFrame:  # fmt: skip
        return self._glue_context.create_data_frame_from_options(
            connection_type,
            connection_options,
            format,
            format_options,
            transformation_ctx,
            push_down_predicate,
            **kwargs,
        )
