"""AWS's cron: monitor-data-warehouse-schedule.html."""

from __future__ import annotations

from datetime import datetime

import pytest

from labkit.cloud.crawler.cron import parse_cron


@pytest.mark.parametrize(
    ("expression", "days", "others"),
    [
        ("cron(0 10 * * ? *)", ["2026-01-01", "2026-12-31"], []),
        ("cron(0 10 ? * MON-FRI *)", ["2026-01-02", "2026-01-05"], ["2026-01-03", "2026-01-04"]),
        ("cron(0 10 ? * 2-6 *)", ["2026-01-02"], ["2026-01-03"]),
        ("cron(0 10 ? * SUN *)", ["2026-01-04"], ["2026-01-05"]),
        ("cron(0 10 1 * ? *)", ["2026-01-01", "2026-02-01"], ["2026-01-02"]),
        ("cron(0 10 L * ? *)", ["2026-01-31", "2026-02-28"], ["2026-01-30"]),
        ("cron(0 10 3W * ? *)", ["2026-01-02", "2026-02-03"], ["2026-01-03", "2026-01-05"]),
        ("cron(0 10 1W * ? *)", ["2026-08-03", "2026-01-01"], ["2026-08-01"]),
        ("cron(0 10 LW * ? *)", ["2026-01-30"], ["2026-01-31"]),
        ("cron(0 10 ? * 6L *)", ["2026-01-30"], ["2026-01-23"]),
        ("cron(0 10 ? * L *)", ["2026-01-31"], ["2026-01-30"]),
        ("cron(0 10 ? * 2#1 *)", ["2026-01-05"], ["2026-01-12"]),
        ("cron(0 10 ? JAN,MAR * *)", ["2026-01-07", "2026-03-07"], ["2026-02-07"]),
        ("cron(0 10 1/15 * ? *)", ["2026-01-01", "2026-01-16", "2026-01-31"], ["2026-01-15"]),
        ("cron(0 10 * * ? 2026-2027)", ["2026-01-01"], ["2028-01-01"]),
    ],
)
def test_days(expression: str, days: list[str], others: list[str]) -> None:
    cron = parse_cron(expression)
    assert [day for day in days + others if cron.matches(datetime.fromisoformat(f"{day}T10:00"))] == days
    assert not cron.matches(datetime.fromisoformat(f"{days[0]}T10:01"))


@pytest.mark.parametrize(
    ("fields", "times"),
    [("15 12", ["12:15"]), ("0/15 9", ["09:00", "09:15", "09:30", "09:45"]), ("1/20 0", ["00:01", "00:21", "00:41"])],
)
def test_times(fields: str, times: list[str]) -> None:
    cron = parse_cron(f"cron({fields} * * ? *)")
    day = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
    assert [time for time in day if cron.matches(datetime.fromisoformat(f"2026-01-01T{time}"))] == times


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "six fields"),
        ("rate(5 minutes)", "six fields"),
        ("0 0 * * ? *", "six fields"),
        ("cron(0 0 * * ?)", "six fields"),
        ("cron(0 0 * * * *)", "one and only one must be"),
        ("cron(0 0 ? * ? *)", "one and only one must be"),
        ("cron(60 0 * * ? *)", "Minutes"),
        ("cron(0 24 * * ? *)", "Hours"),
        ("cron(0 0 32 * ? *)", "Day-of-month"),
        ("cron(0 0 * 13 ? *)", "Month"),
        ("cron(0 0 ? * 8 *)", "Day-of-week"),
        ("cron(0 0 ? * JAN *)", "Day-of-week"),
        ("cron(0 0 * MON ? *)", "Month"),
        ("cron(0 0 * * ? 1969)", "Year"),
        ("cron(5-1 0 * * ? *)", "Minutes"),
        ("cron(0/0 0 * * ? *)", "Minutes"),
        ("cron(a 0 * * ? *)", "Minutes"),
        ("cron(* * * * ? *)", "more often than every 5 minutes"),
        ("cron(0/4 * * * ? *)", "more often than every 5 minutes"),
        ("cron(0,3 * * * ? *)", "more often than every 5 minutes"),
    ],
)
def test_what_is_wrong_is_refused(expression: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_cron(expression)


def test_every_five_minutes_is_allowed() -> None:
    assert len(parse_cron("cron(0/5 * * * ? *)").minutes) == 12
