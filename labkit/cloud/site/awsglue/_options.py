"""Options of connections and formats: they arrive as booleans, numbers or text, and a wrong value is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no", "none", "")


def is_true(value: Any) -> bool:
    """Options arrive as booleans or as their text."""
    return value is True or str(value).strip().lower() == "true"


def lower_keys(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """The options with their names in lower case: Glue Studio writes `multiline` where the guide has `multiLine`."""
    return {str(name).lower(): value for name, value in (options or {}).items()}


def flag(options: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """A yes-or-no option, whatever the case of its name; ValueError for anything else."""
    value = lower_keys(options).get(name.lower(), default)
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f'"{name}" is true or false; got {value!r}.')


def one_of(options: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str:
    """An option with a closed list of values, in the list's own spelling; "" when it is not given."""
    value = lower_keys(options).get(name.lower())
    if value is None or value == "":
        return ""
    for known in allowed:
        if str(value).strip().lower() == known.lower():
            return known
    raise ValueError(f'"{name}" is one of {", ".join(allowed)}; got {value!r}.')


def whole_number(options: Mapping[str, Any], name: str, *, least: int = 0) -> int | None:
    """A whole number given as a number or as its text; None when it is not given."""
    value = lower_keys(options).get(name.lower())
    if value is None or value == "":
        return None
    try:
        number = int(str(value).strip())
    except ValueError:
        raise ValueError(f'"{name}" is a whole number such as "{max(least, 1)}"; got {value!r}.') from None
    if number < least:
        raise ValueError(f'"{name}" is at least {least}; got {value!r}.')
    return number


def hours(options: Mapping[str, Any], name: str, default: float) -> float:
    """A duration in hours, zero or more."""
    value = options.get(name, default)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f'"{name}" is a number of hours, such as 0 or 168; got {value!r}.') from None
    if number < 0:
        raise ValueError(f'"{name}" is zero hours or more; got {value!r}.')
    return number


def names_of(value: Any, option: str) -> tuple[str, ...]:
    """A list of names; one name may be given alone."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(isinstance(one, str) for one in value):
        raise ValueError(f'"{option}" is a list of names; got {value!r}.')
    return tuple(value)
