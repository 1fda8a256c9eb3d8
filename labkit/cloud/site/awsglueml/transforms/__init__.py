"""Transforms that AWS's service trains and runs."""

from __future__ import annotations

from typing import Any

from awsglue._refusal import refuse
from awsglue.transforms.transform import GlueTransform

_WHY = "It runs a model that AWS's service has trained; run this step on AWS, or take the script's part without it."


class FindMatches(GlueTransform):
    """Records of the same thing found by a trained transform: refused on use."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise refuse("awsglueml.transforms.FindMatches", _WHY)


class FindIncrementalMatches(GlueTransform):
    """New records matched with known ones by a trained transform: refused on use."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise refuse("awsglueml.transforms.FindIncrementalMatches", _WHY)


class FillMissingValues(GlueTransform):
    """Missing values guessed from the other fields: refused on use."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise refuse("awsglueml.transforms.FillMissingValues", _WHY)


ALL_TRANSFORMS = {FindMatches, FindIncrementalMatches, FillMissingValues}

__all__ = [transform.__name__ for transform in ALL_TRANSFORMS]
