"""Partition projection: partitions from the table's properties."""

from __future__ import annotations

from datetime import datetime

import pytest

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.projection.columns import values
from labkit.cloud.athena.types import parse_type
from tests.unit.cloud.athena.cases_of_tables import table_cases
from tests.unit.cloud.athena.fakes import Athena

NOW = datetime(2024, 2, 29, 13, 45, 10)  # noqa: DTZ001

# Key's type, properties, the values that come out. athena:partition-projection-supported-types.html
VALUES = table_cases("projection_values")


@pytest.mark.parametrize(("kind", "properties", "expected"), VALUES)
def test_values_of_a_column(kind: str, properties: dict[str, str], expected: list[str]) -> None:
    assert [value for value, _ in values("c", parse_type(kind), properties, NOW)] == expected


WRONG = table_cases("projection_wrong")


@pytest.mark.parametrize(("kind", "properties", "reason"), WRONG)
def test_a_projection_that_cannot_be_read_says_why(kind: str, properties: dict[str, str], reason: str) -> None:
    with pytest.raises(
        QueryFailure, match="INVALID_TABLE_PROPERTY: Column projection for column 'c' failed"
    ) as failure:
        values("c", parse_type(kind), properties, NOW)
    assert reason in failure.value.text


def create(lake: Athena, keys: str, properties: dict[str, str], name: str = "t") -> None:
    given = ", ".join(f"'{key}'='{value}'" for key, value in {"projection.enabled": "true", **properties}.items())
    lake.ok(
        f"CREATE EXTERNAL TABLE {name} (n int) PARTITIONED BY ({keys}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://data/t/' TBLPROPERTIES ({given})"
    )


DAYS = {"projection.d.type": "date", "projection.d.range": "2024-01-01,2024-12-31", "projection.d.format": "yyyy-MM-dd"}


@pytest.fixture
def days(lake: Athena) -> Athena:
    for day in ("2024-01-05", "2024-02-06", "2025-01-01"):
        lake.put(f"t/d={day}/f", f"{int(day[5:7])}\n")
    create(lake, "d string", DAYS)
    return lake


def test_projected_partitions_need_no_registration(days: Athena) -> None:
    assert days.ok("SELECT n, d FROM t ORDER BY n") == [["1", "2024-01-05"], ["2", "2024-02-06"]]
    assert days.ok("SELECT n FROM t WHERE d = '2024-02-06'") == [["2"]]
    assert days.run("SELECT n FROM t WHERE d > '2024-02'").scanned_bytes == 2
    assert days.ok("SELECT n FROM t WHERE d BETWEEN '2024-01-01' AND '2024-01-31' OR d LIKE '%-02-06'") == [
        ["1"],
        ["2"],
    ]
    # Outside the range there is nothing, though the folder is there.
    assert days.ok("SELECT n FROM t WHERE d = '2025-01-01'") == []
    assert days.ok("SHOW PARTITIONS t") == []


def test_projection_overrides_the_catalog(days: Athena) -> None:
    days.ok("ALTER TABLE t ADD PARTITION (d = '2025-01-01')")
    assert days.ok("SELECT count(*) FROM t") == [["2"]]
    days.ok("ALTER TABLE t SET TBLPROPERTIES ('projection.enabled'='false')")
    assert days.ok("SELECT d FROM t") == [["2025-01-01"]]


def test_a_location_template(lake: Athena) -> None:
    lake.put("logs/2024/01/05/eu/f", "1\n")
    lake.put("logs/2024/01/06/us/f", "2\n")
    create(
        lake, "day string, region string",
        {
            "projection.day.type": "date", "projection.day.range": "2024/01/01,2024/01/31", "projection.day.format": "yyyy/MM/dd",
            "projection.region.type": "enum", "projection.region.values": "eu,us",
            "storage.location.template": "s3://data/logs/${day}/${region}",
        },
    )  # fmt: skip
    assert lake.ok("SELECT n, day, region FROM t ORDER BY n") == [["1", "2024/01/05", "eu"], ["2", "2024/01/06", "us"]]
    assert lake.ok("SELECT n FROM t WHERE region = 'us' AND day < '2024/01/10'") == [["2"]]


