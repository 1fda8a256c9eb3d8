"""What a rule becomes: aggregates over the frame, how to judge them, and what each row's own outcome is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from awsglue._paths import quote

from awsgluedq._conditions import holds
from awsgluedq._dqdl import Condition, DqdlError, Rule

if TYPE_CHECKING:
    from pyspark.sql import Column

Values = Mapping[str, Any]
# Whether the rule holds, the value that a failure tells, and the metrics.
Verdict = tuple[bool, Any, dict[str, float]]
ALL = Condition("=", (1.0,))


@dataclass(frozen=True)
class Check:
    """How one rule is carried out. `columns` must be there; `row` is a boolean column where a row has an outcome."""

    judge: Callable[[Values], Verdict]
    columns: tuple[str, ...] = ()
    aggregates: Mapping[str, Any] = field(default_factory=dict)
    row: Any = None


def within(rule: Rule, column: Any) -> Column:
    """The column where the rule's `where` clause is true, else null."""
    from pyspark.sql import functions as f

    return f.when(f.expr(rule.where), column) if rule.where else column


def column_of(name: str) -> Column:
    from pyspark.sql import functions as f

    return f.col(quote(name))


def one_column(rule: Rule) -> str:
    if len(rule.parameters) != 1:
        raise DqdlError(f"{rule.kind} takes one column: {rule.text}")
    return rule.parameters[0]


def asked(rule: Rule) -> Condition:
    if rule.condition is None:
        raise DqdlError(f"{rule.kind} needs a condition, such as {rule.kind} … > 0: {rule.text}")
    return rule.condition


def count_rows(rule: Rule) -> Column:
    from pyspark.sql import functions as f

    return f.count(within(rule, f.lit(1)))


def judged(value: Any, condition: Condition, metrics: dict[str, float]) -> Verdict:
    known = value is not None
    return known and holds(float(value), condition), value, metrics if known else {}


def ratio(part: Any, whole: Any) -> float:
    return float(part or 0) / whole if whole else 1.0
