"""`glueContext.write_data_frame`: DataFrames to catalog tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._frame_io import database_and_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .context import GlueContext


class DataFrameWriter:
    """DataFrames to catalog tables."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context

    def from_catalog(
        self, frame: DataFrame, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        database, table_name = database_and_table(database, table_name, kwargs)
        return self._glue_context.write_data_frame_from_catalog(
            frame, database, table_name, redshift_tmp_dir, transformation_ctx, additional_options, catalog_id, **kwargs
        )
