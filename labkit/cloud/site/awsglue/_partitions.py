"""mapPartitions: a Python function of all records of a partition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ._contents import Contents
from ._dynamic_record import _create_dynamic_record
from ._errors import NO_SITE, Site, error_record, record_of_exception
from ._functions import result_of
from ._records import Records
from ._steps import contents_of_flow

Function = Callable[[int, Iterator[Any]], Any]
# Results are handed on in lists of this length, as Spark hands on rows.
_BATCH = 10_000


class _Source:
    """The records of a partition, one after the other; remembers the one that the function read last."""

    def __init__(self, batches: Iterator[Records]) -> None:
        self._records = (record for records in batches for record in records)
        self.last: dict[str, Any] | None = None

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> Any:
        self.last = next(self._records)
        return _create_dynamic_record(self.last)

    def rest(self) -> Iterator[dict[str, Any]]:
        return self._records


def _outcomes(function: Function, source: _Source, site: Site) -> Iterator[tuple[bool, dict[str, Any]]]:
    """(is it an error, the record). When the function ends by an exception, no record of the partition is lost silently."""
    from pyspark import TaskContext

    context = TaskContext.get()
    try:
        for value in function(context.partitionId() if context else 0, iter(source)):
            try:
                outcome = (False, result_of(value))
            except (TypeError, ValueError) as error:
                outcome = (True, record_of_exception(error, source.last, site))
            yield outcome
    except Exception as error:  # noqa: BLE001 - whatever a script's function raises is an error record
        yield True, record_of_exception(error, source.last, site)
        message = f"Not processed: the function of this partition ended before, with {type(error).__name__}: {error}"
        for record in source.rest():
            yield True, error_record(message, record=record, site=site)


def map_partitions(contents: Contents, function: Function, site: Site = NO_SITE) -> Contents:
    """What the function yields for each partition's records.

    A yielded value that is no record makes an error record. An exception makes one of the record read last, and of each
    record of the partition that the function had not read yet.
    """

    def flow(batches: Iterator[Records]) -> Iterator[tuple[Records, Records]]:
        good: Records = []
        bad: Records = []
        for failed, record in _outcomes(function, _Source(batches), site):
            (bad if failed else good).append(record)
            if len(good) + len(bad) >= _BATCH:
                yield good, bad
                good, bad = [], []
        if good or bad:
            yield good, bad

    return contents_of_flow(contents, flow, sparse=True)
