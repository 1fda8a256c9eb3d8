from __future__ import annotations

from collections import namedtuple
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from labkit.cloud.functions.runtime_json import write_response

Row = namedtuple("Row", "name size")


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, "null"),
        ({"a": [1, {"b": None}]}, '{"a": [1, {"b": null}]}'),
        ({1: (2, 3)}, '{"1": [2, 3]}'),
        ({"a": b"x"}, '{"a": "x"}'),
        ({b"k": 1}, '{"k": 1}'),
        (Row("a", 1), '{"name": "a", "size": 1}'),
        ([{"rows": (Row("a", Decimal("1.50")),)}], '[{"rows": [{"name": "a", "size": 1.50}]}]'),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (Decimal("1E+2"), "1E+2"),
        (Decimal("NaN"), "NaN"),
        (float("inf"), "Infinity"),
        (2**70, str(2**70)),
    ],
)
def test_responses(result: Any, text: str) -> None:
    assert write_response(result, "AWS_Lambda_python3.12") == text


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ("AWS_Lambda_python3.9", '"a\\u00f1o"'),
        ("AWS_Lambda_python3.11", '"a\\u00f1o"'),
        ("AWS_Lambda_python3.12", '"año"'),
        ("AWS_Lambda_python3.13", '"año"'),
        (None, '"año"'),
    ],
)
def test_older_runtimes_escape_what_is_not_ascii(environment: str | None, text: str) -> None:
    assert write_response("año", environment) == text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (datetime(2026, 1, 1, tzinfo=timezone.utc), "Object of type datetime is not JSON serializable"),
        ({1}, "Object of type set is not JSON serializable"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        ({"a": b"\xff"}, "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
def test_what_is_not_json(result: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as failure:
        write_response(result, "AWS_Lambda_python3.12")
    assert str(failure.value) == words


def test_circles() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular reference detected"):
        write_response(circle, None)
