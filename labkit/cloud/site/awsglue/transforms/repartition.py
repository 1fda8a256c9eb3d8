"""Repartition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class Repartition(GlueTransform):
    """The frame in a number of partitions."""

    def __call__(
        self, frame: DynamicFrame, num_partitions: int, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame.repartition(num_partitions, transformation_ctx, info, stageThreshold, totalThreshold)
