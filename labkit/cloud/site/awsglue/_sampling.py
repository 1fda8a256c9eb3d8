"""Sample frames: the first records, from a few partitions and a few files of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ._options import whole_number

if TYPE_CHECKING:
    from .dynamicframe import DynamicFrame

_MOST = 10  # documented default of both limits
One = TypeVar("One")


@dataclass(frozen=True)
class Limits:
    """How much of a source a sample may look at."""

    records: int
    partitions: int
    files_per_partition: int


_current: ContextVar[Limits | None] = ContextVar("sampling", default=None)


def limits_of(num: Any, sample_options: Mapping[str, Any] | None) -> Limits:
    """The limits that a sample call gives; ValueError for a number of records that is none."""
    options = {"num": num, **(sample_options or {})}
    records = whole_number(options, "num", least=1)
    if records is None:
        raise ValueError('A sample needs "num", the largest number of records, such as num=100.')
    partitions = whole_number(options, "maxSamplePartitions", least=1)
    files = whole_number(options, "maxSampleFilesPerPartition", least=1)
    return Limits(records, partitions or _MOST, files or _MOST)


@contextmanager
def reading(limits: Limits) -> Iterator[None]:
    """Sources listed inside look at no more than that."""
    token = _current.set(limits)
    try:
        yield
    finally:
        _current.reset(token)


def some_partitions(partitions: Sequence[One]) -> list[One]:
    """All partitions, or the first few while a sample is read."""
    limits = _current.get()
    return list(partitions if limits is None else partitions[: limits.partitions])


def some_files(files: Sequence[One]) -> list[One]:
    """All files of one partition (or of a table or path without any), or the first few while a sample is read."""
    limits = _current.get()
    return list(files if limits is None else files[: limits.files_per_partition])


def first_records(frame: DynamicFrame, limits: Limits) -> DynamicFrame:
    """The first records of a frame."""
    columns = frame._columns
    limited = type(columns)(columns.df.limit(limits.records), columns.schema)
    return type(frame)(frame._jdf.then(limited), frame.glue_ctx, frame.name)
