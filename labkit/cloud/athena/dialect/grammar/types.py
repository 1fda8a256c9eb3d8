"""Types as CAST writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.dialect.grammar.stream import INTERVAL_FIELDS, Mismatch, Stream


def parse_type_name(s: Stream) -> Any:
    """A type; the node keeps its text, because what the words mean is not the grammar's business."""
    start = s.token.start
    _type(s)
    last = s.tokens[s.at - 1]
    return type_node(s, s.sql[start : last.start + len(last.text)], start)


def type_node(s: Stream, text: str, start: int) -> Any:
    """A type by its text."""
    return s.node("DataType", start, this=s.exp.DType.USERDEFINED, kind=text)


def _type(s: Stream) -> None:
    s.want("<type>")
    parse = _BEGINNINGS.get(s.key)
    if parse is None or not parse(s):
        if not s.at_name():
            raise Mismatch
        s.name()
        _parameters(s)
    while s.key == "ARRAY":
        s.take()
        if s.accept("["):
            _integer(s)
            s.expect("]")


def _row(s: Stream) -> bool:
    if s.ahead().key != "(":
        return False
    s.at += 2
    _row_field(s)
    while s.accept(","):
        _row_field(s)
    s.expect(")")
    return True


def _interval(s: Stream) -> bool:
    s.take()
    s.expect_one(*INTERVAL_FIELDS)
    if s.accept("TO"):
        s.expect_one(*INTERVAL_FIELDS)
    return True


def _moment(s: Stream) -> bool:
    s.take()
    _parameters(s, at_most=1)
    if s.accept_one("WITH", "WITHOUT"):
        s.expect("TIME", "ZONE")
    return True


def _double(s: Stream) -> bool:
    if s.ahead().key != "PRECISION":
        return False
    s.at += 2
    return True


def _container(s: Stream) -> bool:
    """``ARRAY<x>`` and ``MAP<k, v>``."""
    if s.ahead().key != "<":
        return False
    key = s.take().key
    s.take()
    _type(s)
    if key == "MAP":
        s.expect(",")
        _type(s)
    s.expect(">")
    return True


# What may begin in a way of its own; each says whether it did.
_BEGINNINGS: dict[str, Callable[[Stream], bool]] = {
    "ROW": _row, "INTERVAL": _interval, "TIMESTAMP": _moment, "TIME": _moment, "DOUBLE": _double, "ARRAY": _container,
    "MAP": _container,
}  # fmt: skip


def _parameters(s: Stream, at_most: int = 0) -> None:
    if not s.accept("("):
        return
    count = 0
    while True:
        if s.token.kind == "integer":
            s.take()
        else:
            s.want("<integer>", "<type>")
            _type(s)
        count += 1
        if count == at_most or not s.accept(","):
            break
    s.expect(")")


def _integer(s: Stream) -> None:
    if s.token.kind != "integer":
        s.want("<integer>")
        raise Mismatch
    s.take()


def _row_field(s: Stream) -> None:
    """``bigint`` or ``x bigint``: a name is there when a type follows it."""
    following = s.ahead()
    named = s.at_name() and (following.kind in ("word", "quoted") and following.key not in ("ARRAY", "WITH", "WITHOUT"))
    if named and not (s.key == "DOUBLE" and following.key == "PRECISION") and s.key != "INTERVAL":
        s.name()
    elif s.at_name() and following.key == "ARRAY" and s.ahead(2).key in ("(", "<"):
        s.name()  # x array(bigint)
    elif s.key == "INTERVAL" and following.key not in INTERVAL_FIELDS and following.kind == "word":
        s.name()
    _type(s)
