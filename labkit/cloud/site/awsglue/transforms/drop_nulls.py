"""DropNullFields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awsglue import gluetypes as glue
from awsglue._fields import null_paths

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class DropNullFields(GlueTransform):
    """The frame without the fields that are null in the whole data set."""

    def _find_null_fields(self, ctx: Any, schema: glue.StructType, path: str, output: list[str]) -> list[str]:
        output.extend(null_paths(schema, path))
        return output

    def __call__(
        self,
        frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        paths = self._find_null_fields(frame.glue_ctx, frame.schema(), "", [])
        print(f"null_fields {paths}")
        if not paths:
            return frame
        return frame.drop_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)
