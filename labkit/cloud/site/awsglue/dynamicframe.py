"""`DynamicFrame`, its collections, readers and writers: AWS's names over the modules that do the work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from . import _align, _choices, _fields, _functions, _join, _mapping, _records, _relational
from . import gluetypes as glue
from ._contents import Columns, Contents, of_dataframe
from ._paths import as_list
from ._refusal import refuse
from ._types import format_tree

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .context import GlueContext

long = int
basestring = unicode = str
imap = map
ifilter = filter


class ResolveOption:
    """One option of `toDF(options)`: KeepAsStruct, or Project with a target type."""

    def __init__(self, path: str, action: str, target: glue.DataType | None = None) -> None:
        self.path, self.action, self.target = path, action, target


class DynamicFrame:
    """Self-describing records. `jdf` is the frame's contents (on AWS a Java object); scripts use `fromDF`."""

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

    def _step(self, contents: Contents, ctx: str, stageThreshold: int, totalThreshold: int) -> DynamicFrame:
        frame = DynamicFrame(contents, self.glue_ctx, ctx or self.name)
        frame._limits = (int(stageThreshold or 0), int(totalThreshold or 0))
        if any(frame._limits):
            frame.assertErrorThreshold()
        return frame

    def _then(self, columns: Columns, ctx: str, stageThreshold: int, totalThreshold: int) -> DynamicFrame:
        return self._step(self._jdf.then(columns), ctx, stageThreshold, totalThreshold)

    def with_frame_schema(self, schema: glue.StructType) -> DynamicFrame:
        return self._then(_align.aligned(self._columns, schema), "", 0, 0)

    def schema(self) -> glue.StructType:
        return self._columns.schema

    def show(self, num_rows: int = 20) -> None:
        """Print records as JSON, one a line."""
        for record in _records.take(self._jdf, num_rows):
            print(json.dumps(record, ensure_ascii=False, default=str))

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
        chosen = {
            option.path: self.glue_ctx.convert_resolve_option(option.path, option.action, option.target)
            for option in listed
        }
        return _choices.for_options(self._columns, chosen.get).df

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str = "") -> DynamicFrame:
        """A frame of a DataFrame's rows; raises ValueError for two columns of one name."""
        names = dataframe.columns
        twice = sorted({column for column in names if names.count(column) > 1})
        if twice:
            raise ValueError(f"A DynamicFrame needs distinct column names; found more than once: {', '.join(twice)}.")
        return cls(of_dataframe(dataframe), glue_ctx, name)

    def filter(
        self,
        f: Callable[[Any], Any],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """The records for which `f` is true; KeyError, ValueError and TypeError mean not true."""
        return self._step(_functions.filter_records(self._jdf, f), transformation_ctx, stageThreshold, totalThreshold)

    def map(
        self, f: Callable[[Any], Any], preservesPartitioning: bool = False, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """`f` of each record; an exception or an empty result makes an error record."""
        return self._step(_functions.map_records(self._jdf, f), transformation_ctx, stageThreshold, totalThreshold)

    def mapPartitions(
        self, f: Callable[[Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = True, transformation_ctx: str = "",
        info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        raise refuse("DynamicFrame.mapPartitions", "Use map, or toDF().mapInPandas.")

    def mapPartitionsWithIndex(
        self, f: Callable[[int, Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = False, transformation_ctx: str = "",
        info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        raise refuse("DynamicFrame.mapPartitionsWithIndex", "Use map, or toDF().mapInPandas.")

    def drop_fields(
        self,
        paths: str | list[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        columns = _fields.drop_fields(self._columns, as_list(paths))
        return self._then(columns, transformation_ctx, stageThreshold, totalThreshold)

    def select_fields(
        self,
        paths: str | list[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        columns = _fields.select_fields(self._columns, as_list(paths))
        return self._then(columns, transformation_ctx, stageThreshold, totalThreshold)

    def split_fields(
        self, paths: str | list[str], name1: str, name2: str, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        """Two frames: the fields listed, and the rest."""
        one = self._then(_fields.select_fields(self._columns, as_list(paths)), name1, stageThreshold, totalThreshold)
        two = self._then(_fields.drop_fields(self._columns, as_list(paths)), name2, stageThreshold, totalThreshold)
        return DynamicFrameCollection({name1: one, name2: two}, self.glue_ctx)

    def split_rows(
        self, comparison_dict: dict[str, dict[str, Any]], name1: str, name2: str, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        """Two frames: the rows for which all comparisons hold, and the rest."""
        from ._split import split_rows

        one, two = split_rows(self._columns, comparison_dict)
        frames = {
            name1: self._then(one, name1, stageThreshold, totalThreshold),
            name2: self._then(two, name2, stageThreshold, totalThreshold),
        }
        return DynamicFrameCollection(frames, self.glue_ctx)

    def rename_field(
        self,
        oldName: str,
        newName: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        columns = _fields.rename_field(self._columns, oldName, newName)
        return self._then(columns, transformation_ctx, stageThreshold, totalThreshold)

    def applyMapping(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        """`apply_mapping`; a DynamicFrame as first argument is dropped, as on AWS."""
        rest = args[1:] if args and isinstance(args[0], DynamicFrame) else args
        return self.apply_mapping(*rest, **kwargs)

    def apply_mapping(
        self, mappings: Any, case_sensitive: bool = False, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        columns = _mapping.apply_mapping(self._columns, mappings, case_sensitive=case_sensitive)
        return self._then(columns, transformation_ctx, stageThreshold, totalThreshold)

    def unbox(
        self, path: str, format: str, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
        **options: Any,
    ) -> DynamicFrame:  # fmt: skip
        raise refuse("DynamicFrame.unbox", "Use toDF() and from_json.")

    def unnest(
        self, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0
    ) -> DynamicFrame:
        return self._then(_fields.unnest(self._columns), transformation_ctx, stageThreshold, totalThreshold)

    def unnest_ddb_json(
        self, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0
    ) -> DynamicFrame:
        raise refuse("DynamicFrame.unnest_ddb_json")

    def simplify_ddb_json(self) -> DynamicFrame:
        raise refuse("DynamicFrame.simplify_ddb_json")

    def relationalize(
        self, root_table_name: str, staging_path: str | None, options: dict[str, Any] = {}, transformation_ctx: str = "",
        info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        """The nested frame as tables; nothing is staged, so `staging_path` is only checked for."""
        tables = _relational.relationalize(self._columns, root_table_name)
        frames = {name: self._then(columns, name, stageThreshold, totalThreshold) for name, columns in tables.items()}
        return DynamicFrameCollection(frames, self.glue_ctx)

    def resolveChoice(
        self, specs: Any = None, choice: str = "", database: str | None = None, table_name: str | None = None,
        transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0, catalog_id: str | None = None,
    ) -> DynamicFrame:  # fmt: skip
        """Resolve choices by `specs` [(path, action)] or all by one `choice`; exactly one of the two."""
        if specs and choice:
            raise Exception("Parameter specs and option are both specified, choose one.")
        if not specs and not choice:
            raise Exception("Parameter specs and option are both missing, give one.")
        if choice == "match_catalog":
            columns = _choices.match_schema(
                self._columns, self.glue_ctx._catalog_schema(database, table_name, catalog_id)
            )
        elif choice:
            columns = _choices.resolve_all(self._columns, choice)
        else:
            columns = _choices.resolve_specs(self._columns, [specs] if isinstance(specs, tuple) else list(specs))
        return self._then(columns, transformation_ctx, stageThreshold, totalThreshold)

    def join(
        self, paths1: str | list[str], paths2: str | list[str], frame2: DynamicFrame, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        columns = _join.join(self._columns, frame2._columns, as_list(paths1), as_list(paths2))
        return self._step(self._with_other(frame2, columns), transformation_ctx, stageThreshold, totalThreshold)

    def _with_other(self, other: DynamicFrame, columns: Columns) -> Contents:
        errors = (*self._jdf.all_errors, *other._jdf.all_errors)
        return Contents(lambda: columns, sparse=self._jdf.sparse or other._jdf.sparse, earlier_errors=errors)

    def union(
        self,
        other_frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """All records of both; duplicates stay."""
        columns = _align.union([self._columns, other_frame._columns])
        return self._step(self._with_other(other_frame, columns), transformation_ctx, stageThreshold, totalThreshold)

    def mergeDynamicFrame(
        self, stage_dynamic_frame: DynamicFrame, primary_keys: str | list[str], transformation_ctx: str = "",
        options: dict[str, Any] = {}, info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """All records of the stage, and those of this frame whose key the stage does not have."""
        stage = stage_dynamic_frame._columns
        columns = _align.union([_join.without_staged(self._columns, stage, as_list(primary_keys)), stage])
        return self._step(
            self._with_other(stage_dynamic_frame, columns), transformation_ctx, stageThreshold, totalThreshold
        )

    def getNumPartitions(self) -> int:
        return int(self._columns.df.rdd.getNumPartitions())

    def repartition(
        self,
        num_partitions: int,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        columns = Columns(self._columns.df.repartition(num_partitions), self._columns.schema)
        return self._then(columns, transformation_ctx, stageThreshold, totalThreshold)

    def coalesce(
        self, num_partitions: int, shuffle: bool = False, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        if shuffle:
            return self.repartition(num_partitions, transformation_ctx, info, stageThreshold, totalThreshold)
        columns = Columns(self._columns.df.coalesce(num_partitions), self._columns.schema)
        return self._then(columns, transformation_ctx, stageThreshold, totalThreshold)

    def write(
        self, connection_type: str, connection_options: dict[str, Any] = {}, format: str | None = None,
        format_options: dict[str, Any] = {}, accumulator_size: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        written: DynamicFrame = self.glue_ctx.write_dynamic_frame_from_options(
            self, connection_type, connection_options, format, format_options
        )
        return written

    def spigot(
        self, path: str, options: dict[str, Any] = {}, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """Write a sample as JSON lines (`topk`, default 100, of a `prob` share) and pass the frame on."""
        from ._sinks import write_sample

        write_sample(self, path, options)
        return self._step(self._jdf, transformation_ctx, stageThreshold, totalThreshold)

    def errorsAsDynamicFrame(self) -> DynamicFrame:
        """One record an error, with a struct `error`."""
        records = [error for errors in self._jdf.all_errors for error in errors()]
        spark = self.glue_ctx.spark_session
        return DynamicFrame(
            Contents(lambda: _records.columns_of_records(spark, records)), self.glue_ctx, f"{self.name}_errors"
        )

    def errorsCount(self) -> int:
        """Error records of this step and of all before it."""
        return sum(len(errors()) for errors in self._jdf.all_errors)

    def stageErrorsCount(self) -> int:
        return len(self._jdf.errors_here())

    def assertErrorThreshold(self) -> None:
        """Raise when there are more errors than the step's thresholds allow; 0 allows any number."""
        stage, total = self._limits
        for limit, name, count in (
            (stage, "stageThreshold", self.stageErrorsCount),
            (total, "totalThreshold", self.errorsCount),
        ):
            found = count() if limit else 0
            if limit and found > limit:
                raise Exception(f"Error threshold exceeded: {found} error records, {name} is {limit}.")


# AWS keeps these in this module too; each has a file of its own here.
from ._collection import DynamicFrameCollection  # noqa: E402 - it makes frames, so DynamicFrame comes first
from ._frame_io import DynamicFrameReader, DynamicFrameWriter  # noqa: E402

__all__ = ["DynamicFrame", "DynamicFrameCollection", "DynamicFrameReader", "DynamicFrameWriter", "ResolveOption"]