def test_a_template_is_filled_as_it_stands_and_hives_own_layout_is_escaped(lake: Athena) -> None:
    lake.put("logs/dt=2024/01/05/f", "1\n")
    lake.put("t/day=2024%2F01%2F06/f", "2\n")
    days = {
        "projection.day.type": "date",
        "projection.day.range": "2024/01/01,2024/01/31",
        "projection.day.format": "yyyy/MM/dd",
    }
    create(lake, "day string", {**days, "storage.location.template": "s3://data/logs/dt=${day}/"})
    create(lake, "day string", days, "u")
    assert lake.ok("SELECT n, day FROM t") == [["1", "2024/01/05"]]
    assert lake.ok("SELECT n, day FROM u") == [["2", "2024/01/06"]]


def test_a_date_key_with_a_template_in_another_format(lake: Athena) -> None:
    lake.put("logs/2024/01/05/f", "1\n")
    create(
        lake, "day date",
        {
            "projection.day.type": "date", "projection.day.range": "2024/01/01,NOW", "projection.day.format": "yyyy/MM/dd",
            "storage.location.template": "s3://data/logs/${day}/",
        },
    )  # fmt: skip
    assert lake.ok("SELECT n, day FROM t WHERE day = DATE '2024-01-05'") == [["1", "2024-01-05"]]
    assert lake.ok("SELECT n FROM t WHERE day > DATE '2024-01-05'") == []


def test_integers_with_digits_are_folders_with_digits(lake: Athena) -> None:
    lake.put("t/y=2024/m=01/f", "1\n")
    lake.put("t/y=2024/m=1/f", "9\n")
    keys = {
        "projection.y.type": "integer",
        "projection.y.range": "2020,2030",
        "projection.m.type": "integer",
        "projection.m.range": "1,12",
    }
    create(lake, "y int, m string", {**keys, "projection.m.digits": "2"})
    assert lake.ok("SELECT n, y + 1, m FROM t") == [["1", "2025", "01"]]


def test_injected_values_come_from_the_query(lake: Athena) -> None:
    lake.put("t/id=a b/f", "1\n")
    lake.put("t/id=c/f", "2\n")
    create(lake, "id string", {"projection.id.type": "injected"})
    assert lake.ok("SELECT n, id FROM t WHERE id = 'a b'") == [["1", "a b"]]
    assert lake.ok("SELECT n FROM t WHERE id IN ('a b', 'c', 'zz') ORDER BY n") == [["1"], ["2"]]
    for sql in (
        "SELECT n FROM t",
        "SELECT n FROM t WHERE id > 'a'",
        "SELECT n FROM t WHERE id LIKE 'a%'",
        "SELECT n FROM t WHERE id <> 'c'",
        "SELECT n FROM t WHERE n = 1",
    ):
        assert (
            "CONSTRAINT_VIOLATION: For the injected projected partition column id, the WHERE clause must contain only"
            in lake.fails(sql)
        )


def test_missing_configuration_is_named(lake: Athena) -> None:
    create(lake, "d string, e string", DAYS)
    assert (
        "INVALID_TABLE_PROPERTY: Table db.t is configured for partition projection, but the following partition columns "
        "are missing projection configuration: [e]" in lake.fails("SELECT n FROM t")
    )


def test_a_template_must_name_every_key(lake: Athena) -> None:
    create(lake, "d string", {**DAYS, "storage.location.template": "s3://data/t/fixed/"})
    assert "is missing partition column: 'd' placeholder" in lake.fails("SELECT n FROM t")


def test_one_of_many_projected_partitions_is_read(lake: Athena) -> None:
    lake.put("t/d=2024-02-03-04/f", "1\n")
    hours = {
        "projection.d.type": "date",
        "projection.d.range": "2023-01-01-00,2025-01-01-00",
        "projection.d.format": "yyyy-MM-dd-HH",
    }
    create(lake, "d string", {**hours, "projection.d.interval": "1", "projection.d.interval.unit": "HOURS"})
    assert lake.ok("SELECT count(*) FROM t WHERE d >= '2023-06'") == [["1"]]
