"""`glueContext.create_dynamic_frame` and `.write_dynamic_frame`: AWS's names over the context's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .context import GlueContext
    from .dynamicframe import DynamicFrame


def database_and_table(database: str | None, table_name: str | None, options: dict[str, Any]) -> tuple[str, str]:
    """The table that a from_catalog call names; takes `name_space` for `database`, as AWS does."""
    other = options.pop("name_space", None)
    if database is not None and other is not None:
        raise Exception("Parameter name_space and database are both specified, choose one.")
    chosen = database if database is not None else other
    if chosen is None:
        raise Exception("Parameter name_space or database is missing.")
    if table_name is None:
        raise Exception("Parameter table_name is missing.")
    return str(chosen), table_name


class DynamicFrameReader:
    """Frames of RDDs, paths and catalog tables."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context

    def from_rdd(self, data: Any, name: str, schema: Any = None, sampleRatio: float | None = None) -> DynamicFrame:
        return self._glue_context.create_dynamic_frame_from_rdd(data, name, schema, sampleRatio)

    def from_options(
        self, connection_type: str, connection_options: dict[str, Any] = {}, format: str | None = None,
        format_options: dict[str, Any] = {}, transformation_ctx: str = "", push_down_predicate: str = "", **kwargs: Any,
    ) -> DynamicFrame:  # fmt: skip
        return self._glue_context.create_dynamic_frame_from_options(
            connection_type,
            connection_options,
            format,
            format_options,
            transformation_ctx,
            push_down_predicate,
            **kwargs,
        )

    def from_catalog(
        self, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "", transformation_ctx: str = "",
        push_down_predicate: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> DynamicFrame:  # fmt: skip
        database, table_name = database_and_table(database, table_name, kwargs)
        return self._glue_context.create_dynamic_frame_from_catalog(
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            push_down_predicate,
            additional_options,
            catalog_id,
            **kwargs,
        )


class DynamicFrameWriter:
    """Frames to paths and catalog tables."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context

    def from_options(
        self, frame: Any, connection_type: str, connection_options: dict[str, Any] = {}, format: str | None = None,
        format_options: dict[str, Any] = {}, transformation_ctx: str = "",
    ) -> Any:  # fmt: skip
        return self._glue_context.write_dynamic_frame_from_options(
            frame, connection_type, connection_options, format, format_options, transformation_ctx
        )

    def from_catalog(
        self, frame: Any, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "",
        transformation_ctx: str = "", additional_options: dict[str, Any] = {}, catalog_id: str | None = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        database, table_name = database_and_table(database, table_name, kwargs)
        return self._glue_context.write_dynamic_frame_from_catalog(
            frame, database, table_name, redshift_tmp_dir, transformation_ctx, additional_options, catalog_id, **kwargs
        )

    def from_jdbc_conf(
        self, frame: Any, catalog_connection: str, connection_options: dict[str, Any] = {}, redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
    ) -> Any:  # fmt: skip
        return self._glue_context.write_dynamic_frame_from_jdbc_conf(
            frame, catalog_connection, connection_options, redshift_tmp_dir, transformation_ctx
        )
