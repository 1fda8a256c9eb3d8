"""ErrorsAsDynamicFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class ErrorsAsDynamicFrame(GlueTransform):
    """A frame's error records."""

    def __call__(self, frame: DynamicFrame) -> DynamicFrame:
        return frame.errorsAsDynamicFrame()
