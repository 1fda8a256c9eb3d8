"""The match expressions of event patterns, ``{"prefix": "a"}`` and its kin, read to matchers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from labkit.cloud.event_bus import matchers
from labkit.cloud.event_bus.json_reader import JsonReader, ReadError, Token
from labkit.cloud.event_bus.matchers import Matcher
from labkit.cloud.event_bus.wildcards import WildcardError, parse_wildcard

_ONE_KEY = "Only one key allowed in match expression"
_TOO_MANY = "Too many elements in numeric expression"
_LEAST, _MOST = 0, int(1e6 * 1e10)  # the ends of what `comparable` gives
_NOT_BUT = "Value of anything-but must be an array or single string/number value."
Note = Callable[[list[str]], None]


def read_expression(reader: JsonReader, wildcard: Note) -> Matcher:
    """The expression whose opening brace was read; ``wildcard`` is told the parts of every wildcard pattern."""
    name = reader.next()
    if name.kind != "name":
        raise reader.fail("Match expression name not found")
    if name.text == "numeric":
        return _numeric(reader)
    if name.text == "anything-but":
        return _anything_but(reader, wildcard)
    if name.text == "exists":  # those that are well made were taken before
        if reader.next().kind in ("true", "false"):
            reader.next()
            raise reader.fail(_ONE_KEY)
        raise reader.fail("exists match pattern must be either true or false.")
    if name.text in ("prefix", "suffix"):
        return _affix(reader, name.text)
    if name.text not in ("exactly", "cidr", "equals-ignore-case", "wildcard"):
        raise reader.fail(f"Unrecognized match type {name.text}")
    shown = {"cidr": "prefix", "exactly": "exact"}.get(name.text, name.text)
    text = _text(reader, f"{shown} match pattern must be a string")
    if name.text == "cidr":
        matcher = _network(text)
    elif name.text == "wildcard":
        matcher = _wildcard(reader, text, wildcard)
    elif name.text == "exactly":
        matcher = matchers.exactly(text)
    else:
        matcher = matchers.equals_in_any_case(text)
    _close(reader, _ONE_KEY)
    return matcher


def read_number(reader: JsonReader, text: str) -> int:
    """A number of a pattern as numbers are compared; ReadError outside of what EventBridge compares."""
    found = matchers.comparable(float(text))
    if found is None:
        raise reader.fail("Value must be between -5.0E9 and 5.0E9, inclusive")
    return found


def _text(reader: JsonReader, refusal: str) -> str:
    token = reader.next()
    if token.kind != "string":
        raise reader.fail(refusal)
    reader.read_text()
    return token.text


def _close(reader: JsonReader, refusal: str) -> None:
    if reader.next().kind != "}":
        raise reader.fail(refusal)


def _affix(reader: JsonReader, name: str) -> Matcher:
    token = reader.next()
    if token.kind == "{":
        inner = reader.next()
        if inner.kind != "name":
            raise reader.fail(f"{name.capitalize()} expression name not found")
        if inner.text != "equals-ignore-case":
            raise reader.fail(f"Unsupported {name} pattern: {inner.text}")
        text = _text(reader, "equals-ignore-case match pattern must be a string")
        _close(reader, _ONE_KEY)
        _close(reader, _ONE_KEY)
        return matchers.begins_in_any_case(text) if name == "prefix" else matchers.ends_in_any_case(text)
    if token.kind != "string":
        raise reader.fail(f"{name} match pattern must be a string")
    reader.read_text()
    _close(reader, _ONE_KEY)
    return matchers.begins(token.text) if name == "prefix" else matchers.ends(token.text)


def _wildcard(reader: JsonReader, text: str, wildcard: Note) -> Matcher:
    try:
        parts = parse_wildcard(text)
    except WildcardError as error:
        raise reader.fail(str(error)) from None
    wildcard(parts)
    return matchers.like(parts)


def _anything_but(reader: JsonReader, wildcard: Note) -> Matcher:
    token, kind = reader.next(), ""
    if token.kind == "{":
        inner = reader.next()
        if inner.kind != "name":
            raise reader.fail("Anything-But expression name not found")
        kind = inner.text
        if kind not in ("equals-ignore-case", "prefix", "suffix", "wildcard"):
            raise reader.fail(f"Unsupported anything-but pattern: {kind}")
        token = reader.next()
    if token.kind not in ("[", "string", "number"):
        raise reader.fail(_NOT_BUT)
    unwanted = _list(reader, kind, wildcard) if token.kind == "[" else [_unwanted(reader, token, kind, wildcard)]
    _close(reader, _TOO_MANY)
    if kind:
        _close(reader, _TOO_MANY)
    return matchers.none_of(unwanted)


def _list(reader: JsonReader, kind: str, wildcard: Note) -> list[Matcher]:
    found, kinds = [], set()
    try:
        while (token := reader.next()).kind != "]":
            if not kind and token.kind not in ("string", "number"):
                raise reader.fail("Inside anything but list, start|null|boolean is not supported.")
            kinds.add(token.kind)
            found.append(_unwanted(reader, token, kind, wildcard))
    except ReadError as error:
        raise reader.fail(str(error)) from None  # AWS tells the place twice here
    if not kind and len(kinds) != 1:
        raise reader.fail(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        )
    return found


def _unwanted(reader: JsonReader, token: Token, kind: str, wildcard: Note) -> Matcher:
    if not kind and token.kind == "number":
        read_number(reader, token.text)
        return matchers.literally(token.text, float(token.text))
    if token.kind != "string":
        refusals = {
            "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
            "wildcard": "wildcard match pattern must be a string",
        }
        raise reader.fail(refusals.get(kind, "prefix/suffix match pattern must be a string"))
    reader.read_text()
    if kind in ("prefix", "suffix") and not token.text:
        raise reader.fail("Null prefix/suffix not allowed")
    if kind == "wildcard":
        return _wildcard(reader, token.text, wildcard)
    makers = {
        "prefix": matchers.begins, "suffix": matchers.ends, "equals-ignore-case": matchers.equals_in_any_case,
        "": matchers.exactly,
    }  # fmt: skip
    return makers[kind](token.text)


def _numeric(reader: JsonReader) -> Matcher:
    if reader.next().kind != "[":
        raise reader.fail("Value of numeric must be an array.")
    operator = reader.next()
    if operator.kind != "string":
        raise reader.fail(f"Invalid member in numeric match: {operator.text}")
    reader.read_text()
    value = reader.next()
    if operator.text not in ("=", ">=", ">", "<=", "<"):
        raise reader.fail(f"Unrecognized numeric range operator: {operator.text}")
    if value.kind != "number":
        raise reader.fail(f"Value of {'equals' if operator.text == '=' else operator.text} must be numeric")
    number = read_number(reader, value.text)
    following = reader.next()
    low, high = _LEAST, _MOST
    if operator.text == "=":
        low = high = number
    elif operator.text in ("<", "<="):
        high = number - (operator.text == "<")
    else:
        low = number + (operator.text == ">")
        if following.kind != "]":
            high = _upper(reader, following)
            if high < low:
                raise reader.fail("Bottom must be less than top")
            following = reader.next()
            if following.kind != "]":
                raise reader.fail("Too many terms in numeric range expression")
    if following.kind != "]":
        raise reader.fail(_TOO_MANY)
    _close(reader, _TOO_MANY)
    return matchers.between(low, high)


def _upper(reader: JsonReader, operator: Token) -> int:
    if operator.kind != "string":
        raise reader.fail(f"Bad value in numeric range: {operator.text}")
    reader.read_text()
    if operator.text not in ("<", "<="):
        raise reader.fail(f"Bad numeric range operator: {operator.text}")
    value = reader.next()
    if value.kind != "number":
        raise reader.fail(f"Value of {operator.text} must be numeric")
    return read_number(reader, value.text) - (operator.text == "<")


def _network(text: str) -> Matcher:
    """A range of addresses: from the one given to the last of its network, as AWS reads it."""
    address, slash, bits = text.partition("/")
    if not slash or "/" in bits or not bits:
        raise ReadError("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"[+-]?\d+", bits):
        raise ReadError("Malformed CIDR, mask bits must be an integer")
    mask = int(bits)
    if mask < 0:
        raise ReadError("Malformed CIDR, mask bits must not be negative")
    low = matchers.ip_number(address)
    if low is None:
        raise ReadError(f"Nonstandard IP address: {address}")
    size = 32 if low[0] == 4 else 128
    if mask >= size:
        raise ReadError(f"IPv{low[0]} mask bits must be < {size}")
    network = ipaddress.ip_network((low[1] if low[0] == 6 else low[1].to_bytes(4, "big"), mask), strict=False)
    return matchers.in_network(low, (low[0], int(network.broadcast_address)))
