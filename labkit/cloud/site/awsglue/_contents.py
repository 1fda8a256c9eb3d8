"""What a DynamicFrame holds: a lazy Spark DataFrame with Glue's schema beside it.

A choice field is kept the way `toDF()` shows it, as a struct with one field a type, and the Glue schema says that it
is a choice. So a frame without choices *is* a DataFrame, and `toDF()` costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from . import gluetypes as glue
from ._errors import ErrorRecords, Errors
from ._types import glue_from_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Columns", "Contents", "ErrorRecords", "Errors", "of_dataframe"]


@dataclass(frozen=True)
class Columns:
    """Rows and their Glue schema; names and order of both agree.

    `exact`: the columns tell a missing key from a null: fields that have nulls may be marked (see `_presence`).
    """

    df: DataFrame
    schema: glue.StructType
    exact: bool = False


@dataclass
class Contents:
    """Lazily loaded columns, and the error records met on the way.

    `load` runs once, when the columns are first needed: a source may have to look at its files then.
    `sparse`: rows come from self-describing records, so a null stands for a missing key.
    `records`: a DataFrame of pickled record batches (see `_records`) when Python functions can have the records
    as they were read, missing keys included.
    `exact`: the columns with what is missing told from what is null; None when `records` or the columns say it.
    `typed`: the records come from columns, by way of Python functions: their integers keep the columns' width.
    `described`: the type of the records as `type_of_records` gives it, where the source knows it already.
    `stage_errors`, `earlier_errors`: how to get the error records of this step and of those before it.
    """

    load: Callable[[], Columns]
    sparse: bool = False
    records: Callable[[], DataFrame] | None = None
    exact: Callable[[], Columns] | None = None
    described: Callable[[], glue.DataType] | None = None
    typed: bool = False
    stage_errors: Errors | None = None
    earlier_errors: tuple[Errors, ...] = field(default_factory=tuple)

    @cached_property
    def columns(self) -> Columns:
        return self.load()

    @property
    def all_errors(self) -> tuple[Errors, ...]:
        """Each step once, also when frames that have it in common were put together."""
        here = (self.stage_errors,) if self.stage_errors else ()
        return tuple(dict.fromkeys((*self.earlier_errors, *here)))

    def then(self, columns: Columns) -> Contents:
        """The contents after a step that makes no errors of its own; a null of a sparse frame is a missing key."""
        return Contents(lambda: columns, sparse=self.sparse, earlier_errors=self.all_errors)


def of_dataframe(df: DataFrame) -> Contents:
    """Contents of a plain DataFrame: its schema, no choices."""
    return Contents(lambda: Columns(df, glue_from_spark(df.schema)))
