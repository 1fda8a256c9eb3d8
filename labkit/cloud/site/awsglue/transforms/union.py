"""Union."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class Union(GlueTransform):
    """All records of two frames."""

    def __call__(
        self, frame1: DynamicFrame, frame2: DynamicFrame, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame1.union(frame2, transformation_ctx, info, stageThreshold, totalThreshold)
