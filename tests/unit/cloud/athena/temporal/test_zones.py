"""Names, offsets, gaps and overlaps of time zones."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from labkit.cloud.athena.temporal.zones import Zone, find_zone, instant_of, instants_of, java_zone, wall_of


def micros(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=timezone.utc).timestamp()) * 10**6  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("america/bogota", "America/Bogota"), ("UTC", "UTC"), ("z", "UTC"), ("Etc/UTC", "UTC"), ("GMT0", "UTC"), ("+05:30", "+05:30"),
     ("-3", "-03:00"), ("UTC+2", "+02:00"), ("Etc/GMT+5", "-05:00"), ("+00:00", "UTC")],
)  # fmt: skip
def test_a_zone_is_found_by_any_of_its_names(name: str, expected: str) -> None:
    found = find_zone(name)
    assert found is not None
    assert found.id == expected


@pytest.mark.parametrize("name", ["", "Mars/Phobos", "+15:00", "PT", "+2:3", "EST"])
def test_what_is_no_zone_is_not_found(name: str) -> None:
    assert find_zone(name) is None


def test_a_literal_takes_javas_forms_of_offsets_and_exact_names() -> None:
    assert [zone.id for zone in map(java_zone, ("+0530", "Z", "GMT+5", "+5")) if zone] == [
        "+05:30",
        "UTC",
        "+05:00",
        "+05:00",
    ]
    assert java_zone("america/bogota") is None


def new_york() -> Zone:
    found = find_zone("America/New_York")
    assert found is not None
    return found


def test_a_wall_time_in_a_gap_moves_forward() -> None:
    gap = micros(2024, 3, 10, 2, 30)
    assert instants_of(new_york(), gap) == []
    assert wall_of(new_york(), instant_of(new_york(), gap)) == micros(2024, 3, 10, 3, 30)


def test_a_wall_time_in_an_overlap_is_the_earlier_one_unless_a_hint_says_otherwise() -> None:
    twice = micros(2024, 11, 3, 1, 30)
    assert instant_of(new_york(), twice) == micros(2024, 11, 3, 5, 30)
    assert instant_of(new_york(), twice, micros(2024, 12, 1)) == micros(2024, 11, 3, 6, 30)


def test_offsets_exist_for_years_that_python_has_no_dates_for() -> None:
    assert wall_of(new_york(), 10**18) - 10**18 in (-4 * 3600 * 10**6, -5 * 3600 * 10**6)
