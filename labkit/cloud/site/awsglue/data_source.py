"""`DataSource`: what `getSource` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    def _arguments(self, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "connection_type": self._options["connection_type"],
            "connection_options": {**self._options["options"], **options},
            "format": self._options.get("format"),
            "format_options": self._options.get("format_options") or {},
            "transformation_ctx": self._options.get("transformation_ctx", ""),
        }

    def getFrame(self, **options: Any) -> DynamicFrame:
        """The frame of everything the source reads."""
        frame: DynamicFrame = self._sql_ctx.create_dynamic_frame_from_options(**self._arguments(options))
        return frame

    def getSampleFrame(self, num: int, **options: Any) -> DynamicFrame:
        """The first `num` records; `options` may hold maxSamplePartitions and maxSampleFilesPerPartition."""
        frame: DynamicFrame = self._sql_ctx.create_sample_dynamic_frame_from_options(
            num=num, sample_options=options, **self._arguments({})
        )
        return frame

    def getDataFrame(self) -> DataFrame:
        return self.getFrame().toDF()
