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


def _row(place: int, values: Sequence[str], kinds: Sequence[str]) -> str:
    return "(" + ", ".join([str(place), *(_literal(*pair) for pair in zip(values, kinds, strict=True))]) + ")"


def select_partitions(
    spark: SparkSession, partitions: Sequence[CatalogPartition], keys: Sequence[tuple[str, str]], predicate: str
) -> list[CatalogPartition]:
    """The partitions for which the predicate is true; values are compared as the declared types of the keys.

    Costs no Spark job: the values are a relation written into the query. A predicate that is no SQL, or that names a
    column which is no partition key, raises AnalysisException with AWS's words.
    """
    from pyspark.errors import AnalysisException, ParseException

    if not predicate or not predicate.strip():
        return list(partitions)
    names = [name for name, _ in keys]
    kinds = [spark_from_glue(parse_type(kind)).simpleString() for _, kind in keys]
    # The first row keeps the relation from being empty, so that a predicate is checked when nothing is registered too.
    rows = [_row(-1, [HIVE_NULL] * len(keys), kinds)]
    rows += [_row(place, partition.values, kinds) for place, partition in enumerate(partitions)]
    columns = ", ".join(quote(name) for name in ("__partition", *names))
    relation = f"select * from values {', '.join(rows)} as partitions({columns})"  # noqa: S608 - literals made above
    try:
        found = spark.sql(relation).where(predicate).select("__partition").collect()
    except (AnalysisException, ParseException) as error:
        cause = str(error).partition("\n")[0]
        raise AnalysisException(
            f"User's pushdown predicate: {predicate} can not be resolved against partition columns: [{', '.join(names)}]. "
            f"({cause})"
        ) from error
    return [partitions[row[0]] for row in found if row[0] >= 0]
