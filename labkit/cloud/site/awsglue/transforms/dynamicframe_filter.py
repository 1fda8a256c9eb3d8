"""Filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .transform import GlueTransform

if TYPE_CHECKING:
    from collections.abc import Callable

    from awsglue.dynamicframe import DynamicFrame


class Filter(GlueTransform):
    """The records for which a function is true."""

    def __call__(
        self, frame: DynamicFrame, f: Callable[[Any], Any], transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame.filter(f, transformation_ctx, info, stageThreshold, totalThreshold)
