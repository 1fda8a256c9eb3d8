"""Patterns of names, partition names, and the filters that Spark sends, in Glue's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

# What Hive escapes in a folder's name (its FileUtils): by the character's code, so `ñ` stays as it is.
_ESCAPED = re.compile(r"[\x01-\x1f\x7f\"#%'*/:=?\\{\[\]^]")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that a Hive pattern (`*` any text, `|` or; no letter case) matches, in order."""
    choices = [re.escape(part.strip()).replace(r"\*", ".*") for part in (pattern or "*").split("|")]
    wanted = re.compile(f"(?:{'|'.join(choices)})\\Z", re.IGNORECASE)
    return sorted(name for name in names if wanted.match(name))


def partition_name(keys: Sequence[str], values: Sequence[str]) -> str:
    """`k=v/k=v`, with what a path cannot hold escaped."""
    return "/".join(f"{key}={_escape(value)}" for key, value in zip(keys, values, strict=True))


def _escape(value: str) -> str:
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", value)


def values_of(name: str) -> list[str]:
    """The values of a partition name."""
    return [unquote(part.partition("=")[2]) for part in name.split("/")]


def glue_expression(hive_filter: str) -> str:
    """A Hive partition filter as a GetPartitions expression: strings in single quotes."""
    return _STRING.sub(lambda match: "'" + match[1].replace('\\"', '"').replace("'", "''") + "'", hive_filter)
