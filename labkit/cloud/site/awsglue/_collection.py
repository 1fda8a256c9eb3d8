"""`DynamicFrameCollection`: frames by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _records
from ._arguments import check_frame, check_function
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

    def _called(self, function: Any, name: str, transformation_ctx: str) -> Any:
        """`function(frame, transformation_ctx)`; AWS's page has functions of the frame alone as well."""
        frame, ctx = self._df_dict[name], f"{transformation_ctx}_{name}" if transformation_ctx else ""
        return function(frame, ctx) if _takes_two(function) else function(frame)

    def map(self, callable: Callable[..., DynamicFrame], transformation_ctx: str = "") -> DynamicFrameCollection:
        """`callable(frame, transformation_ctx)` of each frame."""
        check_function("callable", callable)
        done = {name: self._called(callable, name, transformation_ctx) for name in self._df_dict}
        for name, frame in done.items():
            check_frame(f"The result of callable for {name!r}", frame)
        return DynamicFrameCollection(done, self._glue_ctx)

    def flatmap(self, f: Callable[..., Any], transformation_ctx: str = "") -> DynamicFrameCollection:
        """`f(frame, transformation_ctx)` of each frame; the frames and collections that it gives, put together.

        A single frame keeps its source's key. A key of a collection that is taken is led by its source's key.
        """
        check_function("f", f)
        found: dict[str, DynamicFrame] = {}
        for name in self._df_dict:
            result = self._called(f, name, transformation_ctx)
            if not isinstance(result, DynamicFrameCollection):
                found[name] = check_frame(f"The result of f for {name!r}", result)
                continue
            for key in result.keys():  # noqa: SIM118 - AWS's collection is not iterable
                found[key if key not in found else f"{name}_{key}"] = result[key]
        return DynamicFrameCollection(found, self._glue_ctx)


def _takes_two(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # written in C: it does not say
        return True
    places = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    return len(places) >= 2 or any(one.kind is one.VAR_POSITIONAL for one in parameters)
