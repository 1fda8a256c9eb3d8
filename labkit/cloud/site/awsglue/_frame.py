"""What every frame answers: its schema, its first records, its DataFrame, its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from . import _choices, _records
from . import gluetypes as glue
from ._contents import Columns, Contents
from ._errors import payload_of_errors
from ._exact import exact_columns, transformed
from ._types import format_tree

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .context import GlueContext

Self = TypeVar("Self", bound="Frame")


class ResolveOption:
    """One option of `toDF(options)`: KeepAsStruct, or Project with a target type."""

    def __init__(self, path: str, action: str, target: glue.DataType | None = None) -> None:
        self.path, self.action, self.target = path, action, target


def _whole(name: str, value: Any) -> int:
    """A threshold or a number of rows; None counts as 0."""
    if isinstance(value, bool) or not isinstance(value or 0, int) or (value or 0) < 0:
        raise ValueError(f"{name}: a whole number from 0 on; got {value!r}.")
    return int(value or 0)


class Frame:
    """The part of DynamicFrame that looks at records and changes none."""

    def __init__(self, jdf: Contents, glue_ctx: GlueContext, name: str = "") -> None:
        self._jdf = jdf
        self.glue_ctx = glue_ctx
        self._sc = glue_ctx.spark_session.sparkContext
        self._ssql_ctx = glue_ctx
        self.name = name
        self._limits = (0, 0)

    @property
    def _columns(self) -> Columns:
        return self._jdf.columns

    def _step(self: Self, contents: Contents, ctx: str, stageThreshold: int, totalThreshold: int) -> Self:
        frame = type(self)(contents, self.glue_ctx, ctx or self.name)
        frame._limits = (_whole("stageThreshold", stageThreshold), _whole("totalThreshold", totalThreshold))
        if any(frame._limits):
            frame.assertErrorThreshold()
        return frame

    def _then(
        self: Self, change: Callable[[Columns], Columns], ctx: str, stageThreshold: int, totalThreshold: int
    ) -> Self:
        return self._step(transformed(self._jdf, change), ctx, stageThreshold, totalThreshold)

    def schema(self) -> glue.StructType:
        return self._columns.schema

    def show(self, num_rows: int = 20) -> None:
        """Print records as JSON, one a line."""
        from ._prepare import json_text

        count = _whole("num_rows", num_rows)
        contents = self._jdf
        if contents.records is not None:
            records = _records.take_records(contents.records(), count)
        else:
            records = _records.take_rows(exact_columns(contents), count, sparse=contents.sparse)
        for record in records:
            print(json_text(record))

    def printSchema(self) -> None:
        tree = format_tree(self.schema())
        print(f"root\n{tree}\n" if tree else "root\n")

    def count(self) -> int:
        return int(self._columns.df.count())

    def toDF(self, options: Any = None) -> DataFrame:
        """The DataFrame; a choice is a struct with one field a type. Free when there is no choice to project."""
        if not options:
            return self._columns.df
        listed = [options] if isinstance(options, ResolveOption) else list(options)
        for option in listed:
            if not isinstance(option, ResolveOption):
                raise TypeError(f"options: ResolveOption(path, action, target) objects; got {option!r}.")
        checked = [self.glue_ctx.convert_resolve_option(one.path, one.action, one.target) for one in listed]
        return _choices.for_options(self._columns, checked).df

    def getNumPartitions(self) -> int:
        return int(self._columns.df.rdd.getNumPartitions())

    def errorsAsDynamicFrame(self: Self) -> Self:
        """One record an error, with a struct `error`; the records stay in Spark."""
        payload = payload_of_errors(errors() for errors in self._jdf.all_errors)
        spark = self.glue_ctx.spark_session
        if payload is None:
            contents = Contents(lambda: _records.empty_columns(spark))
        else:
            found = payload
            contents = Contents(
                lambda: _records.columns_of_payload(found, _records.type_of_payload(found)), True, lambda: found
            )
        return type(self)(contents, self.glue_ctx, f"{self.name}_errors")

    def errorsCount(self) -> int:
        """Error records of this step and of all before it."""
        return sum(errors().count() for errors in self._jdf.all_errors)

    def stageErrorsCount(self) -> int:
        """Error records of this step alone."""
        return self._jdf.stage_errors().count() if self._jdf.stage_errors else 0

    def assertErrorThreshold(self) -> None:
        """Raise when there are more errors than the step's thresholds allow; 0 allows any number."""
        stage, total = self._limits
        for limit, name, count in (
            (stage, "stageThreshold", self.stageErrorsCount),
            (total, "totalThreshold", self.errorsCount),
        ):
            found = count() if limit else 0
            if limit and found > limit:
                first = next(filter(None, (errors().first_message() for errors in self._jdf.all_errors)), "")
                raise Exception(
                    f"Error threshold exceeded: {found} error records, {name} is {limit}. The first: {first}"
                )
