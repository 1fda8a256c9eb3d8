"""Map, Filter and mapPartitions with Python functions, and what happens when one raises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from ._contents import Columns, Contents
from ._dynamic_record import _create_dynamic_record
from ._errors import NO_SITE, Site, record_of_exception
from ._exact import exact_columns, without_marks
from ._records import Records, by_position, errors_of_payload, nullable
from ._steps import contents_of_flow, each_batch, hint_of, run_flow
from ._values import decode_batch

Predicate = Callable[[Any], Any]
_ATOMS = frozenset((str, int, float, bool, bytes, bytearray, dt.datetime, dt.date, Decimal, type(None)))
_EMPTY = "User-specified function returned None instead of DynamicRecord"


def plain(value: Any) -> Any:
    """A value as records hold it: dicts with string keys, lists, and no class of ours. TypeError for what Glue has no type for."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if isinstance(value, dict):
        return {str(key): item if type(item) in _ATOMS else plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, tuple(_ATOMS)):
        return value
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:  # a NumPy or pandas scalar
        return plain(value.item())
    if hasattr(value, "tolist"):  # an array or series of them
        return plain(value.tolist())
    if hasattr(value, "asDict"):  # a Spark Row
        return plain(value.asDict())
    raise TypeError(
        f"A record cannot hold a {kind.__name__} ({value!r}); use str, int, float, bool, bytes, date, datetime, Decimal, list, dict."
    )


def result_of(value: Any) -> dict[str, Any]:
    """A function's result as a record; raises for what is none."""
    if not value:
        raise ValueError(_EMPTY)
    if not isinstance(value, dict):
        raise TypeError(f"User-specified function returned {type(value).__name__} instead of DynamicRecord")
    record: dict[str, Any] = plain(value)
    return record


def _keeps(predicate: Predicate, record: dict[str, Any]) -> bool:
    # AWS: a record without the key, or with a value of the wrong kind, is one the predicate is not true for.
    try:
        return bool(predicate(_create_dynamic_record(record)))
    except (KeyError, ValueError, TypeError):
        return False


def _filter_step(predicate: Predicate, site: Site) -> Callable[[Records], tuple[Records, Records]]:
    def step(records: Records) -> tuple[Records, Records]:
        kept: Records = []
        errors: Records = []
        for record in records:
            try:
                if _keeps(predicate, record):
                    kept.append(record)
            except Exception as error:  # noqa: BLE001 - whatever a script's function raises is an error record
                errors.append(record_of_exception(error, record, site))
        return kept, errors

    return step


def _map_step(function: Callable[[Any], Any], site: Site) -> Callable[[Records], tuple[Records, Records]]:
    def step(records: Records) -> tuple[Records, Records]:
        mapped: Records = []
        errors: Records = []
        for record in records:
            try:
                mapped.append(result_of(function(_create_dynamic_record(record))))
            except Exception as error:  # noqa: BLE001 - whatever a script's function raises is an error record
                errors.append(record_of_exception(error, record, site))
        return mapped, errors

    return step


def map_records(contents: Contents, function: Callable[[Any], Any], site: Site = NO_SITE) -> Contents:
    """The function's results; an exception or an empty result makes an error record."""
    return contents_of_flow(contents, each_batch(_map_step(function, site)), sparse=True)


def filter_records(contents: Contents, predicate: Predicate, site: Site = NO_SITE) -> Contents:
    """The records for which the predicate is true. The frame's own columns are kept: nothing is converted twice."""
    flow = each_batch(_filter_step(predicate, site))
    if contents.records is not None:
        return contents_of_flow(contents, flow, sparse=contents.sparse)
    from pyspark.sql import functions as f

    columns = exact_columns(contents)
    schema, sparse = columns.schema, contents.sparse
    names, numbered = [field.name for field in schema], by_position(columns.df)

    def over_columns(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            yield batch.filter(pa.array(_mask(predicate, decode_batch(batch, schema, sparse)), pa.bool_()))

    df = numbered.mapInArrow(over_columns, nullable(numbered.schema)).select(
        *(f.col(f"c{place}").alias(name) for place, name in enumerate(names))
    )
    kept = Columns(df, schema, columns.exact)
    return Contents(
        load=lambda: without_marks(kept),
        sparse=sparse,
        exact=(lambda: kept) if columns.exact else None,
        stage_errors=lambda: errors_of_payload(run_flow(contents, flow, hint_of(contents))),
        earlier_errors=contents.all_errors,
    )


def _mask(predicate: Predicate, records: Iterable[dict[str, Any]]) -> list[bool]:
    mask = []
    for record in records:
        try:
            mask.append(_keeps(predicate, record))
        except Exception:  # noqa: BLE001 - an error record: counted by the errors pass, not kept here
            mask.append(False)
    return mask
