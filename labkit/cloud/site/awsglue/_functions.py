"""Map and Filter with Python functions, and what happens when one raises."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ._contents import Columns, Contents
from ._dynamic_record import _create_dynamic_record
from ._json import error_record
from ._records import Records, contents_of_step
from ._values import decode_batch

Predicate = Callable[[Any], Any]


def _error(error: Exception, record: dict[str, Any]) -> dict[str, Any]:
    return error_record(f"{type(error).__name__}: {error}", record=record, trace=traceback.format_exc())


def _keeps(predicate: Predicate, record: dict[str, Any]) -> bool:
    # AWS: a record without the key, or with a value of the wrong kind, is one the predicate is not true for.
    try:
        return bool(predicate(_create_dynamic_record(record)))
    except (KeyError, ValueError, TypeError):
        return False


def _filter_step(predicate: Predicate) -> Callable[[Records], tuple[Records, Records]]:
    def step(records: Records) -> tuple[Records, Records]:
        kept: Records = []
        errors: Records = []
        for record in records:
            try:
                if _keeps(predicate, record):
                    kept.append(record)
            except Exception as error:  # noqa: BLE001 - whatever a script's function raises is an error record
                errors.append(_error(error, record))
        return kept, errors

    return step


def _map_step(function: Callable[[Any], Any]) -> Callable[[Records], tuple[Records, Records]]:
    def step(records: Records) -> tuple[Records, Records]:
        mapped: Records = []
        errors: Records = []
        for record in records:
            try:
                result = function(_create_dynamic_record(record))
                if not result:
                    raise ValueError("User-specified function returned None instead of DynamicRecord")  # noqa: TRY301
                mapped.append(_plain(result))
            except Exception as error:  # noqa: BLE001 - whatever a script's function raises is an error record
                errors.append(_error(error, record))
        return mapped, errors

    return step


def _plain(value: Any) -> Any:
    """Records as plain dicts, nested ones too: what travels between steps holds no class of ours."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple, set)) else value


def map_records(contents: Contents, function: Callable[[Any], Any]) -> Contents:
    """The function's results; an exception or an empty result makes an error record."""
    return contents_of_step(contents, _map_step(function), sparse=True, widen=contents.records is None)


def filter_records(contents: Contents, predicate: Predicate) -> Contents:
    """The records for which the predicate is true. The frame's own columns are kept: nothing is converted twice."""
    if contents.records is not None:
        return contents_of_step(contents, _filter_step(predicate), sparse=contents.sparse, widen=False)
    columns = contents.columns
    schema, sparse = columns.schema, contents.sparse

    def over_columns(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            yield batch.filter(pa.array(_mask(predicate, decode_batch(batch, schema, sparse)), pa.bool_()))

    kept = columns.df.mapInArrow(over_columns, columns.df.schema)
    return Contents(
        load=lambda: Columns(kept, schema),
        sparse=sparse,
        stage_errors=lambda: contents_of_step(
            contents, _filter_step(predicate), sparse=sparse, widen=False
        ).errors_here(),
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
