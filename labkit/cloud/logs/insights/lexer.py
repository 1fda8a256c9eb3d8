"""The words of a Logs Insights query."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labkit.cloud.call import AwsError

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<regex>/(?:[^/\\\n]|\\.)+/[i]?)
    |(?P<duration>\d+(?:ms|mo|[smhdwqy])\b)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<quoted>`[^`]*`)
    |(?P<name>@?[A-Za-z_\u00c0-\uffff][\w\u00c0-\uffff]*(?:[.][\w@\u00c0-\uffff]+|\[\d+\])*)
    |(?P<operator>=~|!=|<=|>=|[-+*/%^=<>(),|\[\]])""",
    re.VERBOSE,
)
# A slash after these divides; anywhere else it opens a regular expression.
_VALUES = ("number", "name", "quoted", "string", "duration")


@dataclass(frozen=True)
class Token:
    """A word: its kind, its text, where it begins and ends in the query."""

    kind: str
    text: str
    start: int
    end: int


def malformed(message: str, start: int, end: int) -> AwsError:
    """MalformedQueryException, with the place of what is wrong."""
    place = {"startCharOffset": start, "endCharOffset": end}
    return AwsError(
        "MalformedQueryException", message, fields={"queryCompileError": {"location": place, "message": message}}
    )


def read_tokens(query: str) -> list[Token]:
    """The words without spaces and comments; AwsError MalformedQueryException."""
    found: list[Token] = []
    at = 0
    while at < len(query):
        match = _match(query, at, found)
        if match is None:
            raise malformed(f"unexpected symbol found {query[at]} at line 1 and position {at + 1}", at, at + 1)
        at = match.end()
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match[0], match.start(), at))
    return found


def _match(query: str, at: int, before: list[Token]) -> re.Match[str] | None:
    match = _TOKEN.match(query, at)
    divides = bool(before) and (
        (before[-1].kind in _VALUES and before[-1].text.lower() not in ("like", "parse", "in"))
        or before[-1].text == ")"
    )
    if match is not None and match.lastgroup == "regex" and divides and not _after_field_of_parse(before):
        return re.compile(r"(?P<operator>/)").match(query, at)
    return match


def _after_field_of_parse(before: list[Token]) -> bool:
    """`parse @message /…/`"""
    return len(before) > 1 and before[-2].text.lower() == "parse"
