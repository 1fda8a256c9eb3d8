"""A Python step over a frame's records: its payload, run once, and the contents that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns, Contents
from ._errors import NO_SITE, record_of_exception
from ._exact import exact_columns
from ._records import (
    PAYLOAD,
    Records,
    as_struct,
    by_position,
    columns_of_payload,
    errors_of_payload,
    payload_batch,
    type_of_payload,
    unpickle,
)  # fmt: skip
from ._values import decode_batch, sorted_choices, type_of_records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# The batches of records of one partition in; for each batch out, the records kept and the error records.
Flow = Callable[[Iterator[Records]], Iterator[tuple[Records, Records]]]


def each_batch(step: Callable[[Records], tuple[Records, Records]]) -> Flow:
    """The flow of a step that looks at one batch at a time."""
    return lambda batches: (step(records) for records in batches)


def is_typed(contents: Contents) -> bool:
    """Whether integers have the width of a column, and not the one that each value shows (as those of JSON do)."""
    return contents.records is None or contents.typed


def hint_of(contents: Contents) -> glue.StructType | None:
    """The type that the records have before a Python step: integers that come out of it keep theirs.

    Records that come of an earlier step have to be made for it; they are kept, so that the step still runs once.
    """
    if contents.records is None:
        return contents.columns.schema
    return as_struct(sorted_choices(contents.described())) if contents.typed and contents.described else None


def run_flow(contents: Contents, flow: Flow, hint: glue.StructType | None) -> DataFrame:
    """The payload of a flow over a frame's records. Lazy: the flow runs when the payload is first needed."""
    if contents.records is not None:
        return contents.records().mapInArrow(_over_payload(flow, hint), PAYLOAD)
    columns = exact_columns(contents)
    return by_position(columns.df).mapInArrow(_over_columns(flow, columns.schema, contents.sparse, hint), PAYLOAD)


def _over_payload(flow: Flow, hint: glue.StructType | None) -> Callable[[Iterable[Any]], Iterator[Any]]:
    def over(batches: Iterable[Any]) -> Iterator[Any]:
        for records, errors in flow(unpickle(batches)):
            yield _packed(records, errors, hint)

    return over


def _over_columns(
    flow: Flow, schema: glue.StructType, sparse: bool, hint: glue.StructType | None
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    def over(batches: Iterable[Any]) -> Iterator[Any]:
        for records, errors in flow(list(decode_batch(batch, schema, sparse)) for batch in batches):
            yield _packed(records, errors, hint)

    return over


def _packed(records: Records, errors: Records, hint: glue.StructType | None) -> Any:
    """One row of a payload; a record that holds what no type can hold is an error record, and not the job's end."""
    try:
        return payload_batch(records, errors, hint)
    except (TypeError, ValueError, ArithmeticError):
        good: Records = []
        bad = list(errors)
        for record in records:
            try:
                type_of_records([record], hint)
            except (TypeError, ValueError, ArithmeticError) as error:
                told = {name: repr(value) for name, value in record.items()}
                bad.append(record_of_exception(error, told, NO_SITE))
            else:
                good.append(record)
        return payload_batch(good, bad, hint)


def _widen_integers(kind: glue.DataType) -> glue.DataType:
    """int and long in one field of a Python function's results are one Python type: make it long."""
    if isinstance(kind, glue.ChoiceType):
        names = set(kind.choices)
        parts = [
            _widen_integers(part) for name, part in kind.choices.items() if not (name == "int" and "long" in names)
        ]
        return parts[0] if len(parts) == 1 else glue.ChoiceType(parts)
    if isinstance(kind, glue.StructType):
        return glue.StructType(
            [glue.Field(field.name, _widen_integers(field.dataType), field.properties) for field in kind]
        )
    return glue.ArrayType(_widen_integers(kind.elementType)) if isinstance(kind, glue.ArrayType) else kind


def rdd_of(contents: Contents) -> Any:
    """The records of a frame as an RDD of dicts."""
    import pickle

    rows = run_flow(contents, each_batch(lambda records: (records, [])), hint_of(contents)).select("records").rdd
    return rows.flatMap(lambda row: pickle.loads(row["records"]))  # noqa: S301 - our own bytes


def contents_of_flow(
    contents: Contents, flow: Flow, *, sparse: bool, hint: Callable[[], glue.StructType | None] | None = None
) -> Contents:
    """The contents after a Python step, whose payload Spark keeps, so that the step runs once."""
    from pyspark import StorageLevel

    @cache
    def payload() -> DataFrame:
        known = hint() if hint else hint_of(contents)
        return run_flow(contents, flow, known).persist(StorageLevel.MEMORY_AND_DISK)

    @cache
    def described() -> glue.DataType:
        found = type_of_payload(payload())
        return _widen_integers(found) if is_typed(contents) else found

    def load() -> Columns:
        return columns_of_payload(payload(), described())

    return Contents(
        load=load,
        sparse=sparse,
        records=payload,
        described=described,
        typed=is_typed(contents),
        stage_errors=lambda: errors_of_payload(payload()),
        earlier_errors=contents.all_errors,
    )
