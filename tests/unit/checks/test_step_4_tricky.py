"""The small sales of notebook 04 are a trap for wrong functions and for no right one, whatever the student's seed."""

from __future__ import annotations

from datetime import datetime

import pytest

from labkit.checks.step_4.tricky import Case, build_cases

GOOD_DATES, BAD_DATES = 4, 5


def _reads(text: str | None) -> bool:
    """Whether Python's own reader of ISO dates takes it: two digits for month, day, hour and minute, as Spark's cast is told."""
    try:
        return bool(text) and datetime.fromisoformat(str(text)) is not None
    except ValueError:
        return False


@pytest.mark.parametrize("seed", range(60))
def test_every_seed_gives_the_same_traps(seed: int) -> None:
    cases = build_cases(seed)
    dated = [case for case in cases if case.traps == ("fecha",) and case.row["fecha"]]
    assert [case.reason for case in dated] == [""] * GOOD_DATES + ["fecha_no_valida"] * BAD_DATES
    assert [_reads(case.row["fecha"]) for case in dated] == [not case.reason for case in dated]
    assert [case.reason for case in cases] == [case.reason for case in build_cases(0)]


def test_an_hour_of_one_digit_is_no_time() -> None:
    """A student whose seed gave nine o'clock lost the points of a right answer."""
    row = {**build_cases(0)[0].row, "fecha": "2026-06-27T9:42:00"}
    assert Case(row, ("fecha",)).reason == "fecha_no_valida"
    assert not any("T9:" in str(case.row["fecha"]) for seed in range(300) for case in build_cases(seed))
