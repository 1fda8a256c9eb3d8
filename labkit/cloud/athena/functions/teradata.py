"""Teradata's functions, which Trino brings along: index and char2hexint."""

from __future__ import annotations

from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import python


def _char2hexint(text: str) -> str:
    """The UTF-16 units of a text, four hexadecimal digits each."""
    return text.encode("utf-16-be").hex().upper()


ENTRIES: list[Entry] = [
    ("index(varchar, varchar) -> bigint", "instr({0}, {1})"),
    ("char2hexint(varchar) -> varchar", python(_char2hexint, ("VARCHAR",), "VARCHAR")),
]
