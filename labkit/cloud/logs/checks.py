"""What CloudWatch Logs asks of its parameters, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError

_GROUP = r"[\.\-_/#A-Za-z0-9]+"
_STREAM = r"[^:*]*"
_MAX_NAME = 512
# Longs are larger than what the storage counts to; no event is that far away.
_FAR = 1 << 62


def invalid(message: str) -> AwsError:
    """InvalidParameterException."""
    return AwsError("InvalidParameterException", message)


def not_found(what: str) -> AwsError:
    """ResourceNotFoundException for a log `group`, a log `stream` …"""
    return AwsError("ResourceNotFoundException", f"The specified log {what} does not exist.")


def constraint(value: Any, name: str, rule: str) -> AwsError:
    """The refusal of a value that breaks a rule of the model."""
    shown = "null" if value is None else f"'{value}'"
    return invalid(f"1 validation error detected: Value {shown} at '{name}' failed to satisfy constraint: {rule}")


def check_text(value: Any, name: str, shortest: int, longest: int, pattern: str | None = None) -> str:
    """A text within its bounds."""
    if not isinstance(value, str):
        raise constraint(None if value is None else value, name, "Member must not be null")
    if len(value) < shortest:
        raise constraint(value, name, f"Member must have length greater than or equal to {shortest}")
    if len(value) > longest:
        raise constraint(value, name, f"Member must have length less than or equal to {longest}")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise constraint(value, name, f"Member must satisfy regular expression pattern: {pattern}")
    return value


def group_name(value: Any, name: str = "logGroupName") -> str:
    """A log group's name."""
    return check_text(value, name, 1, _MAX_NAME, _GROUP)


def stream_name(value: Any, name: str = "logStreamName") -> str:
    """A log stream's name."""
    return check_text(value, name, 1, _MAX_NAME, _STREAM)


def bounded(params: Mapping[str, Any], name: str, most: int, default: int) -> int:
    """A whole number from 1 to `most`, or the default."""
    value = params.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool):
        raise constraint(value, name, "Member must be an integer")
    if value < 1:
        raise constraint(value, name, "Member must have value greater than or equal to 1")
    if value > most:
        raise constraint(value, name, f"Member must have value less than or equal to {most}")
    return value


def moment(params: Mapping[str, Any], name: str) -> int | None:
    """A time in epoch milliseconds, or None."""
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise constraint(value, name, "Member must be a long")
    if value < 0:
        raise constraint(value, name, "Member must have value greater than or equal to 0")
    return min(value, _FAR)
