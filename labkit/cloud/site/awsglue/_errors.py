"""Error records: kept in Spark, where they were made, and counted there."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_RUNTIME = str(Path(__file__).parent)


@dataclass(frozen=True)
class Site:
    """Where in the script a step stands: `place` is `file:line`, `info` what the script says of the step."""

    place: str = ""
    info: str = ""


NO_SITE = Site()


@dataclass(frozen=True)
class ErrorRecords:
    """The error records of one step. `payload`: rows of `errors` (a pickled list of records, or null) and `error_count`."""

    payload: DataFrame

    def count(self) -> int:
        """Runs one Spark job."""
        from pyspark.sql import functions as f

        return int(self.payload.agg(f.sum("error_count")).collect()[0][0] or 0)

    def first_message(self) -> str:
        """The first record's message; empty when there is none. Runs one Spark job."""
        import pickle

        row = self.payload.where("error_count > 0").select("errors").first()
        return str(pickle.loads(row["errors"])[0]["error"]["msg"]) if row is not None else ""  # noqa: S301 - our own bytes


# Getting a step's error records may run the step, so it is put off.
Errors = Callable[[], ErrorRecords]


def script_site(info: str = "") -> Site:
    """The innermost line of the stack that is not of this runtime."""
    import inspect

    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename.startswith(_RUNTIME):
        frame = frame.f_back
    return Site(f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "", info or "")


def error_record(
    message: str, text: str | None = None, record: dict[str, Any] | None = None, trace: str = "", site: Site = NO_SITE
) -> dict[str, Any]:
    """An error record, as `errorsAsDynamicFrame()` shows it."""
    return {
        "error": {
            "callsite": {"site": site.place, "info": site.info},
            "msg": message,
            "stackTrace": trace,
            "input": text,
            "bytesread": len(text.encode()) if text is not None else None,
            "source": None,
            "dynamicRecord": record,
        }
    }


def record_of_exception(error: BaseException, record: dict[str, Any] | None, site: Site) -> dict[str, Any]:
    """The error record of what a script's function raised."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return error_record(f"{type(error).__name__}: {error}", record=record, trace=trace, site=site)


def payload_of_errors(found: Iterable[ErrorRecords]) -> DataFrame | None:
    """All error records as the records of a payload (see `_records`); None when no step can have made any."""
    from ._records import PAYLOAD, payload_batch, unpickle

    def over_errors(batches: Iterable[Any]) -> Iterator[Any]:
        for records in unpickle(batches):
            yield payload_batch(records, [], None)

    parts = [one.payload.where("error_count > 0").select("errors") for one in found]
    if not parts:
        return None
    return reduce(lambda one, other: one.unionAll(other), parts).mapInArrow(over_errors, PAYLOAD)
