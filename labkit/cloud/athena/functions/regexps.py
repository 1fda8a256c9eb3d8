"""regexp_*: RE2 in DuckDB where a literal pattern surely means the same there, otherwise Python's ``regex``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from labkit.cloud.athena.dialect.literals import text as quoted
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.java_regex import Translation, compiled, search, searcher
from labkit.cloud.athena.functions.once import number_of, text_of
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid, length_of, sized
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import VARCHAR, array

_TEXTS = ("VARCHAR", "VARCHAR")


def _matches(text: str, pattern: str) -> Iterator[Any]:
    """Every match; after an empty one the search goes on behind the next character."""
    start, search_at = 0, searcher(pattern)
    while start <= len(text):
        found = search_at(text, start)
        if found is None:
            return
        yield found
        start = found.end() + (found.end() == found.start())


def _checked(pattern: str, group: int) -> int:
    if group < 0:
        raise invalid("Group cannot be negative")
    groups = compiled(pattern)[1].groups
    if group > groups:
        raise invalid(f"Pattern has {groups} groups. Cannot access group {group}")
    return group


def _like(text: str, pattern: str) -> bool:
    return search(pattern, text) is not None


def _extract(text: str, pattern: str, group: int) -> str | None:
    _checked(pattern, group)
    found = search(pattern, text)
    return None if found is None else found[group]


def _extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    _checked(pattern, group)
    return [found[group] for found in _matches(text, pattern)]


def _count(text: str, pattern: str) -> int:
    return sum(1 for _ in _matches(text, pattern))


def _split(text: str, pattern: str) -> list[str]:
    parts, last = [], 0
    for found in _matches(text, pattern):
        parts.append(text[last : found.start()])
        last = found.end()
    return [*parts, text[last:]]


def _position(text: str, pattern: str, start: int, occurrence: int) -> int:
    if start < 1:
        raise invalid("start position cannot be smaller than 1")
    if occurrence < 1:
        raise invalid("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    place = start - 1
    while place <= len(text):
        found = search(pattern, text, place)
        if found is None:
            return -1
        occurrence -= 1
        if occurrence == 0:
            return int(found.start()) + 1
        place = found.end() + (found.end() == found.start())
    return -1


def _replace(text: str, pattern: str, new: str) -> str:
    parts, last = [], 0
    for found in _matches(text, pattern):
        parts += [text[last : found.start()], _expanded(found, new, compiled(pattern)[1].groups)]
        last = found.end()
    return "".join([*parts, text[last:]])


def _expanded(found: Any, new: str, groups: int) -> str:
    r"""``$1``, ``${name}`` and ``\$`` of a replacement; of a number's digits as many count as there are groups for."""
    made, place = [], 0
    while place < len(new):
        letter = new[place]
        place += 1
        if letter not in "$\\":
            made.append(letter)
        elif place == len(new):
            raise invalid(f"Illegal replacement sequence: {new}")
        elif letter == "\\":
            made.append(new[place])
            place += 1
        elif new[place] == "{":
            name, _, _ = new[place + 1 :].partition("}")
            if name not in found.re.groupindex:
                raise invalid(f"Illegal replacement sequence: unknown group {{ {name} }}")
            made.append(found[name] or "")
            place += len(name) + 2
        else:
            group, place = _group(new, place, groups)
            made.append(found[group] or "")
    return "".join(made)


def _group(new: str, place: int, groups: int) -> tuple[int, int]:
    if new[place] not in "0123456789":
        raise invalid(f"Illegal replacement sequence: {new}")
    group = int(new[place])
    if group > groups:
        raise invalid(f"Illegal replacement sequence: unknown group {group}")
    place += 1
    while place < len(new) and new[place] in "0123456789" and group * 10 + int(new[place]) <= groups:
        group, place = group * 10 + int(new[place]), place + 1
    return group, place


def _segments(text: str, pattern: str) -> list[dict[str, Any]]:
    """The text between matches and each match's groups, for a replacement by lambda; the last has no match."""
    parts, last = [], 0
    for found in _matches(text, pattern):
        parts.append({"before": text[last : found.start()], "found": True, "groups": list(found.groups())})
        last = found.end()
    return [*parts, {"before": text[last:], "found": False, "groups": []}]


def _safe(call: Any, wanted: Callable[[Translation], bool]) -> str | None:
    """The literal pattern for RE2, if it has one and the use at hand allows it."""
    pattern = text_of(call.values[1].sql)
    if pattern is None:
        return None
    try:
        made = compiled(pattern)[1]
    except QueryFailure:
        return None  # the query fails when, and only if, a row needs the pattern
    return quoted(made.re2) if made.re2 is not None and wanted(made) else None


def _never_empty(pattern: str) -> bool:
    return compiled(pattern)[0].search("") is None


def _called(call: Any, name: str, body: Any, parameters: tuple[str, ...], result: str, *more: str) -> str:
    function = call.ctx.define(
        PythonFunction(f"py_regexp_{name}", body, parameters, result, gives_null=name == "extract")
    )
    return f"{function}({', '.join([*(value.sql for value in call.values), *more])})"


def _translate_like(call: Any) -> str:
    pattern = _safe(call, lambda made: True)
    if pattern is not None:
        return f"regexp_matches({call.values[0].sql}, {pattern})"
    return _called(call, "like", _like, _TEXTS, "BOOLEAN")


