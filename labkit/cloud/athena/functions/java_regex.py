"""Regular expressions as Trino reads them (Joni with Java's syntax), rewritten for Python's ``regex`` and, where safe, for RE2."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.java_classes import read_class
from labkit.cloud.athena.functions.java_escapes import PROPERTY, escaped_letter, literal
from labkit.cloud.athena.functions.texts import invalid

_INTERVAL = re.compile(r"\{(\d+)(,(\d*))?\}")
_FLAGS = re.compile(r"\(\?([A-Za-z]*)(?:-([A-Za-z]*))?([:)])")
_NAMED = re.compile(r"\(\?<([A-Za-z_]\w*)>")
_OPENERS = ("(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!")
_SPACE = r"\t-\r \x{85}\p{Z}"
_RE2_CLASSES = {"d": r"[\p{Nd}]", "D": r"[^\p{Nd}]", "s": f"[{_SPACE}]", "S": f"[^{_SPACE}]"}
_PLAIN = re.compile(r"\\?[!-~]|\\x[0-7][0-9a-f]")
_MOST_REPEATS = 20  # RE2 unrolls counted repeats


@dataclass
class Translation:
    """One pattern: its text for ``regex``, its number of groups, and its text for RE2 when both surely agree."""

    text: str = ""
    groups: int = 0
    re2: str | None = ""
    ends: bool = False  # RE2's text swallows a last newline: good for a yes or no only
    steady: bool = True  # every group takes part in every match
    risky: bool = False  # may backtrack for long
    depth: int = 0
    multiline: bool = False

    def add(self, text: str, safe: str | None = None) -> None:
        """Append to both texts; without a ``safe`` one the pattern is not RE2's any more."""
        self.text += text
        self.re2 = None if self.re2 is None or safe is None else self.re2 + safe


def translate(pattern: str) -> Translation:
    """The whole pattern; INVALID_FUNCTION_ARGUMENT in Joni's words when it is none."""
    made = Translation(multiline=re.search(r"\(\?[a-z]*m", pattern) is not None)
    place = 0
    while place < len(pattern):
        place = _step(made, pattern, place)
    if made.depth:
        raise invalid("end pattern with unmatched parenthesis")
    if len(pattern) > 200:
        made.re2 = None
    return made


def _step(made: Translation, pattern: str, place: int) -> int:
    letter = pattern[place]
    if letter == "\\":
        return _escape(made, pattern, place + 1)
    if letter == "[":
        return _class(made, pattern, place)
    if letter == "(":
        return _open(made, pattern, place)
    if letter in "*+?{":
        return _repeat(made, pattern, place)
    if letter == ")":
        if not made.depth:
            raise invalid("unmatched close parenthesis")
        made.depth -= 1
        made.add(")", ")")
    elif letter == "^":
        made.add(r"(?:^(?!(?<=\n)\Z))" if made.multiline else "^", None if made.multiline else "^")
    elif letter == "$":
        made.ends = place + 1 == len(pattern) and not made.depth and not made.multiline
        made.add("$", r"(?:\n?\z)" if made.ends else None)
    elif letter in ".|":
        made.steady = made.steady and letter != "|"
        made.add(letter, letter)
    elif letter in "}]":
        made.add("\\" + letter, "\\" + letter)
    else:
        made.add(letter, re.escape(letter) if letter.isascii() else letter)
    return place + 1


def _open(made: Translation, pattern: str, place: int) -> int:
    made.depth += 1
    if pattern[place + 1 : place + 2] == "*":
        raise invalid("target of repeat operator is not specified")
    if pattern[place + 1 : place + 2] != "?":
        made.groups += 1
        made.add("(", "(")
        return place + 1
    opener = next((one for one in _OPENERS if pattern.startswith(one, place)), None)
    if opener:
        made.add(opener, opener if opener == "(?:" else None)
        made.risky = made.risky or opener not in ("(?:", "(?>")
        return place + len(opener)
    named = _NAMED.match(pattern, place)
    if named:
        made.groups += 1
        made.add(named[0])
        return named.end()
    if pattern.startswith("(?#", place):
        made.depth -= 1
        return pattern.find(")", place) % len(pattern) + 1
    flags = _FLAGS.match(pattern, place)
    if flags is None or set(flags[1] + (flags[2] or "")) - set("imsx"):
        raise invalid("undefined group option")
    made.depth -= flags[3] == ")"
    made.add(flags[0])
    return flags.end()


