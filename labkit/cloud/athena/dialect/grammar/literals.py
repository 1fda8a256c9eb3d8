"""Constants: numbers, texts, bytes, intervals, ``DATE '…'``."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.dialect.grammar.stream import INTERVAL_FIELDS, Mismatch, Stream, Token
from labkit.cloud.athena.dialect.grammar.types import type_node
from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.errors import MalformedQuery

_ZONE = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[A-Za-z].*|[+-]\d{1,2}(?::?\d{2})?)$")


def parse_string(s: Stream) -> Any:
    """``'…'`` or ``U&'…'``."""
    token = s.token
    if token.kind not in ("string", "unicode"):
        s.want("<string>")
        raise Mismatch
    s.take()
    if token.kind == "string":
        return s.node("Literal", token.start, this=token.text[1:-1].replace("''", "'"), is_string=True)
    escape = "\\"
    if s.accept("UESCAPE"):
        if s.token.kind != "string":
            s.want("<string>")
            raise Mismatch
        escape = s.take().text[1:-1].replace("''", "'")
    text = _decoded(s, token.text[3:-1].replace("''", "'"), escape, token.start)
    return s.node("Literal", token.start, this=text, is_string=True)


def _decoded(s: Stream, text: str, escape: str, start: int) -> str:
    def wrong(message: str) -> MalformedQuery:
        return MalformedQuery(message, position(s.sql, start))

    if len(escape) != 1 or escape in "'+\" " or escape in "0123456789abcdefABCDEF":
        raise wrong("Invalid Unicode escape character" if len(escape) == 1 else "Empty Unicode escape character")
    out, place = [], 0
    while place < len(text):
        if text[place] != escape:
            out.append(text[place])
            place += 1
            continue
        if text[place + 1 : place + 2] == escape:
            out.append(escape)
            place += 2
            continue
        size = 6 if text[place + 1 : place + 2] == "+" else 4
        digits = text[place + 1 + (size == 6) : place + 1 + (size == 6) + size]
        if not re.fullmatch(f"[0-9A-Fa-f]{{{size}}}", digits):
            raise wrong(f"Incomplete escape sequence: {digits}")
        code = int(digits, 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise wrong(f"Invalid escaped character: {digits}")
        out.append(chr(code))
        place += 1 + (size == 6) + size
    return "".join(out)


def parse_number(s: Stream, sign: Token | None = None) -> Any:
    """A number; with a minus sign it is one constant, so that the smallest integers can be written."""
    token = s.take()
    digits = token.text.replace("_", "")
    if token.kind == "integer":
        value = int(digits, 0 if digits[:2].lower() in ("0x", "0o", "0b") else 10)
        digits = str(value)
        if value > 2**63 - (sign is None):
            shown = ("-" if sign else "") + token.text
            raise MalformedQuery(f"Invalid numeric literal: {shown}", position(s.sql, (sign or token).start))
        if sign and value in (2**31, 2**63):
            return s.node("Literal", sign.start, this=f"-{digits}", is_string=False)
    made = s.node("Literal", token.start, this=digits, is_string=False)
    return s.node("Neg", sign.start, this=made) if sign else made


def parse_hex(s: Stream) -> Any:
    """``X'00ff'``; spaces inside are ignored."""
    token = s.take()
    digits = re.sub(r"[ \r\n\t]", "", token.text[2:-1])
    where = position(s.sql, token.start)
    if not re.fullmatch("[0-9A-Fa-f]*", digits):
        raise MalformedQuery("Binary literal can only contain hexadecimal digits", where)
    if len(digits) % 2:
        raise MalformedQuery("Binary literal must contain an even number of digits", where)
    return s.node("HexString", token.start, this=digits.lower())


def at_interval(s: Stream) -> bool:
    """INTERVAL is also a name; a string or a sign and a string make it a literal."""
    first = s.ahead()
    second = s.ahead(2) if first.key in ("+", "-") else first
    return second.kind in ("string", "unicode")


def parse_interval(s: Stream) -> Any:
    """``INTERVAL -'1-2' YEAR TO MONTH``."""
    start = s.take().start
    sign = s.accept_one("+", "-")
    value = parse_string(s)
    unit = s.node("Var", s.token.start, this=s.expect_one(*INTERVAL_FIELDS))
    if s.accept("TO"):
        until = s.node("Var", s.token.start, this=s.expect_one(*INTERVAL_FIELDS))
        unit = s.exp.IntervalSpan(this=unit, expression=until)
    if sign == "-":
        value = s.node("Neg", value.meta["start"], this=value)
    return s.node("Interval", start, this=value, unit=unit)


def parse_typed(s: Stream) -> Any:
    """``DATE '2024-01-31'``, ``BIGINT '12'``, ``DOUBLE PRECISION '1'``: a text that is converted when the query is made."""
    start = s.token.start
    word = s.take().text if s.token.kind == "word" else s.name().name
    if word.upper() == "DOUBLE":
        s.accept("PRECISION")
    value = parse_string(s)
    text, kind = str(value.this), word.lower()
    if kind == "json":
        return s.node("ParseJSON", start, this=value)
    if kind == "decimal" and re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text):
        number = text.lstrip("+-")
        made = s.node("Literal", start, this=number if "." in number else f"{number}.", is_string=False)
        return s.node("Neg", start, this=made) if text.startswith("-") else made
    if kind in ("time", "timestamp"):
        found = re.search(r":\d{2}\.(\d+)", text)
        kind = f"{kind}({len(found.group(1)) if found else 0})" + (" with time zone" if _ZONE.search(text) else "")
    made = s.node("Cast", start, this=value, to=type_node(s, kind, start))
    made.meta["literal"] = True
    return made
