"""`DataSource`: what `getSource` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._refusal import refuse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .dynamicframe import DynamicFrame


class DataSource:
    """A source of files. `j_source` holds the connection's options (on AWS a Java object)."""

    def __init__(self, j_source: dict[str, Any], sql_ctx: Any, name: str) -> None:
        self._options = j_source
        self._sql_ctx = sql_ctx
        self.name = name

    def setFormat(self, format: str, **options: Any) -> None:
        self._options = {**self._options, "format": format, "format_options": options}

    def getFrame(self, **options: Any) -> DynamicFrame:
        """The frame of everything the source reads."""
        connection = {**self._options["options"], **options}
        frame: DynamicFrame = self._sql_ctx.create_dynamic_frame_from_options(
            self._options["connection_type"], connection, self._options.get("format"),
            self._options.get("format_options") or {}, self._options.get("transformation_ctx", ""),
        )  # fmt: skip
        return frame

    def getSampleFrame(self, num: int, **options: Any) -> DynamicFrame:
        raise refuse("DataSource.getSampleFrame", "Use getFrame().toDF().limit(num).")

    def getDataFrame(self) -> DataFrame:
        return self.getFrame().toDF()
