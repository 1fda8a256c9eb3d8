"""What a handler of the control plane is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.names import FunctionName, read_name


@dataclass(frozen=True)
class Request:
    """A checked call: `params` by AWS's names."""

    action: str
    params: Mapping[str, Any]
    scope: Scope

    @property
    def function(self) -> FunctionName:
        """The function that FunctionName and Qualifier name."""
        return read_name(self.params["FunctionName"], self.scope, self.params.get("Qualifier"))


@dataclass(frozen=True)
class Reply:
    """An answer; `document` None is an empty body."""

    document: Any = None
    status: int = 200


Handler = Callable[[Request], Reply]


def refuse(message: str, code: str = "InvalidParameterValueException", status: int = 400) -> AwsError:
    """A refusal in Lambda's form: it tells whose fault it is in `Type`."""
    return AwsError(code, message, status, {"Type": "User"})


def not_found(message: str) -> AwsError:
    """AwsError ResourceNotFoundException."""
    return refuse(message, "ResourceNotFoundException", 404)


def not_here(feature: str) -> AwsError:
    """A feature of AWS that the local cloud cannot carry out."""
    message = (
        f"labkit's local cloud does not carry out {feature}, so it refuses it. On AWS this call would be answered."
    )
    return AwsError("NotImplemented", message, 501)


@dataclass(frozen=True)
class Page:
    """A slice of a list, and the marker of the next one."""

    items: list[Any] = field(default_factory=list)
    marker: str | None = None

    def document(self, name: str) -> dict[str, Any]:
        """The reply of a List call."""
        return {name: self.items, **({"NextMarker": self.marker} if self.marker else {})}


def page(items: Sequence[Any], params: Mapping[str, Any], most: int = 50) -> Page:
    """The page that Marker and MaxItems ask for; AwsError for a marker of nobody."""
    marker = params.get("Marker")
    if marker and not (marker.isdigit() and int(marker) <= len(items)):
        raise refuse(f"Invalid value for Marker: {marker}")
    start = int(marker) if marker else 0
    end = start + min(int(params.get("MaxItems") or most), most)
    return Page(list(items[start:end]), str(end) if end < len(items) else None)
