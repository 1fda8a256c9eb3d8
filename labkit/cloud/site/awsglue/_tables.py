"""Catalog tables as sources: registered partitions only, then one read for all that lie below the table's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from . import _avro, _catalog, _csv, _csv_format, _csv_types, _json, _proof
from . import gluetypes as glue
from ._align import union
from ._catalog import CatalogPartition, CatalogTable
from ._contents import Columns, Contents
from ._exact import combined
from ._files import InputFile, list_files
from ._keys import NO_KEYS, Keys
from ._options import flag
from ._predicates import select_partitions
from ._readers import check_format, no_files, read_columnar
from ._sampling import some_files, some_partitions
from ._selection import choose
from ._unpacked import compression_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Group = tuple[Keys, list[InputFile]]


def _typed_schema(table: CatalogTable) -> glue.StructType:
    """The catalog's types; CSV has no nested values, so such a column stays text."""
    schema = _catalog.glue_schema(table.columns)
    atoms = [
        field if isinstance(field.dataType, glue.AtomicType) else glue.Field(field.name, glue.StringType())
        for field in schema
    ]
    keys = {name for name, _ in table.partition_keys}
    return glue.StructType([field for field in atoms if field.name not in keys])


def _read_csv(spark: SparkSession, table: CatalogTable, files: Sequence[InputFile], keys: Keys) -> Columns:
    schema = _typed_schema(table)
    given = _csv.CsvFiles(tuple(files), _csv_format.from_table(table), compression_of(table.parameters))
    source = _csv.without_idle_escaper(given)
    names = [field.name for field in schema]
    strings = _csv.read_strings(spark, source, names, keys)
    proven = _proof.all_convert(source, names, schema)
    return _csv_types.convert(strings, schema, set() if proven else _csv_types.find_choices(strings, schema), keys)


def _read_group(spark: SparkSession, table: CatalogTable, files: Sequence[InputFile], keys: Keys) -> Contents:
    kind = check_format(table.format)
    if kind == "csv":
        return Contents(lambda: _read_csv(spark, table, files, keys))
    if kind == "json":
        compression = compression_of(table.parameters)
        return _json.read(spark, files, _json.from_options(table.parameters), keys, compression=compression)
    if kind == "avro":
        return _avro.read(spark, files, _avro.version_of({}), compression_of(table.parameters), keys)
    # Files of one table may have more columns than others: a self-describing reader sees them all.
    merge = {"mergeSchema": "true"} if len(files) > 1 else {}
    return Contents(lambda: read_columnar(spark, kind, [file.path for file in files], merge, keys))


def _is_hive_style(table: CatalogTable, partition: CatalogPartition) -> bool:
    below = partition.location.rstrip("/").removeprefix(f"{table.location.rstrip('/')}/")
    names = [name for name, _ in table.partition_keys]
    return [unquote(part) for part in below.split("/")] == [
        f"{name}={value}" for name, value in zip(names, partition.values, strict=True)
    ]


def _files_of(partitions: Sequence[CatalogPartition], options: Mapping[str, Any], ctx: str) -> list[list[InputFile]]:
    listed = [some_files(list_files(partition.location, recurse=True)) for partition in partitions]
    wanted = {file.path for file in choose([file for files in listed for file in files], options, ctx)}
    return [[file for file in files if file.path in wanted] for files in listed]


def _partition_groups(
    table: CatalogTable, partitions: Sequence[CatalogPartition], options: Mapping[str, Any], ctx: str
) -> list[Group]:
    """One group for all partitions in `k=v` folders of the table, and one for each that lies elsewhere."""
    files = _files_of(partitions, options, ctx)
    hive: list[InputFile] = []
    groups: list[Group] = []
    for partition, found in zip(partitions, files, strict=True):
        if _is_hive_style(table, partition):
            hive.extend(found)
        elif found:
            groups.append((Keys(table.partition_keys, values=partition.values), found))
    base = Keys(table.partition_keys, base_path=table.location)
    return [(base, hive), *groups] if hive else groups


def _list_groups(
    spark: SparkSession,
    table: CatalogTable,
    predicate: str,
    options: Mapping[str, Any],
    ctx: str,
    catalog_id: str | None,
) -> list[Group]:
    if not table.partition_keys:
        select_partitions(spark, [], (), predicate)
        files = some_files(list_files(table.location, recurse=flag(options, "recurse", True)))
        return [(NO_KEYS, choose(files, options, ctx))]
    registered = _catalog.list_partitions(table, str(options.get("catalogPartitionPredicate") or ""), catalog_id)
    chosen = select_partitions(spark, registered, table.partition_keys, predicate)
    return _partition_groups(table, some_partitions(chosen), options, ctx)


def read_table(
    spark: SparkSession,
    table: CatalogTable,
    predicate: str,
    additional: Mapping[str, Any],
    ctx: str,
    catalog_id: str | None,
) -> Contents:
    """Contents of a catalog table: the files that partitions, options and the bookmark leave."""
    name, options = f"{table.database}.{table.name}", {**table.parameters, **additional}
    if not table.format:
        raise ValueError(f"No classification or connection in {name}: set the table property classification.")
    check_format(table.format)
    if not table.location:
        raise ValueError(f"Table {name} has no location (a view?), so it has no files to read.")
    groups = [group for group in _list_groups(spark, table, predicate, options, ctx, catalog_id) if group[1]]
    if not groups:
        return no_files(spark)
    parts = [_read_group(spark, table, files, keys) for keys, files in groups]
    if len(parts) == 1:
        return parts[0]
    return combined(parts, union, sparse=parts[0].sparse)