def _repeat(made: Translation, pattern: str, place: int) -> int:
    found = _INTERVAL.match(pattern, place) if pattern[place] == "{" else None
    if pattern[place] == "{" and found is None:
        made.add(r"\{", r"\{")
        return place + 1
    text = found[0] if found else pattern[place]
    if place == 0 or (pattern[place - 1] in "(|" and not _is_escaped(pattern, place - 1)):
        raise invalid("target of repeat operator is not specified")
    few = not found or max(int(found[1]), int(found[3] or 0)) <= _MOST_REPEATS
    end = place + len(text)
    suffix = pattern[end : end + 1] if pattern[end : end + 1] in ("?", "+") else ""
    if pattern[place - 1] == ")" and not _is_escaped(pattern, place - 1):
        made.risky, made.steady = True, False
    made.risky = made.risky or made.text.count("*") + made.text.count("+") > 1
    made.add(text + suffix, text + suffix if few and suffix != "+" and pattern[place - 1] not in "^$" else None)
    return end + len(suffix)


def _is_escaped(pattern: str, place: int) -> bool:
    slashes = len(pattern[:place]) - len(pattern[:place].rstrip("\\"))
    return slashes % 2 == 1


def _escape(made: Translation, pattern: str, place: int) -> int:
    if place >= len(pattern):
        raise invalid("end pattern at escape")
    letter = pattern[place]
    if letter in "dDsS":
        made.add("\\" + letter, _RE2_CLASSES[letter])
    elif letter in "wWbBAG":
        made.add("\\" + letter)
    elif letter in "zZ":
        made.add(r"\Z" if letter == "z" else r"(?=\n?\Z)")
    elif letter == "Q":
        end = pattern.find(r"\E", place)
        quoted = pattern[place + 1 :] if end < 0 else pattern[place + 1 : end]
        made.add("".join(map(literal, quoted)), "".join(map(re.escape, quoted)))
        return len(pattern) if end < 0 else end + 2
    elif letter == "k" and pattern[place + 1 : place + 2] == "<":
        end = pattern.find(">", place)
        made.risky = True
        made.add(r"\g<" + pattern[place + 2 : end] + ">")
        return end + 1
    elif letter in "123456789":
        return _reference(made, pattern, place)
    else:
        text, end = escaped_letter(pattern, place)
        made.add(text, text if _PLAIN.fullmatch(text) else None)
        return end
    return place + 1


def _reference(made: Translation, pattern: str, place: int) -> int:
    digits = re.compile(r"\d+").match(pattern, place)
    number = digits[0] if digits else pattern[place]
    if len(number) > 1 and int(number) > made.groups:
        text, end = escaped_letter(pattern, place)
        made.add(text)
        return end
    made.risky = True
    made.add(rf"\g<{number}>")
    return place + len(number)


def _class(made: Translation, pattern: str, place: int) -> int:
    text, safe, end = read_class(pattern, place)
    made.add(text, safe)
    return end


@functools.lru_cache(maxsize=512)
def compiled(pattern: str) -> tuple[Any, Translation]:
    """The pattern ready to search with."""
    import regex

    made = translate(pattern)
    try:
        return regex.compile(made.text, regex.VERSION1), made
    except regex.error as failure:
        raise invalid(_complaint(str(failure.msg), pattern)) from None


def _complaint(text: str, pattern: str) -> str:
    """Joni's words for what ``regex`` complains of."""
    if "unknown property" in text:
        found = PROPERTY.search(pattern)
        return f"invalid character property name {{{found[3] if found else pattern}}}"
    known = {
        "unknown group": "invalid backref number/name",
        "invalid group reference": "invalid backref number/name",
        "nothing to repeat": "target of repeat operator is not specified",
        "multiple repeat": "target of repeat operator is invalid",
        "bad character range": "empty range in char class",
        "missing )": "end pattern with unmatched parenthesis",
        "min repeat greater than max repeat": "upper is smaller than lower in repeat range",
    }
    return next((said for part, said in known.items() if part in text), text)


SECONDS_A_VALUE = 10


def search(pattern: str, text: str, start: int = 0) -> Any:
    """The first match at or after ``start``, or None. A search that backtracks for too long ends in an error."""
    return searcher(pattern)(text, start)


@functools.lru_cache(maxsize=512)
def searcher(pattern: str) -> Any:
    """``search`` of one pattern."""
    found, made = compiled(pattern)
    return functools.partial(_careful, found, pattern) if made.risky else found.search


def _careful(found: Any, pattern: str, text: str, start: int) -> Any:
    try:
        return found.search(text, start, timeout=SECONDS_A_VALUE, concurrent=True)
    except TimeoutError:
        raise QueryFailure(
            "GENERIC_USER_ERROR",
            f"Regexp matching interrupted: the local Athena gives a value {SECONDS_A_VALUE} seconds for the pattern {pattern}",
        ) from None
