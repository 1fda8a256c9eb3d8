"""`push_down_predicate`: a Spark SQL expression over partition values, evaluated before any file is listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._catalog import CatalogPartition
from ._paths import quote
from ._types import parse_type, spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


def sql_text(value: str) -> str:
    """A SQL string literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _literal(value: str, kind: str) -> str:
    if value == HIVE_NULL:
        return f"cast(null as {kind})"
    return f"cast({sql_text(value)} as {kind})"


def select_partitions(
    spark: SparkSession, partitions: Sequence[CatalogPartition], keys: Sequence[tuple[str, str]], predicate: str
) -> list[CatalogPartition]:
    """The partitions for which the predicate is true; values are compared as the declared types of the keys.

    Costs no Spark job: the values are a relation written into the query.
    """
    if not predicate or not partitions:
        return list(partitions)
    kinds = [spark_from_glue(parse_type(kind)).simpleString() for _, kind in keys]
    rows = ", ".join(
        "("
        + ", ".join([str(place), *(_literal(value, kind) for value, kind in zip(partition.values, kinds, strict=True))])
        + ")"
        for place, partition in enumerate(partitions)
    )
    names = ", ".join(quote(name) for name in ("__partition", *(name for name, _ in keys)))
    found = spark.sql(f"select __partition from values {rows} as partitions({names}) where {predicate}").collect()  # noqa: S608 - the predicate is SQL by contract
    return [partitions[row[0]] for row in found]
