"""The SQL/JSON path language away from SQL: what is hard to reach from a query."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from labkit.cloud.athena.jsondata.errors import PathEvaluationError
from labkit.cloud.athena.jsondata.functions import java_order
from labkit.cloud.athena.jsondata.path import evaluate
from labkit.cloud.athena.jsondata.path_syntax import PathNotSupported, PathSyntaxError, parse_path


def found(path: str, document: Any = None, **variables: Any) -> list[Any]:
    return evaluate(parse_path(path), document, {name: [value] for name, value in variables.items()})


def test_numbers_keep_their_kind() -> None:
    assert found("lax 7 / 2") == [3]
    assert found("lax -7 % 3") == [-1]
    assert found("lax 1.5 * 2") == [Decimal("3.0")]
    assert found("lax 1e0 + 1") == [2.0]
    assert found("lax 2 * (3 + 4)") == [14]


@pytest.mark.parametrize(
    "path", ["lax 2147483647 + 1", "lax 9223372036854775807 * 2", "lax 1 / 0", "lax 1.0 / 0", 'lax "a" + 1', "lax last"]
)
def test_arithmetic_that_fails(path: str) -> None:
    with pytest.raises(PathEvaluationError):
        found(path)


def test_predicates_have_three_values() -> None:
    items = [1, "x", None, [2], {"a": 1}]
    assert found("lax $[*]?(@ > 0)", items) == [1, 2]
    assert found("lax $[*]?((@ > 0) is unknown)", items) == ["x", {"a": 1}]
    assert found("strict $[*]?(@ == null)", items) == [None]
    assert found("lax $[*]?(@ == $v)", items, v="x") == ["x"]


def test_what_does_not_parse_says_where() -> None:
    with pytest.raises(PathSyntaxError, match="mismatched input '\\)'") as failure:
        parse_path("lax $?(@.a)")
    assert failure.value.offset == 10
    with pytest.raises(PathNotSupported, match="like_regex"):
        parse_path('lax $?(@ like_regex "a")')


def test_members_come_in_the_order_of_javas_hash_map() -> None:
    assert java_order(["key_1", "key_2"]) == ["key_2", "key_1"]
    assert sorted(java_order([f"k{i}" for i in range(100)])) == sorted(f"k{i}" for i in range(100))
