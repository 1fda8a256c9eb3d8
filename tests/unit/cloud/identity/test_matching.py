from __future__ import annotations

import fnmatch
import random
import re

import pytest

from labkit.cloud.identity.matching import is_like, quote, resource_like, segmented, unquote


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("**", "", True),
        ("?", "", False),
        ("?", "é", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*a*", "bab", True),
        ("ab*ba", "aba", False),
        ("*?", "", False),
        ("?*", "x", True),
        ("a?c*", "abcd", True),
        ("*.csv", "x.csv.gz", False),
        ("a\nb", "a\nb", True),
        ("a?b", "a\nb", True),
        ("[a]", "a", False),
        ("\\d", "1", False),
        ("a.c", "abc", False),
    ],
)
def test_stars_and_question_marks(pattern: str, value: str, expected: bool) -> None:
    assert is_like(value, pattern) is expected


def test_patterns_agree_with_regular_expressions() -> None:
    dice = random.Random(5)
    for _ in range(4_000):
        pattern = "".join(dice.choice("ab*?") for _ in range(dice.randint(0, 7)))
        value = "".join(dice.choice("ab") for _ in range(dice.randint(0, 8)))
        assert is_like(value, pattern) is (re.match(fnmatch.translate(pattern), value) is not None), (pattern, value)


def test_a_quoted_text_matches_itself_only() -> None:
    assert is_like("a*b?", quote("a*b?"))
    assert not is_like("axbx", quote("a*b?"))
    assert unquote(quote("a*b?")) == "a*b?"


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("arn:aws:s3:::*", "arn:aws:s3:::lab/a:b", True),
        ("arn:aws:glue:us-*-1:1:table/*", "arn:aws:glue:us-east-1:1:table/d/t", True),
        ("arn:aws:glue:us-*-1:1:table/*", "arn:aws:glue:us-east:x-1:1:table/d", False),
        ("arn:aws:glue:u?-east-1:1:table/*", "arn:aws:glue:us-east-1:1:table/d", True),
        ("arn:aws:glue:*", "arn:aws:glue:us-east-1:1:table/d", True),
        ("arn:aws:glue", "arn:aws:glue:us-east-1:1:table/d", False),
        ("arn:aws:s3:::lab", "*", False),
    ],
)
def test_resources(pattern: str, value: str, expected: bool) -> None:
    assert resource_like(pattern)(value) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("*", "arn:aws:s3:::lab", True),
        ("arn:aws:s3:*", "arn:aws:s3:::lab", False),
        ("arn:*:s3:*:*:lab", "arn:aws:s3:::lab", True),
        ("arn:aws:sns:*:1:*", "arn:aws:sns:us-east-1:1:t:sub", True),
        ("arn:aws:s3:::lab", "lab", False),
    ],
)
def test_arns_part_by_part(pattern: str, value: str, expected: bool) -> None:
    assert segmented(pattern)(value) is expected
