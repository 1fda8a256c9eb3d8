"""sequence(): whole numbers, dates and timestamps in even steps."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import BIGINT, DATE, MONTH_INTERVAL, array, duckdb

_MOST = 10_000
_DAY = 86_400_000  # an INTERVAL DAY TO SECOND is milliseconds
_DIRECTION = (
    "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop "
    "should be less than or equal to start"
)


def _refused(text: str) -> QueryFailure:
    return QueryFailure("INVALID_FUNCTION_ARGUMENT", text)


def _checked(start: Any, stop: Any, step: Any, nothing: Any) -> None:
    _forward(step > nothing if step != nothing else None, start, stop)


def _forward(forward: bool | None, start: Any, stop: Any) -> None:
    if forward is None:
        raise _refused("step must not be zero")
    if not (stop >= start if forward else stop <= start):
        raise _refused(_DIRECTION)


def _counted(count: int) -> int:
    if count > _MOST:
        raise _refused(f"result of sequence function must not have more than {_MOST} entries")
    return count


def _numbers(start: int, stop: int, step: int) -> list[int]:
    _checked(start, stop, step, 0)
    _counted(abs(stop - start) // abs(step) + 1)
    return list(range(start, stop + (1 if step > 0 else -1), step))


def _spans(start: Any, stop: Any, millis: int) -> list[Any]:
    """Dates or timestamps that lie a fixed time apart."""
    step = timedelta(milliseconds=millis)
    _checked(start, stop, step, timedelta(0))
    if not isinstance(start, datetime) and (step.seconds or step.microseconds):
        raise _refused("sequence step must be a day interval if start and end values are dates")
    count = _counted((stop - start) // step + 1)
    return [start + step * index for index in range(count)]


def _months(start: Any, stop: Any, months: int) -> list[Any]:
    """Dates or timestamps so many months apart; a day that a month lacks becomes its last one."""
    _forward(months > 0 if months else None, start, stop)
    found = []
    at = start
    while at <= stop if months > 0 else at >= stop:
        found.append(at)
        _counted(len(found))
        at = _later(start, months * len(found))
    return found


def _later(moment: Any, months: int) -> Any:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, (following - timedelta(days=1)).day))


_NUMBERS = PythonFunction("py_sequence", _numbers, ("BIGINT", "BIGINT", "BIGINT"), "BIGINT[]")


def _sequence(call: Any) -> Typed:
    first, last = call.values[0], call.values[1]
    if first.type == BIGINT:
        step = (
            call.values[2].sql if len(call.values) > 2 else f"(CASE WHEN {last.sql} >= {first.sql} THEN 1 ELSE -1 END)"
        )
        return Typed(f"{call.ctx.define(_NUMBERS)}({first.sql}, {last.sql}, {step})", array(BIGINT))
    if len(call.values) < 3:
        return _called(call, _spans, f"(CASE WHEN {last.sql} >= {first.sql} THEN 1 ELSE -1 END) * {_DAY}")
    body = _months if call.values[2].type == MONTH_INTERVAL else _spans
    return _called(call, body, call.values[2].sql)


def _called(call: Any, body: Any, step: str) -> Typed:
    kind = call.values[0].type
    moments = "DATE" if kind == DATE else "TIMESTAMP"
    name = f"py_sequence{body.__name__}_{moments.lower()}"
    function = PythonFunction(name, body, (moments, moments, "BIGINT"), f"{moments}[]")
    made = f"{call.ctx.define(function)}({call.values[0].sql}, {call.values[1].sql}, {step})"
    return Typed(f"CAST({made} AS {duckdb(array(kind))})", array(kind))


ENTRIES: list[Entry] = [
    ("sequence(bigint, bigint) -> array(bigint)", _sequence),
    ("sequence(bigint, bigint, bigint) -> array(bigint)", _sequence),
    ("sequence(date, date) -> array(date)", _sequence),
    ("sequence(date, date, interval day to second) -> array(date)", _sequence),
    ("sequence(date, date, interval year to month) -> array(date)", _sequence),
    ("sequence(timestamp, timestamp, interval day to second) -> array(timestamp)", _sequence),
    ("sequence(timestamp, timestamp, interval year to month) -> array(timestamp)", _sequence),
]
