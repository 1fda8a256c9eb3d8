"""What json_parse and the literal JSON '…' make of a text."""

from __future__ import annotations

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.jsondata.text import InvalidJson, canonical


def parsed_json(text: str) -> str:
    """The text without white space, members by name; QueryFailure when it is no JSON."""
    try:
        return canonical(text)
    except InvalidJson:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'") from None
