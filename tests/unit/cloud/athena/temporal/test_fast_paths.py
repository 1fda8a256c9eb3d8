"""DuckDB's own way and Python's way give the same answer for every text and moment."""

from __future__ import annotations

import functools
import random
from typing import Any

import pytest

from labkit.cloud.athena.functions import date_formats
from labkit.cloud.athena.session import open_session
from labkit.cloud.athena.temporal import patterns, texts

_RANDOM = random.Random(7)
MOMENTS = [
    _RANDOM.randrange(-62_135_596_800, 253_402_300_799) * 10**6 + _RANDOM.randrange(1000) * 1000 for _ in range(200)
]


@functools.lru_cache(maxsize=1)
def session() -> Any:
    made = open_session()
    made.execute("CREATE TABLE moments (u BIGINT)")
    made.executemany("INSERT INTO moments VALUES (?)", [(one,) for one in MOMENTS])
    return made


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%i:%s.%f", "%a %b %c %e %j %k %l %M %p %r %T %W %y", "%h:%I %S %% ñ"])
def test_date_format(pattern: str) -> None:
    fast = date_formats._fast_mysql(pattern)
    rows = session().execute("SELECT u, mysql_text(make_timestamp(u), ?, ?) FROM moments", [fast, pattern]).fetchall()
    assert all(text == patterns.show(patterns.mysql(pattern), moment) for moment, text in rows)


@pytest.mark.parametrize("pattern", ["yyyy-MM-dd'T'HH:mm:ss.SSS", "EEEE, d MMMM yyyy hh:mm a", "EEE MMM M H dd 100%"])
def test_format_datetime(pattern: str) -> None:
    fast = date_formats._fast_joda(pattern)
    rows = session().execute("SELECT u, joda_text(make_timestamp(u), ?, ?) FROM moments", [fast, pattern]).fetchall()
    assert all(text == patterns.show(patterns.joda(pattern), moment) for moment, text in rows)


def test_date_parse_and_casts_read_what_they_wrote() -> None:
    fast = date_formats._fast_read("%Y-%m-%d %H:%i:%s")
    assert fast is not None
    shown = {texts.show_moment(moment * 10**6, 0): moment // 10**6 * 10**6 for moment in MOMENTS}
    sql = "SELECT epoch_us(mysql_moment(?, ?, ?, '%Y-%m-%d %H:%i:%s')), CAST(text_date(left(?, 10)) AS VARCHAR)"
    for text, expected in list(shown.items())[:40]:
        assert session().execute(sql, [text, *fast, text]).fetchone() == (expected, text[:10])


@pytest.mark.parametrize("code", [0, 961, 2100])
def test_zones_in_duckdb_arithmetic(code: int) -> None:
    moved = f"zoned_instant(zoned_moved_to(zoned_at(u, 2050), {code})) <> u"
    sql = f"SELECT count(*) FROM moments WHERE {moved} OR zoned_at(u, {code}) <> zoned_at(u, 5)"
    assert session().execute(sql).fetchone() == (0,)
