"""GetPartitions' filter: SQL over partition keys, compared in the type of each key.

Source: the `Expression` parameter of GetPartitions in the Glue API reference (operators and key types).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.data_catalog.records import Document, Values

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
_INTEGERS = ("tinyint", "smallint", "int", "integer", "bigint", "long")
_TEXTS = ("string", "char", "varchar")
_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?")
Test = Callable[[Values], bool]


def partition_filter(expression: str, keys: Sequence[Document]) -> Test:
    """The expression as a test of partition values; InvalidInputException for what Glue would refuse."""
    tree = _parse(expression)
    return _condition(tree, keys, expression)


@functools.lru_cache(maxsize=256)
def _parse(expression: str) -> Any:
    from sqlglot import errors, exp, parse_one

    try:
        # SQLite's dialect takes names between ", ` and [ ], as the parser that Glue documents (JSQLParser) does.
        return parse_one(expression, dialect="sqlite", into=exp.Condition)
    except errors.SqlglotError:
        raise _unsupported(expression) from None


def _unsupported(expression: str) -> AwsError:
    return AwsError("InvalidInputException", f"Unsupported expression '{expression}'")


def _condition(node: Any, keys: Sequence[Document], expression: str) -> Test:
    kind = type(node).__name__
    if kind == "Paren":
        return _condition(node.this, keys, expression)
    if kind in ("And", "Or"):
        left, right = _condition(node.this, keys, expression), _condition(node.expression, keys, expression)
        return (lambda v: left(v) and right(v)) if kind == "And" else (lambda v: left(v) or right(v))
    if kind == "Not":
        return _not(node.this, keys, expression)
    if kind == "Is":
        index, _ = _key(node.this, keys, expression)
        if type(node.expression).__name__ != "Null":
            raise _unsupported(expression)
        return lambda values: values[index] == HIVE_NULL
    return _comparison(kind, node, keys, expression)


def _not(node: Any, keys: Sequence[Document], expression: str) -> Test:
    """NOT of a comparison leaves NULLs out, as SQL does; NOT IS NULL does not."""
    inner = _condition(node, keys, expression)
    while type(node).__name__ == "Paren":
        node = node.this
    if type(node).__name__ in ("In", "Like", "Between", "EQ", "NEQ", "GT", "GTE", "LT", "LTE"):
        indexes = {_key(one, keys, expression)[0] for one in node.find_all(_column_class())}
        return lambda values: all(values[i] != HIVE_NULL for i in indexes) and not inner(values)
    return lambda values: not inner(values)


def _column_class() -> Any:
    from sqlglot import exp

    return exp.Column


_ORDERS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "EQ": ("EQ", lambda a, b: a == b), "NEQ": ("NEQ", lambda a, b: a != b), "GT": ("LT", lambda a, b: a > b),
    "GTE": ("LTE", lambda a, b: a >= b), "LT": ("GT", lambda a, b: a < b), "LTE": ("GTE", lambda a, b: a <= b),
}  # fmt: skip


def _comparison(kind: str, node: Any, keys: Sequence[Document], expression: str) -> Test:
    if kind in _ORDERS:
        column, literal, name = node.this, node.expression, kind
        if _literal(column) is not None:  # 2024 < year
            column, literal, name = literal, column, _ORDERS[kind][0]
        index, type_ = _key(column, keys, expression)
        wanted, order = _given(literal, type_, expression), _ORDERS[name][1]
        return _typed(index, type_, lambda value: order(value, wanted))
    if kind == "In" and node.expressions:
        index, type_ = _key(node.this, keys, expression)
        several = {_given(one, type_, expression) for one in node.expressions}
        return _typed(index, type_, lambda value: value in several)
    if kind == "Between":
        index, type_ = _key(node.this, keys, expression)
        low, high = (_given(node.args[name], type_, expression) for name in ("low", "high"))
        return _typed(index, type_, lambda value: low <= value <= high)
    if kind == "Like":
        index, type_ = _key(node.this, keys, expression)
        if type_ not in _TEXTS:
            word = "Integral" if type_ in _INTEGERS else type_.capitalize()
            raise AwsError("InvalidInputException", f"{word} data type doesn't support operation 'LIKE'")
        pattern = _like(str(_given(node.expression, type_, expression)))
        negated = bool(node.args.get("negate"))
        test = _typed(index, type_, lambda value: (pattern.fullmatch(value) is None) == negated)
        return (lambda values: values[index] != HIVE_NULL and test(values)) if negated else test
    raise _unsupported(expression)


def _like(text: str) -> re.Pattern[str]:
    return re.compile("".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in text), re.DOTALL)


def _typed(index: int, type_: str, test: Callable[[Any], bool]) -> Test:
    def matches(values: Values) -> bool:
        text = values[index]
        if text == HIVE_NULL and type_ not in _TEXTS:
            return False
        try:
            return test(_value(text, type_))
        except ValueError as error:  # a partition whose value does not fit its key's type
            # As recorded in aws/aws-sdk#670: For input string: "null" is not an integer.
            start = "For input string: " if type_ in _INTEGERS else ""
            raise AwsError("InvalidStateException", f"{start}{error}") from None

    return matches


def _key(node: Any, keys: Sequence[Document], expression: str) -> tuple[int, str]:
    """The position and the plain type of the key that a node names."""
    while type(node).__name__ == "Paren":
        node = node.this
    if type(node).__name__ != "Column":
        raise _unsupported(expression)
    name = node.name.lower()
    for index, key in enumerate(keys):
        if key["Name"].lower() == name:
            type_ = re.split(r"[(<]", (key.get("Type") or "string").lower())[0].strip()
            if type_ not in (*_INTEGERS, *_TEXTS, "decimal", "date", "timestamp"):
                raise AwsError("InvalidInputException", f"Unknown type : '{type_}'")
            return index, type_
    raise AwsError("InvalidInputException", "Invalid partition expression!")


def _literal(node: Any) -> str | None:
    """A number or text of the expression; None for anything else."""
    kind = type(node).__name__
    if kind == "Paren":
        return _literal(node.this)
    if kind == "Neg":
        inner = _literal(node.this)
        return None if inner is None else f"-{inner}"
    if kind == "Literal":
        return str(node.this)
    if kind == "Cast" and type(node.this).__name__ == "Literal":  # DATE '2024-01-01'
        return str(node.this.this)
    return None


def _given(node: Any, type_: str, expression: str) -> Any:
    text = _literal(node)
    if text is None:
        raise _unsupported(expression)
    try:
        return _value(text, type_)
    except ValueError as error:
        raise AwsError("InvalidInputException", str(error)) from None


def _value(text: str, type_: str) -> Any:
    """A text in a key's type; ValueError says why it is not one."""
    if type_ in _TEXTS:
        return text
    if type_ in _INTEGERS:
        if not re.fullmatch(r"[+-]?\d+", text):
            raise ValueError(f'"{text}" is not an integer.')
        return int(text)
    if type_ == "decimal":
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ValueError(f"{text} is not a decimal.") from None
    return _moment(text, type_)


def _moment(text: str, type_: str) -> Any:
    if type_ == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text} is not a date.") from None
    reason = f"Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {text} is not a timestamp."
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        raise ValueError(reason)
    try:
        seconds = datetime.fromisoformat(found.group(1))
    except ValueError:
        raise ValueError(reason) from None
    return seconds, (found.group(2) or "").ljust(9, "0")
