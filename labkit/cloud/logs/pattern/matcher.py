"""What a parsed filter pattern can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from labkit.cloud.logs.checks import invalid

# docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html: no groups, few symbols, nothing but ASCII.
_REGEX = re.compile(r"(?:[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+. ])*")
Values = Callable[[str], dict[str, str]]


def _no_values(_message: str) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Matcher:
    """`matches` tells whether a message fits; `values` are what it names of a message (`$.code`, `$bytes`), for metrics."""

    matches: Callable[[str], bool]
    values: Values = _no_values

    @cached_property
    def is_all(self) -> bool:
        """Whether nothing is asked."""
        return self.matches is match_all


def match_all(_message: str) -> bool:
    """Every message."""
    return True


def bad_pattern(reason: str = "") -> Exception:
    """The refusal of a pattern."""
    return invalid(reason or "Invalid filter pattern")


def compile_regex(text: str) -> re.Pattern[str]:
    """The expression between two `%`."""
    if not _REGEX.fullmatch(text):
        raise bad_pattern(f"Invalid regular expression in filter pattern: %{text}%")
    try:
        return re.compile(text)
    except re.error as error:
        raise bad_pattern(f"Invalid regular expression in filter pattern: %{text}% ({error})") from None
