"""Transforms of collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .transform import GlueTransform

if TYPE_CHECKING:
    from collections.abc import Callable

    from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection


class SelectFromCollection(GlueTransform):
    """One frame of a collection."""

    def __call__(self, dfc: DynamicFrameCollection, key: str, transformation_ctx: str = "") -> DynamicFrame:
        return dfc.select(key, transformation_ctx)


class MapToCollection(GlueTransform):
    """A function of each frame of a collection."""

    def __call__(
        self, dfc: DynamicFrameCollection, callable: Callable[..., DynamicFrame], transformation_ctx: str = ""
    ) -> DynamicFrameCollection:
        return dfc.map(callable, transformation_ctx)


class FlatMap(GlueTransform):
    """A transform of each frame of a collection, the results in one collection."""

    def __call__(
        self, dfc: DynamicFrameCollection, BaseTransform: type[GlueTransform], frame_name: str, transformation_ctx: str = "",
        **base_kwargs: Any,
    ) -> DynamicFrameCollection:  # fmt: skip
        def transform(frame: DynamicFrame, ctx: str) -> Any:
            return BaseTransform.apply(**{frame_name: frame}, transformation_ctx=ctx, **base_kwargs)

        return dfc.flatmap(transform, transformation_ctx)
