"""Transforms: every one is called `X.apply(...)`. `from awsglue.transforms import *` gives exactly the transforms."""

from __future__ import annotations

from .apply_mapping import ApplyMapping
from .coalesce import Coalesce
from .collection_transforms import FlatMap, MapToCollection, SelectFromCollection
from .drop_nulls import DropNullFields
from .dynamicframe_filter import Filter
from .dynamicframe_map import Map
from .errors_as_dynamicframe import ErrorsAsDynamicFrame
from .field_transforms import DropFields, Join, RenameField, SelectFields, Spigot, SplitFields, SplitRows
from .relationalize import Relationalize
from .repartition import Repartition
from .resolve_choice import ResolveChoice
from .transform import GlueTransform
from .unbox import Unbox
from .union import Union
from .unnest_frame import UnnestFrame

ALL_TRANSFORMS = {
    Unbox, RenameField, DropFields, SplitFields, SelectFields, SplitRows, UnnestFrame, Relationalize, SelectFromCollection,
    MapToCollection, FlatMap, DropNullFields, Join, Spigot, ApplyMapping, Repartition, ResolveChoice, ErrorsAsDynamicFrame,
    Filter, Map, Coalesce, Union,
}  # fmt: skip

__all__ = [transform.__name__ for transform in ALL_TRANSFORMS]


def get_transforms() -> set[type[GlueTransform]]:
    return set(ALL_TRANSFORMS)


def get_transform(name: str) -> type[GlueTransform]:
    """The transform of that name; raises ValueError that lists them."""
    found = next((transform for transform in ALL_TRANSFORMS if transform.name() == name), None)
    if found is None:
        raise ValueError(f"No transform {name!r}; there are {', '.join(sorted(__all__))}.")
    return found


def describe_transform(name: str) -> dict[str, object]:
    """What a transform takes and gives: `{"transform": {name, args, returns, raises, location}}`."""
    return get_transform(name).describe()
