"""Condition operators (docs.aws.amazon.com/IAM, "IAM JSON policy elements: Condition operators")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from labkit.cloud.identity.comparisons import COMPARISONS, Comparison
from labkit.cloud.identity.matching import Matcher
from labkit.cloud.identity.variables import Find, Template, prepare, read_template, resolve

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]
_QUANTIFIERS: tuple[Quantifier, ...] = ("ForAllValues", "ForAnyValue")
_IF_EXISTS = "IfExists"


@dataclass(frozen=True)
class Operator:
    """`ForAnyValue:StringNotLikeIfExists`, taken apart."""

    comparison: str
    quantifier: Quantifier = ""
    if_exists: bool = False


@dataclass(frozen=True)
class Test:
    """One key of one operator: all tests of a statement must hold."""

    operator: Operator
    comparison: Comparison | None
    key: str
    shown: str
    values: tuple[str | Template, ...]
    prepared: tuple[Matcher | Template, ...] = ()


def read_operator(name: str) -> Operator | None:
    """An operator of AWS by its name, or None; `Null` takes no suffix, and a prefix changes nothing about it."""
    prefix, colon, rest = name.rpartition(":")
    quantifier: Quantifier = next((one for one in _QUANTIFIERS if one == prefix), "")
    if colon and not quantifier:
        return None
    base = rest.removesuffix(_IF_EXISTS)
    if base == "Null":
        return Operator("Null") if rest == "Null" else None
    return Operator(base, quantifier, base != rest) if base in COMPARISONS else None


def read_tests(conditions: Mapping[str, Mapping[str, tuple[str, ...]]], variables: bool) -> tuple[Test, ...]:
    """The tests of a Condition element; an operator that does not exist never holds."""
    return tuple(
        _test(read_operator(name), key, values, variables)
        for name, pairs in conditions.items()
        for key, values in pairs.items()
    )


def _test(operator: Operator | None, key: str, values: tuple[str, ...], variables: bool) -> Test:
    comparison = None if operator is None else COMPARISONS.get(operator.comparison)
    takes_variables = variables and (comparison is None or comparison.takes_variables)
    read = tuple(read_template(value) if takes_variables else value for value in values)
    prepared = () if comparison is None else prepare(read, comparison.matcher)
    return Test(operator or Operator(""), comparison, key.lower(), key, read, prepared)


def holds(test: Test, find: Find, missing: list[str]) -> bool:
    """Whether a test holds for a request; the name of a key that the request lacks goes to `missing`."""
    found = find(test.key)
    if not found:
        missing.append(test.shown)
    if test.comparison is None:
        return test.operator.comparison == "Null" and _is_null(test, find, missing, not found)
    quantifier, negated = test.operator.quantifier, test.comparison.negated
    if quantifier:
        # An empty text is no value to the set operators, as the documentation has it.
        found = [value for value in found if value != ""]
    if not found:
        return quantifier == "ForAllValues" or (quantifier == "" and (negated or test.operator.if_exists))
    outcomes = [_matches(test, test.comparison, value, find, missing) is not negated for value in found]
    if quantifier == "ForAllValues":
        return all(outcomes)
    # Without a quantifier several values of a key are alternatives, and none of them may match a negated operator.
    return any(outcomes) if quantifier == "ForAnyValue" or not negated else all(outcomes)


def _matches(test: Test, comparison: Comparison, value: str, find: Find, missing: list[str]) -> bool:
    """Whether a value fits one of the policy's; one whose variable is unknown fits nothing: StringEquals fails, StringNotEquals holds."""
    for prepared in test.prepared:
        if not isinstance(prepared, Template):
            if prepared(value):
                return True
            continue
        resolved = resolve(prepared, find, missing)
        if resolved is not None and comparison.matcher(resolved)(value):
            return True
    return False


def _is_null(test: Test, find: Find, missing: list[str], absent: bool) -> bool:
    wanted = {str(resolve(value, find, missing)).lower() for value in test.values}
    return ("true" if absent else "false") in wanted
