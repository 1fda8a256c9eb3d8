"""JSON text as Trino's parser takes it and writes it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labkit.cloud.athena.jsondata.text import InvalidJson, Members, canonical, read, write


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"b": 2, "a": [1, true, null]}', '{"a":[1,true,null],"b":2}'),
        ('{"a":1,"a":2}', '{"a":2}'),
        ("1.10", "1.1"),
        ("1e3", "1000.0"),
        ("1e7", "1.0E7"),
        ("-0", "0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ('"\\u001f\\/é\\ud83d\\ude00"', '"\\u001F/é😀"'),
        ('{"v": "1.5e3"}', '{"v":"1.5e3"}'),
        ('{"😀": 1, "\uffee": 2}', '{"😀":1,"\uffee":2}'),
    ],
)
def test_json_parse_keeps_what_java_would_write(text: str, kept: str) -> None:
    assert canonical(text) == kept


@pytest.mark.parametrize(
    "text", ["", "nul", "NaN", "01", "1a", "[1,]", "{a:1}", "{'a':1}", "1 2", '"a\nb"', "[" * 5000]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson):
        canonical(text)


def test_reading_keeps_digits_and_repeated_names() -> None:
    found = read('{"a": 1.50, "a": 2}')
    assert found == Members([("a", Decimal("1.50")), ("a", 2)])
    assert write(found) == '{"a":1.5,"a":2}'
    assert write(found, fraction=str) == '{"a":1.50,"a":2}'
