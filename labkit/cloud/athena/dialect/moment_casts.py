"""CAST and TRY_CAST to and from dates, times, timestamps and intervals."""

from __future__ import annotations

from labkit.cloud.athena.dialect import moment_texts, number_casts
from labkit.cloud.athena.dialect.moments import converted
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import MOMENTS, Type, show

_TEXTS = ("varchar", "char")
_INTERVALS = ("interval day to second", "interval year to month")


def cast(value: Typed, target: Type, place: tuple[int, int] | None, lenient: bool) -> Typed | None:
    """The value as ``target`` when one of the two is a date, a time or an interval; None otherwise."""
    source = value.type
    if source.name in _TEXTS and target.name in MOMENTS:
        made = moment_texts.from_text(value.sql, target)
        return Typed(f"TRY({made})" if lenient else made, target)
    if source.name in (*MOMENTS, *_INTERVALS) and target.name in _TEXTS:
        text = number_casts.bounded(moment_texts.to_text(value.sql, source), source, target, lenient)
        return Typed(f"rpad({text}, {target.params[0]}, ' ')" if target.name == "char" else text, target)
    if source.name in MOMENTS and target.name in MOMENTS:
        found = converted(value, target)
        if found is not None:
            return found
    if target.name in (*MOMENTS, *_INTERVALS) or (source.name in (*MOMENTS, *_INTERVALS) and target.name != "json"):
        raise QueryFailure("TYPE_MISMATCH", f"Cannot cast {show(source)} to {show(target)}", place)
    return None
