"""Values with a zone as DuckDB's intervals: what is kept, and what is equal."""

from __future__ import annotations

import duckdb
import pytest

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.temporal.zoned import Zoned, decode, encode
from labkit.cloud.athena.temporal.zones import UTC, find_zone, fixed

BOGOTA = find_zone("America/Bogota")
INSTANTS = (0, 1, -1, 1_704_067_200_123_456_789, -62_135_596_800 * 10**9, 10**21, -(10**21))


def interval(value: Zoned) -> str:
    return f"CAST('{encode(value)}' AS INTERVAL)"


def one(sql: str) -> object:
    found = duckdb.connect().execute(f"SELECT {sql}").fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize("nanoseconds", INSTANTS)
def test_an_instant_and_its_zone_come_back_from_an_interval(nanoseconds: int) -> None:
    assert BOGOTA is not None
    for zone in (UTC, fixed(-210), fixed(840), BOGOTA):
        value = Zoned(nanoseconds, zone)
        assert decode(str(one(f"CAST({interval(value)} AS VARCHAR)"))) == value


def test_values_of_one_instant_are_equal_and_hash_alike_whatever_their_zones() -> None:
    first, second = interval(Zoned(5, UTC)), interval(Zoned(5, fixed(60)))
    assert one(f"{first} = {second} AND hash({first}) = hash({second})") is True
    assert one(f"count(DISTINCT x) FROM (VALUES ({first}), ({second})) t(x)") == 1
    assert one(f"{first} < {interval(Zoned(6, fixed(-840)))}") is True


def test_an_interval_that_lost_its_zone_is_never_read_as_one() -> None:
    with pytest.raises(ValueError, match="lost its zone"):
        decode("89478485 years 3 months 5 days 00:00:00")


def test_years_that_trino_does_not_keep_are_refused() -> None:
    with pytest.raises(QueryFailure, match="Millis overflow: 2251799813685248"):
        encode(Zoned(2**51 * 10**6, UTC))
