"""What every transform is."""

from __future__ import annotations

import inspect
from typing import Any

_DESCRIPTIONS = {
    "frame": "The frame to transform.",
    "frame1": "The first frame.",
    "frame2": "The second frame.",
    "dfc": "The collection of frames.",
    "transformation_ctx": "A name of this step, unique in the job; sources and bookmarks keep their state under it.",
    "info": "Text that goes with the error records of this step.",
    "stageThreshold": "How many error records this step may have; 0 for any number.",
    "totalThreshold": "How many error records this step and those before may have; 0 for any number.",
}
ERRORS = (
    {"type": "ValueError", "description": "An argument has a value that the transform does not take."},
    {"type": "TypeError", "description": "An argument is of a type that the transform does not take."},
)


def described_arguments(call: Any) -> list[dict[str, Any]]:
    """The parameters of a function as AWS describes a transform's arguments."""
    parameters = [one for one in inspect.signature(call).parameters.values() if one.name not in ("self", "cls")]
    return [
        {
            "name": one.name,
            "type": _type_of(one.annotation),
            "description": _DESCRIPTIONS.get(one.name, ""),
            "optional": one.default is not one.empty or one.kind is one.VAR_KEYWORD,
            "defaultValue": None if one.default in (one.empty, None) else str(one.default),
        }
        for one in parameters
    ]


def _type_of(annotation: Any) -> str:
    return "" if annotation is inspect.Parameter.empty else str(annotation)


def described_return(call: Any) -> str:
    """The type that a function returns, as text."""
    return _type_of(inspect.signature(call).return_annotation)


class GlueTransform:
    """A transform is a callable; `apply` makes one and calls it."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        transform: Any = cls()
        return transform(*args, **kwargs)

    @classmethod
    def name(cls) -> str:
        return cls.__name__

    @classmethod
    def describeArgs(cls) -> list[dict[str, Any]]:
        """The arguments, from the signature: name, type, description, whether optional, default."""
        if cls is GlueTransform:
            raise NotImplementedError("describeArgs: GlueTransform itself takes no arguments; ask a transform.")
        return described_arguments(cls.__call__)

    @classmethod
    def describeReturn(cls) -> dict[str, Any]:
        """What the transform gives: its type and what it is."""
        if cls is GlueTransform:
            raise NotImplementedError("describeReturn: GlueTransform itself returns nothing; ask a transform.")
        return {"type": described_return(cls.__call__), "description": cls.__doc__ or ""}

    @classmethod
    def describeTransform(cls) -> str:
        """What the transform does, in a sentence."""
        if cls is GlueTransform:
            raise NotImplementedError("describeTransform: GlueTransform itself does nothing; ask a transform.")
        return cls.__doc__ or ""

    @classmethod
    def describeErrors(cls) -> list[dict[str, Any]]:
        """The exceptions that the arguments may cause."""
        if cls is GlueTransform:
            raise NotImplementedError("describeErrors: GlueTransform itself raises nothing; ask a transform.")
        return list(ERRORS)

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """All of it: name, args, returns, raises, location."""
        return {
            "transform": {
                "name": cls.name(), "args": cls.describeArgs(), "returns": cls.describeReturn(), "raises": cls.describeErrors(),
                "location": "internal",
            }
        }  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(type(self).__name__)

    def __repr__(self) -> str:
        return f"<Transform: {self.name()}>"
