"""UnnestFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class UnnestFrame(GlueTransform):
    """Structs flattened to fields named with dots."""

    def __call__(
        self, frame: DynamicFrame, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame.unnest(transformation_ctx, info, stageThreshold, totalThreshold)
