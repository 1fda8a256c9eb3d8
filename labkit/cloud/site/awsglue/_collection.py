"""`DynamicFrameCollection`: frames by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _records
from ._contents import Contents

if TYPE_CHECKING:
    from .context import GlueContext
    from .dynamicframe import DynamicFrame


class DynamicFrameCollection:
    """Named frames; `dynamic_frames` is a dict, or frames that carry their names."""

    def __init__(self, dynamic_frames: Any, glue_ctx: GlueContext) -> None:
        frames = (
            dynamic_frames.items()
            if isinstance(dynamic_frames, dict)
            else ((frame.name, frame) for frame in dynamic_frames)
        )
        self._df_dict: dict[str, DynamicFrame] = dict(frames)
        self._glue_ctx = glue_ctx

    def __getitem__(self, key: str) -> DynamicFrame:
        return self._df_dict[key]

    def __len__(self) -> int:
        return len(self._df_dict)

    def keys(self) -> Any:
        return self._df_dict.keys()

    def values(self) -> Any:
        return self._df_dict.values()

    def select(self, key: str, transformation_ctx: str = "") -> DynamicFrame:
        """The frame of that name; an empty one when there is none."""
        if key in self._df_dict:
            return self._df_dict[key]
        from .dynamicframe import DynamicFrame  # scripts take this class from there, so that module imports this one

        spark = self._glue_ctx.spark_session
        return DynamicFrame(Contents(lambda: _records.empty_columns(spark)), self._glue_ctx, key)

    def map(self, callable: Callable[..., DynamicFrame], transformation_ctx: str = "") -> DynamicFrameCollection:
        """`callable(frame, transformation_ctx)` of each frame."""
        done = {
            name: callable(frame, f"{transformation_ctx}_{name}" if transformation_ctx else "")
            for name, frame in self._df_dict.items()
        }
        return DynamicFrameCollection(done, self._glue_ctx)

    def flatmap(self, f: Callable[..., Any], transformation_ctx: str = "") -> DynamicFrameCollection:
        """`f(frame, transformation_ctx)` of each frame, the resulting collections put together."""
        found: dict[str, DynamicFrame] = {}
        for name, frame in self._df_dict.items():
            result = f(frame, f"{transformation_ctx}_{name}" if transformation_ctx else "")
            parts = result._df_dict if isinstance(result, DynamicFrameCollection) else {result.name or name: result}
            found.update(parts)
        return DynamicFrameCollection(found, self._glue_ctx)
