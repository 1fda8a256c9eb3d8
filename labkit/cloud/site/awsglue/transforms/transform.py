"""What every transform is."""

from __future__ import annotations

from typing import Any


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
        """The arguments, from the signature: name, whether optional, default."""
        import inspect

        call: Any = cls.__call__
        parameters = list(inspect.signature(call).parameters.values())[1:]
        optional = [parameter.default is not inspect.Parameter.empty for parameter in parameters]
        return [
            {"name": one.name, "optional": may_miss, "defaultValue": one.default if may_miss else None}
            for one, may_miss in zip(parameters, optional, strict=True)
        ]

    @classmethod
    def describeReturn(cls) -> dict[str, Any]:
        return {"type": "DynamicFrame", "description": ""}

    @classmethod
    def describeTransform(cls) -> str:
        return cls.__doc__ or ""

    @classmethod
    def describeErrors(cls) -> list[dict[str, Any]]:
        return []

    @classmethod
    def describe(cls) -> dict[str, Any]:
        return {
            "name": cls.name(), "args": cls.describeArgs(), "returns": cls.describeReturn(),
            "description": cls.describeTransform(), "raises": cls.describeErrors(),
        }  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(type(self).__name__)

    def __repr__(self) -> str:
        return f"<Transform: {self.name()}>"
