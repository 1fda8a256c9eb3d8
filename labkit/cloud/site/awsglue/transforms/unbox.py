"""Unbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class Unbox(GlueTransform):
    """A field's text parsed into a struct."""

    def __call__(
        self, frame: DynamicFrame, path: str, format: str, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0, **options: Any,
    ) -> DynamicFrame:  # fmt: skip
        return frame.unbox(path, format, transformation_ctx, info, stageThreshold, totalThreshold, **options)
