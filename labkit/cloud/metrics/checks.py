"""CloudWatch's refusals of a request's fields, in its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.metrics.storage import Dimensions

UNITS = (
    "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits",
    "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second", "Megabytes/Second",
    "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second",
    "Terabits/Second", "Count/Second", "None",
)  # fmt: skip
MOST_DIMENSIONS = 30


def invalid(message: str) -> AwsError:
    """InvalidParameterValue."""
    return AwsError("InvalidParameterValue", message)


def missing(name: str) -> AwsError:
    """MissingParameter, with the name of what is missing."""
    return AwsError("MissingParameter", f"The parameter {name} is required.")


def conflict(message: str) -> AwsError:
    """InvalidParameterCombination."""
    return AwsError("InvalidParameterCombination", message)


def validation(message: str) -> AwsError:
    """ValidationError."""
    return AwsError("ValidationError", message)


def check_text(value: Any, name: str, longest: int, *, required: bool = True) -> None:
    """A string of 1 to `longest` letters."""
    if value is None or value == "":
        if required:
            raise missing(name)
        return
    if len(value) > longest:
        raise invalid(f"The parameter {name} must be shorter than {longest + 1} characters.")


def check_namespace(value: Any, *, required: bool = True) -> None:
    """A namespace, which may not begin with a colon."""
    check_text(value, "Namespace", 255, required=required)
    if value and value.startswith(":"):
        raise invalid(f"The value {value} for parameter Namespace is invalid.")


def check_unit(value: Any, name: str) -> None:
    """One of CloudWatch's units, or nothing."""
    if value is not None and value not in UNITS:
        raise invalid(f"The parameter {name} must be a value in the set [ {', '.join(UNITS)} ].")


def read_dimensions(told: Sequence[Mapping[str, Any]] | None, name: str, *, strict: bool = False) -> Dimensions:
    """Dimensions as sorted pairs; refuses too many, empty, too long and repeated ones, and `strict` what no metric may have."""
    told = told or []
    if len(told) > MOST_DIMENSIONS:
        raise invalid(f"The collection {name} must not have a size greater than {MOST_DIMENSIONS}.")
    pairs: dict[str, str] = {}
    for number, dimension in enumerate(told, 1):
        check_text(dimension.get("Name"), f"{name}.member.{number}.Name", 255)
        check_text(dimension.get("Value"), f"{name}.member.{number}.Value", 1024)
        if strict:
            _check_letters(dimension, f"{name}.member.{number}")
        if dimension["Name"] in pairs:
            raise invalid("No Metric may specify the same dimension twice.")
        pairs[dimension["Name"]] = dimension["Value"]
    return tuple(sorted(pairs.items()))


def _check_letters(dimension: Mapping[str, Any], name: str) -> None:
    """ASCII without control characters, not only white space; a name does not begin with a colon."""
    for part in ("Name", "Value"):
        text = str(dimension[part])
        if not text.isascii() or not text.isprintable():
            raise invalid(f"The parameter {name}.{part} must contain only ASCII characters.")
        if not text.strip():
            raise invalid(f"The parameter {name}.{part} must contain at least one non-whitespace character.")
    if str(dimension["Name"]).startswith(":"):
        raise invalid(f"The value {dimension['Name']} for parameter {name}.Name is invalid.")
