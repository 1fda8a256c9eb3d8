"""Rules about each row: values, lengths, types, ages. All rows must hold, or the share that a threshold asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from awsglue._paths import quote

from awsgluedq._check import Check, Values, Verdict, asked, column_of, count_rows, judged, one_column, ratio, within
from awsgluedq._conditions import holds, row_holds
from awsgluedq._dqdl import Condition, DqdlError, Rule

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_CASTS = {
    "boolean": "boolean", "date": "date", "timestamp": "timestamp", "integer": "int", "double": "double", "float": "float",
    "long": "bigint",
}  # fmt: skip


def _share_check(rule: Rule, name: str, row: Any, metric: str, extremes: Mapping[str, tuple[str, Any]]) -> Check:
    """A rule about each row: all must hold, or the share that the threshold asks for."""
    from pyspark.sql import functions as f

    def judge(values: Values) -> Verdict:
        share = ratio(values["good"], values["rows"])
        extreme = {told: float(values[key]) for key, (told, _) in extremes.items() if values[key] is not None}
        metrics = extreme if extreme and rule.threshold is None else {metric: share}
        if rule.threshold is not None:
            return judged(share, rule.threshold, metrics)
        if share == 1.0:
            return True, None, metrics
        if values["nulls"]:
            return False, "NULL", metrics
        bad = [value for value in extreme.values() if not holds(value, asked(rule))]
        return False, bad[0] if bad else share, metrics

    aggregates = {
        "rows": count_rows(rule),
        "good": f.count(within(rule, f.when(row, 1))),
        "nulls": f.count(within(rule, f.when(~row & column_of(name).isNull(), 1))),
        **{key: make for key, (_, make) in extremes.items()},
    }
    return Check(judge, (name,), aggregates, row)


def column_values(rule: Rule, df: DataFrame) -> Check:
    from pyspark.sql import functions as f

    name, condition = one_column(rule), asked(rule)
    kind = dict(df.dtypes).get(name, "string")
    compares = condition.operator in (">", "<", ">=", "<=", "between") and not condition.negated
    extremes = {}
    if compares and all(isinstance(one, (int, float)) for one in condition.operands):
        number = within(rule, column_of(name).cast("double"))
        extremes = {
            "maximum": (f"Column.{name}.Maximum", f.max(number)),
            "minimum": (f"Column.{name}.Minimum", f.min(number)),
        }
    row = row_holds(column_of(name), kind, condition)
    return _share_check(rule, name, row, f"Column.{name}.ColumnValues.Compliance", extremes)


def column_length(rule: Rule, _df: DataFrame) -> Check:
    from pyspark.sql import functions as f

    name = one_column(rule)
    size = f.length(column_of(name).cast("string"))
    extremes = {
        "maximum": (f"Column.{name}.MaximumLength", f.max(within(rule, size))),
        "minimum": (f"Column.{name}.MinimumLength", f.min(within(rule, size))),
    }
    row = row_holds(size, "int", asked(rule))
    return _share_check(rule, name, row, f"Column.{name}.ColumnLength.Compliance", extremes)


def column_data_type(rule: Rule, _df: DataFrame) -> Check:
    from pyspark.sql import functions as f

    name, condition = one_column(rule), asked(rule)
    kinds = [str(one).lower() for one in condition.operands]
    unknown = [kind for kind in kinds if kind not in _CASTS]
    if unknown or condition.operator not in ("=", "in"):
        raise DqdlError(f'ColumnDataType is asked as = "Integer"; the types are {", ".join(_CASTS)}: {rule.text}')
    fits = f.lit(False)
    for kind in kinds:
        fits = fits | f.expr(f"try_cast({quote(name)} as {_CASTS[kind]})").isNotNull()
    return _share_check(rule, name, fits, f"Column.{name}.ColumnDataType.Compliance", {})


def freshness(rule: Rule, _df: DataFrame) -> Check:
    from pyspark.sql import functions as f

    name = one_column(rule)
    age = f.unix_timestamp(f.current_timestamp()) - f.unix_timestamp(column_of(name).cast("timestamp"))
    condition = asked(rule)
    seconds = Condition(condition.operator, tuple(getattr(one, "seconds", one) for one in condition.operands))
    row = row_holds(age, "bigint", seconds)
    return _share_check(rule, name, row, f"Column.{name}.DataFreshness.Compliance", {})
