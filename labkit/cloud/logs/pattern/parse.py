"""From the text of a filter pattern to what it matches."""

from __future__ import annotations

from functools import lru_cache

from labkit.cloud.logs.pattern.columns import parse_columns
from labkit.cloud.logs.pattern.json_pattern import parse_json_pattern
from labkit.cloud.logs.pattern.matcher import Matcher, match_all
from labkit.cloud.logs.pattern.terms import parse_terms


@lru_cache(maxsize=256)
def parse_pattern(text: str) -> Matcher:
    """The matcher of a pattern; AwsError InvalidParameterException for one that is none."""
    pattern = text.strip()
    if not pattern:
        return Matcher(match_all)
    if pattern.startswith("{"):
        return parse_json_pattern(pattern)
    if pattern.startswith("["):
        return parse_columns(pattern)
    return parse_terms(pattern)
