"""Transforms of Spark DataFrames."""

from __future__ import annotations

from .apply_mapping import ApplyMapping

ALL_TRANSFORMS = {ApplyMapping}

__all__ = [transform.__name__ for transform in ALL_TRANSFORMS]