def _translate_extract(call: Any) -> str:
    number = number_of(call.values[2].sql) if len(call.values) == 3 else 0
    pattern = _safe(
        call, lambda made: not made.ends and number is not None and 0 <= number <= (made.groups if made.steady else 0)
    )
    if pattern is not None:
        return f"regexp_extract_all({call.values[0].sql}, {pattern}, {number})[1]"
    more = () if len(call.values) == 3 else ("0",)
    return _called(call, "extract", _extract, (*_TEXTS, "BIGINT"), "VARCHAR", *more)


def _simple(call: Any) -> str | None:
    """RE2's text of a pattern whose matches are never empty: then all engines find the same ones."""
    return _safe(call, lambda made: not made.ends and _never_empty(text_of(call.values[1].sql) or ""))


def _translate_extract_all(call: Any) -> str:
    pattern = _simple(call) if len(call.values) == 2 else None
    if pattern is not None:
        return f"regexp_extract_all({call.values[0].sql}, {pattern})"
    more = () if len(call.values) == 3 else ("0",)
    return _called(call, "extract_all", _extract_all, (*_TEXTS, "BIGINT"), "VARCHAR[]", *more)


def _translate_count(call: Any) -> str:
    pattern = _simple(call)
    if pattern is not None:
        return f"CAST(len(regexp_extract_all({call.values[0].sql}, {pattern})) AS BIGINT)"
    return _called(call, "count", _count, _TEXTS, "BIGINT")


def _translate_split(call: Any) -> str:
    pattern = _simple(call)
    if pattern is not None:
        return f"string_split_regex({call.values[0].sql}, {pattern})"
    return _called(call, "split", _split, _TEXTS, "VARCHAR[]")


def _translate_replace(call: Any) -> Typed:
    new = text_of(call.values[2].sql) if len(call.values) == 3 else ""
    kind = call.values[0].type
    if len(call.values) == 3:
        x, y = length_of(kind), length_of(call.values[2].type)
        kind = sized(x + max(x * y // 2, y) * (x + 1))
    pattern, rewrite = _simple(call), _rewrite(call, new)
    if pattern is not None and rewrite is not None:
        return Typed(f"regexp_replace({call.values[0].sql}, {pattern}, {quoted(rewrite)}, 'g')", kind)
    more = () if len(call.values) == 3 else ("''",)
    return Typed(_called(call, "replace", _replace, (*_TEXTS, "VARCHAR"), "VARCHAR", *more), kind)


def _rewrite(call: Any, new: str | None) -> str | None:
    r"""``$1`` as RE2's ``\1``, where the replacement is a literal of plain text and single digits."""
    pattern = text_of(call.values[1].sql)
    if new is None or pattern is None or "\\" in new or re.search(r"\$(?!\d(?!\d))", new):
        return None
    try:
        groups = compiled(pattern)[1].groups
    except QueryFailure:
        return None
    if any(int(digit) > groups for digit in re.findall(r"\$(\d)", new)):
        return None
    return re.sub(r"\$(\d)", r"\\\1", new)


def _translate_replace_by(call: Any) -> str:
    applied = call.apply(2, [array(VARCHAR)])
    if applied.body.type.name not in ("varchar", "unknown", "char"):
        raise call.unexpected()
    kind = 'STRUCT("before" VARCHAR, "found" BOOLEAN, "groups" VARCHAR[])[]'
    name = call.ctx.define(PythonFunction("py_regexp_segments", _segments, _TEXTS, kind))
    part, groups = call.ctx.alias(), applied.names[0]
    made = f'list_transform([{part}."groups"], lambda {groups}: CAST({applied.body.sql} AS VARCHAR))[1]'
    each = f'lambda {part}: {part}."before" || CASE WHEN {part}."found" THEN {made} ELSE \'\' END'
    return f"list_joined(list_transform({name}({call.values[0].sql}, {call.values[1].sql}), {each}))"


def _translate_position(call: Any) -> str:
    more = ("1", "1")[len(call.values) - 2 :]
    return _called(call, "position", _position, (*_TEXTS, "INTEGER", "INTEGER"), "INTEGER", *more)


ENTRIES: list[Entry] = [
    ("regexp_like(varchar(x), JoniRegExp) -> boolean", _translate_like),
    ("regexp_extract(varchar(x), JoniRegExp) -> varchar(x)", _translate_extract),
    ("regexp_extract(varchar(x), JoniRegExp, bigint) -> varchar(x)", _translate_extract),
    ("regexp_extract_all(varchar(x), JoniRegExp) -> array(varchar(x))", _translate_extract_all),
    ("regexp_extract_all(varchar(x), JoniRegExp, bigint) -> array(varchar(x))", _translate_extract_all),
    ("regexp_replace(varchar(x), JoniRegExp) -> varchar(x)", _translate_replace),
    ("regexp_replace(varchar(x), JoniRegExp, varchar(y)) -> varchar", _translate_replace),
    ("regexp_replace(varchar, JoniRegExp, function) -> varchar", _translate_replace_by),
    ("regexp_split(varchar(x), JoniRegExp) -> array(varchar(x))", _translate_split),
    ("regexp_count(varchar(x), JoniRegExp) -> bigint", _translate_count),
    ("regexp_position(varchar(x), JoniRegExp) -> integer", _translate_position),
    ("regexp_position(varchar(x), JoniRegExp, integer) -> integer", _translate_position),
    ("regexp_position(varchar(x), JoniRegExp, integer, integer) -> integer", _translate_position),
]
