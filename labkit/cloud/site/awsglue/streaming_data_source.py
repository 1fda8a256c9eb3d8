"""Streaming sources: named here, refused on use."""

from __future__ import annotations

from typing import Any

from ._refusal import refuse


class StreamingDataSource:
    """Refused on use."""

    def __init__(self, j_source: Any, sql_ctx: Any, name: str) -> None:
        raise refuse("StreamingDataSource")

    def setFormat(self, format: str, **options: Any) -> None:
        raise refuse("StreamingDataSource.setFormat")

    def getFrame(self) -> Any:
        raise refuse("StreamingDataSource.getFrame")
