from __future__ import annotations

import json
import math
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labkit.checks.values import MISSING, Frame, Function, Other, export, read_value


def travel(value: Any) -> Any:
    return read_value(json.loads(json.dumps(export(value))))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        -(10**30),
        2.5,
        math.inf,
        "año 🙂\x00",
        [1, [2.0, None]],
        (1, "a"),
        {1, 2},
        {"a": {1: [True]}, ("x", 2): "y"},
        date(2024, 2, 29),
        datetime(2024, 2, 29, 12, 30, tzinfo=timezone.utc),
        Decimal("12.950"),
    ],
)
def test_plain_values_arrive_as_they_are(value: Any) -> None:
    arrived = travel(value)
    assert arrived == value
    assert type(arrived) is type(value)


def test_nan_arrives_as_nan() -> None:
    assert math.isnan(travel(math.nan))


def test_true_is_not_one() -> None:
    assert travel([1, True]) == [1, True]
    assert [type(item) for item in travel([1, True, 1.0])] == [int, bool, float]


def test_an_unwritten_answer_is_missing() -> None:
    assert travel(...) is MISSING


class AlwaysEqual(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Sneaky(str):
    __slots__ = ()


@pytest.mark.parametrize("value", [AlwaysEqual(3), Sneaky("x"), object(), type("D", (dict,), {})(a=1)])
def test_a_type_of_the_students_own_is_never_taken_for_the_plain_one(value: Any) -> None:
    assert isinstance(travel(value), Other)
    assert isinstance(travel([value])[0], Other)


@pytest.mark.parametrize(("value", "plain"), [(np.int64(3), 3), (np.float64(0.5), 0.5), (np.bool_(True), True)])
def test_numpy_scalars_become_plain(value: Any, plain: Any) -> None:
    arrived = travel(value)
    assert arrived == plain
    assert type(arrived) is type(plain)


def test_an_array_becomes_a_list() -> None:
    assert travel(np.array([[1, 2], [3, 4]])) == [[1, 2], [3, 4]]


def test_a_pandas_frame_keeps_names_types_and_nulls() -> None:
    frame = pd.DataFrame({"año": [2024, 2025], "canal": ["web", None], "importe": [1.5, math.nan]})
    arrived = travel(frame)
    assert isinstance(arrived, Frame)
    assert arrived.columns == (("año", "int64"), ("canal", "object"), ("importe", "float64"))
    assert arrived.rows == ((2024, "web", 1.5), (2025, None, None))
    assert arrived.total == 2


def test_a_function_stays_where_it_is() -> None:
    def choose(workload: Any) -> str:
        return str(workload)

    assert travel(choose) == Function("choose")


def test_a_value_that_contains_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert json.dumps(export(loop))


@pytest.mark.parametrize(
    "value",
    [
        Counter("aab"),
        OrderedDict(a=2, b=1),
        defaultdict(int, a=2, b=1),
        {frozenset({1}): {(2, frozenset({3}))}},
        deque([1, 2]),
        range(1, 3),
        {1: "a", 2: "b"}.keys(),
        pd.Index([1, 2]),
        pd.Series([1, 2], dtype="category").unique(),
        pd.Series([1, 2], dtype="Int64").unique(),
    ],
)
def test_containers_that_are_no_dict_or_list_arrive_as_one(value: Any) -> None:
    assert travel(value) == (dict(value) if isinstance(value, dict) else list(value))


@pytest.mark.parametrize("value", [np.datetime64("2024-02-29", "ns"), np.datetime64("2024-02-29", "us")])
def test_a_moment_of_numpy_is_a_moment(value: Any) -> None:
    assert travel(value) == travel(np.array([value]))[0] == datetime(2024, 2, 29)  # noqa: DTZ001 - it has none


def test_no_value_of_pandas_is_none() -> None:
    assert [travel(value) for value in (pd.NaT, pd.NA, np.datetime64("NaT"))] == [None] * 3


@pytest.mark.parametrize(
    "value",
    [10**5000, range(10**9), np.longdouble(1.5) * 1j, "a" * 10_000_001, [0] * 1_000_001],
    ids=lambda value: type(value).__name__,
)
def test_what_would_stop_the_kernel_is_another_value(value: Any) -> None:
    assert isinstance(travel(value), Other)


class Unreadable:
    def __repr__(self) -> str:
        raise ValueError


def test_a_value_that_cannot_be_read_does_not_end_the_check() -> None:
    assert isinstance(travel({Unreadable(), Unreadable()}), Other)


def test_a_function_that_remembers_is_a_function() -> None:
    assert isinstance(travel(cache(lambda workload: workload)), Function)
