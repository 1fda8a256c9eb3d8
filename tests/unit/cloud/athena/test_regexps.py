"""Two engines for regular expressions must agree, and none may run for ever."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions import java_regex, regexps
from labkit.cloud.athena.functions.hash_rounds import murmur3, spooky, xxhash64

PIECES = (
    "a", "b", "é", "1", ".", r"\d", r"\s", r"\S", r"\D", "[ab]", "[^a]", "[a-c1]", r"[\d.]", "(a|b)", "(ab)", "(?:a|1)", r"\.",
    "^", "$", "|", "-", " ", r"[a\-z]", r"[^\s]", "_", "[_-]", "#", "&", "'", r"\Qa.b\E", "\n", r"\t", r"\x41", "😀", "[é😀]",
)  # fmt: skip
REPEATS = ("", "", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??")
TEXTS = [
    "", "a", "ab", "abab", "a1b2", "é", "aé1", "\n", "a\n", "ab\n\n", "x y", "a.b", "  ", "-", "_", "aaa", "A", "\t", "😀a", "aab\nba",
]  # fmt: skip


@pytest.fixture(scope="module")
def duck() -> Iterator[Any]:
    import duckdb

    made = duckdb.connect()
    yield made
    made.close()


def patterns() -> list[str]:
    chance = random.Random(7)
    made = {
        "".join(chance.choice(PIECES) + chance.choice(REPEATS) for _ in range(chance.randint(1, 4))) for _ in range(300)
    }
    return sorted(made)


def test_where_re2_is_used_it_answers_as_the_other_engine(duck: Any) -> None:
    used = 0
    for pattern in patterns():
        try:
            re2 = java_regex.compiled(pattern)[1].re2
        except QueryFailure:
            continue
        if re2 is None:
            continue
        used += 1
        rows = duck.execute("SELECT t, regexp_matches(t, $1) FROM unnest($2) u(t)", [re2, TEXTS]).fetchall()
        assert [(text, regexps._like(text, pattern)) for text in TEXTS] == rows, pattern
    assert used > 150


def test_a_pattern_that_backtracks_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_regex, "SECONDS_A_VALUE", 0.05)
    with pytest.raises(QueryFailure, match="Regexp matching interrupted"):
        java_regex.search(r"(?=(a+))(a|aa)+\1b", "a" * 60)


def test_hashes_of_long_values() -> None:
    data = bytes(range(256)) * 3
    assert f"{xxhash64(data):016x}" == "8e03c838c596036f"
    assert murmur3(data).hex() == "b626b903306c92cf3846f3e2e5d953fa"
    assert f"{spooky(data):016x}" == "879a51343301cfc4"
    assert f"{spooky(data[:100]):016x}" == "227a73410f9a8c4c"
