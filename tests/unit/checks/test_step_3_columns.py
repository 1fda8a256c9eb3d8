from __future__ import annotations

import pytest

from labkit.checks.step_3.columns import MIXED, NO_TYPE, NUMBER, TEXT, find_reason, is_number


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["1", "2", "-3", ""], NUMBER),
        (["1.5", " 2 ", "1e3"], NUMBER),
        (["1", "2", "dos"], MIXED),
        (["10.00", "4.20", "12,95"], MIXED),
        (["2024-01-15", "2024-02-01T10:22:00", "28/03/2024"], NO_TYPE),
        (["2024-01-15"] * 3, NO_TYPE),
        (["T01", "T02"], TEXT),
        (["tienda", "web", "3"], TEXT),
        (["", " "], TEXT),
        ([], TEXT),
    ],
)
def test_the_reason_of_a_type_is_found_in_the_values(values: list[str], reason: str) -> None:
    assert find_reason(values) == reason


@pytest.mark.parametrize("value", ["0", "-2", "+4", "1.", ".5", "2e-3", " 7 "])
def test_numbers_of_a_crawler(value: str) -> None:
    assert is_number(value)


@pytest.mark.parametrize("value", ["", "12,95", '"12', "3 uds", "NaN", "1_000", "١٢"])
def test_what_a_crawler_takes_for_text(value: str) -> None:
    assert is_number(value) is False
