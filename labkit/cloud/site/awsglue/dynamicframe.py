"""`DynamicFrame`, its collections, readers and writers: AWS's names over the modules that do the work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import _align, _choices, _dynamodb, _fields, _functions, _join, _mapping, _relational
from . import gluetypes as glue
from ._arguments import check_count, check_frame, check_function
from ._contents import Contents, of_dataframe
from ._errors import script_site
from ._exact import combined
from ._frame import Frame, ResolveOption
from ._partitions import map_partitions
from ._paths import as_list
from ._rename import rename_field
from ._unbox import unbox

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .context import GlueContext

long = int
basestring = unicode = str
imap = map
ifilter = filter


class DynamicFrame(Frame):
    """Self-describing records. `jdf` is the frame's contents (on AWS a Java object); scripts use `fromDF`."""

    @property
    def _rdd(self) -> Any:
        """The records as an RDD of dicts."""
        from ._steps import rdd_of

        return rdd_of(self._jdf)

    def with_frame_schema(self, schema: glue.StructType) -> DynamicFrame:
        """The frame with exactly the fields of `schema`; missing ones are null."""
        if not isinstance(schema, glue.StructType):
            raise TypeError(f"schema: an awsglue.gluetypes.StructType; got {type(schema).__name__}.")
        return self._then(lambda columns: _align.aligned(columns, schema), "", 0, 0)

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
        contents = _functions.filter_records(self._jdf, check_function("f", f), script_site(info))
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def map(
        self, f: Callable[[Any], Any], preservesPartitioning: bool = False, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """`f` of each record; an exception or an empty result makes an error record."""
        contents = _functions.map_records(self._jdf, check_function("f", f), script_site(info))
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def mapPartitions(
        self, f: Callable[[Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = True, transformation_ctx: str = "",
        info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """What `f` yields for the records of each partition."""
        check_function("f", f)
        contents = map_partitions(self._jdf, lambda _, records: f(records), script_site(info))
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def mapPartitionsWithIndex(
        self, f: Callable[[int, Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = False, transformation_ctx: str = "",
        info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """What `f(number of the partition, records)` yields for each partition."""
        contents = map_partitions(self._jdf, check_function("f", f), script_site(info))
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def drop_fields(
        self,
        paths: str | list[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        listed = as_list(paths)
        change = lambda columns: _fields.drop_fields(columns, listed)  # noqa: E731
        return self._then(change, transformation_ctx, stageThreshold, totalThreshold)

    def select_fields(
        self,
        paths: str | list[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        listed = as_list(paths)
        change = lambda columns: _fields.select_fields(columns, listed)  # noqa: E731
        return self._then(change, transformation_ctx, stageThreshold, totalThreshold)

    def split_fields(
        self, paths: str | list[str], name1: str, name2: str, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        """Two frames: the fields listed, and the rest."""
        listed, limits = as_list(paths), (stageThreshold, totalThreshold)
        one = self._then(lambda columns: _fields.select_fields(columns, listed), name1, *limits)
        two = self._then(lambda columns: _fields.drop_fields(columns, listed), name2, *limits)
        return DynamicFrameCollection({name1: one, name2: two}, self.glue_ctx)

    def split_rows(
        self, comparison_dict: dict[str, dict[str, Any]], name1: str, name2: str, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        """Two frames: the rows for which all comparisons hold, and the rest."""
        from ._split import splitters

        one, two = splitters(comparison_dict)
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
        change = lambda columns: rename_field(columns, oldName, newName)  # noqa: E731
        return self._then(change, transformation_ctx, stageThreshold, totalThreshold)

    def applyMapping(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        """`apply_mapping`; a DynamicFrame as first argument is dropped, as on AWS."""
        rest = args[1:] if args and isinstance(args[0], DynamicFrame) else args
        return self.apply_mapping(*rest, **kwargs)

    def apply_mapping(
        self, mappings: Any, case_sensitive: bool = False, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """Fields chosen, renamed, cast and nested by (source, source type, target, target type)."""
        checked = _mapping.check_mappings(mappings)
        change = lambda columns: _mapping.apply_mapping(columns, checked, case_sensitive=case_sensitive)  # noqa: E731
        return self._then(change, transformation_ctx, stageThreshold, totalThreshold)

    def unbox(
        self, path: str, format: str, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
        **options: Any,
    ) -> DynamicFrame:  # fmt: skip
        """The text at `path` parsed in place; a record whose text does not parse becomes an error record."""
        contents = unbox(self._jdf, path, format, options, script_site(info))
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def unnest(
        self, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0
    ) -> DynamicFrame:
        return self._then(_fields.unnest, transformation_ctx, stageThreshold, totalThreshold)

    def unnest_ddb_json(
        self, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0
    ) -> DynamicFrame:
        """DynamoDB JSON (`{"S": "x"}`) as plain fields; maps are flattened to names with dots."""
        return self._then(_dynamodb.unnest, transformation_ctx, stageThreshold, totalThreshold)

    def simplify_ddb_json(self) -> DynamicFrame:
        """DynamoDB JSON (`{"S": "x"}`) as plain fields; maps stay structs."""
        return self._then(_dynamodb.simplify, "", 0, 0)

    def relationalize(
        self, root_table_name: str, staging_path: str | None, options: dict[str, Any] = {}, transformation_ctx: str = "",
        info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrameCollection:  # fmt: skip
        """The nested frame as tables; nothing is staged, so `staging_path` is only checked for."""
        tables = _relational.relationalize(self._columns, root_table_name)
        errors, limits = self._jdf.all_errors, (stageThreshold, totalThreshold)
        frames = {name: self._step(_relational.contents(one, errors), name, *limits) for name, one in tables.items()}
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
        if str(choice).lower() == "match_catalog":
            wanted = self.glue_ctx._catalog_schema(database, table_name, catalog_id)
            change: Any = lambda columns: _choices.match_schema(columns, wanted)  # noqa: E731
        elif choice:
            change = lambda columns: _choices.resolve_all(columns, choice)  # noqa: E731
        else:
            checked = _choices.check_specs(specs)
            change = lambda columns: _choices.resolve_specs(columns, checked)  # noqa: E731
        return self._then(change, transformation_ctx, stageThreshold, totalThreshold)

    def join(
        self, paths1: str | list[str], paths2: str | list[str], frame2: DynamicFrame, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """Inner equality join; all fields of both frames are kept."""
        keys1, keys2 = as_list(paths1), as_list(paths2)
        contents = combined(
            [self._jdf, check_frame("frame2", frame2)._jdf],
            lambda parts: _join.join(parts[0], parts[1], keys1, keys2),
            sparse=self._jdf.sparse or frame2._jdf.sparse,
        )
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def union(
        self,
        other_frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """All records of both; duplicates stay."""
        parts = [self._jdf, check_frame("other_frame", other_frame)._jdf]
        contents = combined(parts, _align.union, sparse=_lacks_keys(*parts))
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def mergeDynamicFrame(
        self, stage_dynamic_frame: DynamicFrame, primary_keys: str | list[str], transformation_ctx: str = "",
        options: dict[str, Any] = {}, info: str = "", stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        """All records of the stage, and those of this frame whose key the stage does not have."""
        keys = as_list(primary_keys)
        parts = [self._jdf, check_frame("stage_dynamic_frame", stage_dynamic_frame)._jdf]
        contents = combined(
            parts,
            lambda both: _align.union([_join.without_staged(both[0], both[1], keys), both[1]]),
            sparse=_lacks_keys(*parts),
        )
        return self._step(contents, transformation_ctx, stageThreshold, totalThreshold)

    def repartition(
        self,
        num_partitions: int,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        count = check_count("num_partitions", num_partitions)
        change = lambda columns: replace(columns, df=columns.df.repartition(count))  # noqa: E731
        return self._then(change, transformation_ctx, stageThreshold, totalThreshold)

    def coalesce(
        self, num_partitions: int, shuffle: bool = False, transformation_ctx: str = "", info: str = "",
        stageThreshold: int = 0, totalThreshold: int = 0,
    ) -> DynamicFrame:  # fmt: skip
        if shuffle:
            return self.repartition(num_partitions, transformation_ctx, info, stageThreshold, totalThreshold)
        count = check_count("num_partitions", num_partitions)
        change = lambda columns: replace(columns, df=columns.df.coalesce(count))  # noqa: E731
        return self._then(change, transformation_ctx, stageThreshold, totalThreshold)

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


def _lacks_keys(one: Contents, other: Contents) -> bool:
    """Whether records of the two frames together may lack keys."""
    names = [{field.name for field in part.columns.schema} for part in (one, other)]
    return one.sparse or other.sparse or names[0] != names[1]


# AWS keeps these in this module too; each has a file of its own here.
from ._collection import DynamicFrameCollection  # noqa: E402 - it makes frames, so DynamicFrame comes first
from ._frame_io import DynamicFrameReader, DynamicFrameWriter  # noqa: E402

__all__ = ["DynamicFrame", "DynamicFrameCollection", "DynamicFrameReader", "DynamicFrameWriter", "ResolveOption"]
