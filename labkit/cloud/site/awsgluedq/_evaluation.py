"""A ruleset over a frame: one pass for what can be aggregated, then each rule's outcome and each row's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from awsgluedq._check import Check
from awsgluedq._checks import build_check
from awsgluedq._dqdl import Composite, Rule, Ruleset

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class Outcome:
    """How a rule ended. `row` is a boolean column, None for a rule that has no outcome a row; `where` limits its rows."""

    text: str
    passed: bool
    reason: str | None
    metrics: dict[str, float]
    row: Any = None
    where: str = ""
    labels: dict[str, str] = field(default_factory=dict)


def _simple_rules(rules: Sequence[Rule | Composite]) -> list[Rule]:
    found: list[Rule] = []
    for rule in rules:
        found.extend([rule] if isinstance(rule, Rule) else _simple_rules(rule.parts))
    return found


def _aggregate(df: DataFrame, checks: Sequence[Check]) -> list[dict[str, Any]]:
    """The values of all checks' aggregates, in one Spark job (none when there are none)."""
    wanted = [(place, name, make) for place, check in enumerate(checks) for name, make in check.aggregates.items()]
    values: list[dict[str, Any]] = [{} for _ in checks]
    if wanted:
        row = df.agg(*(make.alias(f"v{number}") for number, (_, _, make) in enumerate(wanted))).collect()[0]
        for number, (place, name, _) in enumerate(wanted):
            values[place][name] = row[number]
    return values


def _reason(value: Any) -> str:
    told = float(value) if isinstance(value, (int, float)) else value
    return f"Value: {told} does not meet the constraint requirement!"


def _outcome(rule: Rule, check: Check, values: Mapping[str, Any]) -> Outcome:
    passed, value, metrics = check.judge(values)
    return Outcome(
        rule.text, passed, None if passed else _reason(value), metrics, check.row, rule.where, dict(rule.labels)
    )


def _missing(rule: Rule, columns: Sequence[str]) -> Outcome:
    name = next(name for name in columns if name)
    return Outcome(rule.text, False, f"Input data does not include column {name}!", {}, labels=dict(rule.labels))


def _combine(rule: Composite, outcomes: Mapping[int, Outcome], by_row: bool) -> Outcome:
    parts = [outcomes[id(part)] if isinstance(part, Rule) else _combine(part, outcomes, by_row) for part in rule.parts]
    passed = all(part.passed for part in parts) if rule.operator == "and" else any(part.passed for part in parts)
    metrics = {name: value for part in parts for name, value in part.metrics.items()}
    reasons = [part.reason for part in parts if part.reason]
    rows = [part.row for part in parts]
    row = reduce(and_ if rule.operator == "and" else or_, rows) if all(one is not None for one in rows) else None
    return Outcome(rule.text, passed, None if passed else "\n".join(reasons), metrics, row)


def _judge_by_row(df: DataFrame, outcome: Outcome) -> Outcome:
    """A composite rule as one rule over each row (`compositeRuleEvaluation.method` ROW)."""
    from dataclasses import replace

    if outcome.row is None:
        raise ValueError(f"{outcome.text}: rules without an outcome for each row cannot be evaluated by row.")
    failed = df.where(~outcome.row).count()
    return replace(outcome, passed=not failed, reason=None if not failed else outcome.reason or _reason("row"))


def evaluate(df: DataFrame, ruleset: Ruleset, *, by_row: bool = False) -> list[Outcome]:
    """Every rule's outcome, in order. A column that is missing fails its rules and no others."""
    simple = _simple_rules(ruleset.rules)
    checks = [build_check(rule, df) for rule in simple]
    known = set(df.columns)
    lacking = [[name for name in check.columns if name not in known] for check in checks]
    there = [place for place, missing in enumerate(lacking) if not missing]
    values = dict(zip(there, _aggregate(df, [checks[place] for place in there]), strict=True))
    outcomes = {
        id(rule): _missing(rule, lacking[place]) if lacking[place] else _outcome(rule, checks[place], values[place])
        for place, rule in enumerate(simple)
    }
    found = []
    for rule in ruleset.rules:
        if isinstance(rule, Rule):
            found.append(outcomes[id(rule)])
        else:
            combined = _combine(rule, outcomes, by_row)
            found.append(_judge_by_row(df, combined) if by_row else combined)
    return found


def _texts(outcomes: Sequence[Outcome], state: str, skips: bool) -> Column:
    """The rules whose state in a row is `pass`, `fail` or `skip`."""
    from pyspark.sql import functions as f

    named = []
    for outcome in outcomes:
        outside = f.lit(False) if not outcome.where else ~f.coalesce(f.expr(outcome.where), f.lit(False))
        if outcome.row is None:
            is_it = f.lit(state == "skip")
        elif state == "skip":
            is_it = outside if skips else f.lit(False)
        elif state == "pass":
            is_it = ~outside & outcome.row if skips else outside | outcome.row
        else:
            is_it = ~outside & ~outcome.row
        named.append(f.when(is_it, f.lit(outcome.text)))
    return f.array_compact(f.array(*named)) if named else f.array().cast("array<string>")


def with_row_outcomes(df: DataFrame, outcomes: Sequence[Outcome], *, skips: bool) -> DataFrame:
    """The rows with the names of the rules that each passes, fails and skips, and Passed or Failed."""
    from pyspark.sql import functions as f

    fails = _texts(outcomes, "fail", skips)
    names = ("DataQualityRulesPass", "DataQualityRulesFail", "DataQualityRulesSkip")
    told = df.select(
        "*",
        _texts(outcomes, "pass", skips).alias(names[0]),
        fails.alias(names[1]),
        _texts(outcomes, "skip", skips).alias(names[2]),
    )
    result = f.when(f.size(names[1]) > 0, "Failed").otherwise("Passed")
    return told.withColumn("DataQualityEvaluationResult", result)
