"""Relationalize."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awsglue.utils import _global_args

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection


class Relationalize(GlueTransform):
    """Nested records as tables that are joined by generated keys."""

    def __call__(
        self, frame: DynamicFrame, staging_path: str | None = None, name: str = "roottable", options: dict[str, Any] | None = None,
        transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        folder = staging_path or _global_args.get("TempDir")
        if not folder:
            raise RuntimeError("Relationalize needs a staging_path, or --TempDir read with getResolvedOptions.")
        return frame.relationalize(
            name, folder, options or {}, transformation_ctx, info, stageThreshold, totalThreshold
        )
