"""Transforms of fields and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection


class RenameField(GlueTransform):
    """One field under another name; backticks quote a literal dot."""

    def __call__(
        self, frame: DynamicFrame, old_name: str, new_name: str, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame.rename_field(old_name, new_name, transformation_ctx, info, stageThreshold, totalThreshold)


class DropFields(GlueTransform):
    """The frame without some fields."""

    def __call__(
        self, frame: DynamicFrame, paths: str | list[str], transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame.drop_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)


class SelectFields(GlueTransform):
    """The frame with some fields only."""

    def __call__(
        self, frame: DynamicFrame, paths: str | list[str], transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        return frame.select_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)


class SplitFields(GlueTransform):
    """Two frames: the fields listed, and the rest."""

    def __call__(
        self, frame: DynamicFrame, paths: str | list[str], name1: str | None = None, name2: str | None = None, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        return frame.split_fields(
            paths,
            name1 or f"{frame.name or 'frame'}1",
            name2 or f"{frame.name or 'frame'}2",
            transformation_ctx,
            info,
            stageThreshold,
            totalThreshold,
        )


class SplitRows(GlueTransform):
    """Two frames: the rows for which all comparisons hold, and the rest."""

    def __call__(
        self, frame: DynamicFrame, comparison_dict: dict[str, dict[str, Any]], name1: str = "frame1", name2: str = "frame2", transformation_ctx: str = "",
        info: str | None = None, stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        return frame.split_rows(
            comparison_dict, name1, name2, transformation_ctx, info or "", stageThreshold, totalThreshold
        )


class Join(GlueTransform):
    """Inner equality join of two frames; all fields of both are kept."""

    def __call__(
        self,
        frame1: DynamicFrame,
        frame2: DynamicFrame,
        keys1: str | list[str],
        keys2: str | list[str],
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        return frame1.join(keys1, keys2, frame2, transformation_ctx)


class Spigot(GlueTransform):
    """A sample written as JSON lines; the frame passes on."""

    def __call__(
        self, frame: DynamicFrame, path: str, options: dict[str, Any], transformation_ctx: str = ""
    ) -> DynamicFrame:
        return frame.spigot(path, options, transformation_ctx)
