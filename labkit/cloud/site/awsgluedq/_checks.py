"""Rule types as checks: types, metrics and null behaviour as in the glue dg, "DQDL rule type reference"."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from awsglue._paths import quote
from awsglue._refusal import refuse

from awsgluedq import _row_checks
from awsgluedq._check import (
    ALL,
    Check,
    Values,
    Verdict,
    asked,
    column_of,
    count_rows,
    judged,
    one_column,
    ratio,
    within,
)
from awsgluedq._dqdl import DqdlError, Rule

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_REFUSED = {
    "AggregateMatch": "a second data set", "DatasetMatch": "a second data set", "RowCountMatch": "a second data set",
    "SchemaMatch": "a second data set", "ReferentialIntegrity": "a second data set", "DetectAnomalies": "earlier runs' results",
    "FileFreshness": "files", "FileMatch": "files", "FileUniqueness": "files", "FileSize": "files",
}  # fmt: skip


def _row_count(rule: Rule, _df: DataFrame) -> Check:
    def judge(values: Values) -> Verdict:
        return judged(values["rows"], asked(rule), {"Dataset.*.RowCount": float(values["rows"])})

    return Check(judge, aggregates={"rows": count_rows(rule)})


def _column_count(rule: Rule, df: DataFrame) -> Check:
    count = len(df.columns)
    return Check(lambda _: judged(count, asked(rule), {"Dataset.*.ColumnCount": float(count)}))


def _column_exists(rule: Rule, _df: DataFrame) -> Check:
    return Check(lambda _: (True, None, {}), (one_column(rule),))


def _completeness(rule: Rule, _df: DataFrame) -> Check:
    from pyspark.sql import functions as f

    name = one_column(rule)
    condition = ALL if rule.kind == "IsComplete" else asked(rule)

    def judge(values: Values) -> Verdict:
        share = ratio(values["complete"], values["rows"])
        return judged(share, condition, {f"Column.{name}.Completeness": share})

    aggregates = {"rows": count_rows(rule), "complete": f.count(within(rule, column_of(name)))}
    return Check(judge, (name,), aggregates, column_of(name).isNotNull())


def _aggregate(metric: str, make: Callable[[Any], Any]) -> Callable[[Rule, Any], Check]:
    def check(rule: Rule, _df: Any) -> Check:
        name = one_column(rule)

        def judge(values: Values) -> Verdict:
            value = values["value"]
            return judged(value, asked(rule), {f"Column.{name}.{metric}": float(value)} if value is not None else {})

        return Check(judge, (name,), {"value": make(within(rule, column_of(name).cast("double")))})

    return check


def _mean(column: Any) -> Column:
    from pyspark.sql import functions as f

    return f.avg(column)


def _sum(column: Any) -> Column:
    from pyspark.sql import functions as f

    return f.sum(column)


def _deviation(column: Any) -> Column:
    from pyspark.sql import functions as f

    return f.stddev_pop(column)


def _groups(rule: Rule, df: DataFrame) -> Values:
    """How often values occur: `once`, `distinct` and `rows`, nulls left out; one Spark job."""
    from pyspark.sql import functions as f

    names = [quote(name) for name in rule.parameters]
    found = (df.where(rule.where) if rule.where else df).dropna("any", subset=list(rule.parameters))
    counted = found.groupBy(*names).agg(f.count(f.lit(1)).alias("n"))
    once = f.count(f.when(f.col("n") == 1, 1)).alias("once")
    entropy = (-f.sum(f.col("n") * f.log("n"))).alias("entropy")
    row = counted.agg(once, f.count(f.lit(1)).alias("distinct"), f.sum("n").alias("rows"), entropy).collect()[0]
    return {**row.asDict(), "rows": row["rows"] or 0}


def _is_single(names: tuple[str, ...]) -> Column:
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    keys = [column_of(name) for name in names]
    return f.count(f.lit(1)).over(Window.partitionBy(*keys)) == 1


def _uniqueness(rule: Rule, df: DataFrame) -> Check:
    import math

    names = rule.parameters
    if not names:
        raise DqdlError(f"{rule.kind} needs a column: {rule.text}")
    scope = f"Column.{names[0]}" if len(names) == 1 else f"Multicolumn.{','.join(names)}"

    def judge(_: Values) -> Verdict:
        found = _groups(rule, df)
        if rule.kind == "DistinctValuesCount":
            return judged(found["distinct"], asked(rule), {f"{scope}.DistinctValuesCount": float(found["distinct"])})
        if rule.kind == "UniqueValueRatio":
            value = ratio(found["once"], found["distinct"])
            return judged(value, asked(rule), {f"{scope}.UniqueValueRatio": value})
        if rule.kind == "Entropy":
            rows = found["rows"]
            value = math.log(rows) + found["entropy"] / rows if rows else 0.0
            return judged(value, asked(rule), {f"{scope}.Entropy": value})
        share = ratio(found["once"], found["rows"])
        condition = ALL if rule.kind == "IsUnique" else asked(rule)
        return judged(share, condition, {f"{scope}.Uniqueness": share})

    return Check(judge, names, row=_is_single(names) if rule.kind in ("IsUnique", "Uniqueness") else None)


def _primary_key(rule: Rule, df: DataFrame) -> Check:
    from pyspark.sql import functions as f

    names = rule.parameters
    scope = f"Column.{names[0]}" if len(names) == 1 else f"Multicolumn.{','.join(names)}"
    complete = column_of(names[0]).isNotNull()
    for name in names[1:]:
        complete = complete & column_of(name).isNotNull()

    def judge(values: Values) -> Verdict:
        share = ratio(_groups(rule, df)["once"], values["rows"])
        completeness = {f"Column.{name}.Completeness": ratio(values[name], values["rows"]) for name in names}
        passed = share == 1.0 and all(value == 1.0 for value in completeness.values())
        return (
            passed,
            share if share != 1.0 else min(completeness.values()),
            {**completeness, f"{scope}.Uniqueness": share},
        )

    aggregates = {"rows": count_rows(rule), **{name: f.count(within(rule, column_of(name))) for name in names}}
    return Check(judge, names, aggregates, complete & _is_single(names))


def _names_match(rule: Rule, df: DataFrame) -> Check:
    import re

    matching = [name for name in df.columns if re.fullmatch(one_column(rule), name)]
    share = ratio(len(matching), len(df.columns))
    return Check(lambda _: (share == 1.0, share, {"Dataset.*.ColumnNamesPatternMatchRatio": share}))


def _correlation(rule: Rule, _df: DataFrame) -> Check:
    from pyspark.sql import functions as f

    if len(rule.parameters) != 2:
        raise DqdlError(f"ColumnCorrelation takes two columns: {rule.text}")
    one, two = (within(rule, column_of(name).cast("double")) for name in rule.parameters)
    metric = f"Multicolumn.{','.join(rule.parameters)}.ColumnCorrelation"

    def judge(values: Values) -> Verdict:
        value = values["value"]
        return judged(value, asked(rule), {metric: float(value)} if value is not None else {})

    return Check(judge, rule.parameters, {"value": f.corr(one, two)})


def _custom_sql(rule: Rule, df: DataFrame) -> Check:
    """A number compared, or (without a condition) the rows that a query keeps against all rows."""
    statement = one_column(rule)

    def judge(_: Values) -> Verdict:
        df.createOrReplaceTempView("primary")
        found = df.sparkSession.sql(statement)
        if rule.condition is None:
            share = ratio(found.count(), df.count())
            return judged(share, rule.threshold or ALL, {"Dataset.*.CustomSQL.Compliance": share})
        row = found.first()
        value = row[0] if row is not None else None
        return judged(value, rule.condition, {"Dataset.*.CustomSQL": float(value)} if value is not None else {})

    return Check(judge)


_CHECKS: dict[str, Callable[[Rule, Any], Check]] = {
    "RowCount": _row_count, "ColumnCount": _column_count, "ColumnExists": _column_exists, "IsComplete": _completeness,
    "Completeness": _completeness, "IsUnique": _uniqueness, "Uniqueness": _uniqueness, "UniqueValueRatio": _uniqueness,
    "DistinctValuesCount": _uniqueness, "Entropy": _uniqueness, "IsPrimaryKey": _primary_key, "ColumnValues": _row_checks.column_values,
    "ColumnLength": _row_checks.column_length, "ColumnDataType": _row_checks.column_data_type, "ColumnNamesMatchPattern": _names_match,
    "Mean": _aggregate("Mean", _mean), "Sum": _aggregate("Sum", _sum), "StandardDeviation": _aggregate("StandardDeviation", _deviation),
    "ColumnCorrelation": _correlation, "DataFreshness": _row_checks.freshness, "CustomSql": _custom_sql,
}  # fmt: skip


def build_check(rule: Rule, df: DataFrame) -> Check:
    """The check of a rule; refuses by name what needs more than this frame, DqdlError for a type that does not exist."""
    if rule.kind in _REFUSED:
        raise refuse(f"The data quality rule {rule.kind}", f"It needs {_REFUSED[rule.kind]}.")
    if rule.kind not in _CHECKS:
        raise DqdlError(f"Unknown rule type {rule.kind!r}; known here: {', '.join(_CHECKS)}.")
    return _CHECKS[rule.kind](rule, df)
