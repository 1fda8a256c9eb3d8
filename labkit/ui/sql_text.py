"""SQL as people type it: statements apart, a place in it made visible."""

from __future__ import annotations

import re

_PARTS = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`)|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<end>;)""", re.DOTALL
)
_OPEN = re.compile(r"""'|"|`|/\*""")


def split_statements(sql: str) -> list[str]:
    """The statements between semicolons, without empty ones; semicolons in texts, names and comments separate nothing."""
    found, start = [], 0
    for part in _PARTS.finditer(sql):
        if part["end"]:
            found.append(sql[start : part.start()])
            start = part.end()
    found.append(sql[start:])
    return [one.strip() for one in found if _bare(one)]


def is_complete(sql: str) -> bool:
    """Does a typed text end in a semicolon that ends a statement?"""
    bare = _PARTS.sub(lambda part: ";" if part["end"] else "" if part["comment"] else "x", sql)
    return bare.rstrip().endswith(";") and not _OPEN.search(bare)


def _bare(sql: str) -> str:
    """A statement without its comments."""
    return _PARTS.sub(lambda part: "" if part["comment"] else part[0], sql).strip()


def point_at(sql: str, reason: str) -> str:
    """The line of ``sql`` that a message names (``line 2:8``), with a mark under the place; "" when it names none."""
    found = re.search(r"\bline (\d+):(\d+)", reason)
    lines = sql.splitlines()
    if not found or not 1 <= int(found[1]) <= len(lines):
        return ""
    line, column = lines[int(found[1]) - 1], int(found[2])
    # A very long line is cut around the place.
    first = max(0, column - 60)
    shown = line[first : first + 110].expandtabs(1)
    return f"  {'…' if first else ''}{shown}\n  {' ' * (column - 1 - first + (1 if first else 0))}^"
