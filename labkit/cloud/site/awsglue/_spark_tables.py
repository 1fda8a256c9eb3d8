"""Catalog tables through Spark's own data source: `useSparkDataSource`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import _catalog, _csv_format
from ._catalog import CatalogTable
from ._keys import Keys
from ._options import is_true
from ._paths import literal
from ._readers import check_format
from ._refusal import refuse
from ._types import spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_GLUE_OPTIONS = ("useSparkDataSource", "useCatalogSchema")


def _csv_options(table: CatalogTable) -> dict[str, Any]:
    form = _csv_format.from_table(table)
    if form.lines_before_data > 1:
        name = f"{table.database}.{table.name}"
        raise refuse(
            f"useSparkDataSource with skip.header.line.count > 1 of table {name}", "Leave useSparkDataSource out."
        )
    return {
        "sep": form.separator,
        "quote": form.quote or "",
        "escape": form.escaper or form.quote or "\\",
        "header": form.lines_before_data == 1,
        "multiLine": form.multi_line,
    }


def read_with_spark(spark: SparkSession, table: CatalogTable, options: Mapping[str, Any]) -> DataFrame:
    """The files below a table's location; the schema is the data's, or with `useCatalogSchema` the catalog's.

    Bookmarks, predicates and registered partitions do not matter here, as on AWS.
    """
    kind = check_format(table.format)
    reader = spark.read.format(kind)
    if kind == "csv":
        reader = reader.options(**_csv_options(table))
    keys = Keys(table.partition_keys, base_path=table.location) if table.partition_keys else Keys()
    reader = reader.options(**keys.read_options)
    if not table.partition_keys:
        reader = reader.option("recursiveFileLookup", "true")
    if is_true(options.get("useCatalogSchema", False)):
        reader = reader.schema(spark_from_glue(_catalog.glue_schema((*table.columns, *table.partition_keys))))
    extra = {name: value for name, value in options.items() if name not in _GLUE_OPTIONS}
    return reader.options(**extra).load(literal(table.location))
