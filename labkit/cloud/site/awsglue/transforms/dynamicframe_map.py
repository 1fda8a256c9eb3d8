"""Map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .transform import GlueTransform

if TYPE_CHECKING:
    from collections.abc import Callable

    from awsglue.dynamicframe import DynamicFrame


class Map(GlueTransform):
    """A function's result for each record."""

    def __call__(
        self, frame: DynamicFrame, f: Callable[[Any], Any], preservesPartitioning: bool = False, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame.map(f, preservesPartitioning, transformation_ctx, info, stageThreshold, totalThreshold)
