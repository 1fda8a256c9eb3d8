from __future__ import annotations

import pytest

from labkit.cloud.crawler.globs import glob_to_regex, is_excluded


@pytest.mark.parametrize(
    ("pattern", "path", "excluded"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "x/a.csv", False),
        ("**.csv", "x/a.csv", True),
        ("*/*.csv", "x/a.csv", True),
        ("x/**", "x/y/z.json", True),
        ("x/**", "xy/z.json", False),
        ("**/mes=1/**", "año=2024/mes=1/a", True),
        ("?.csv", "a.csv", True),
        ("?.csv", "/.csv", False),
        ("*.{csv,json}", "a.json", True),
        ("*.{csv,json}", "a.parquet", False),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("a.c", "abc", False),
        ("a,b", "a,b", True),
    ],
)
def test_globs(pattern: str, path: str, *, excluded: bool) -> None:
    assert is_excluded(path, (pattern,)) is excluded


@pytest.mark.parametrize("pattern", ["[abc", "{a,b"])
def test_an_unclosed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="does not close"):
        glob_to_regex(pattern)
