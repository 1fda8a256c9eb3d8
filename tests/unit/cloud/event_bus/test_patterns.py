"""Event patterns: what matches, and what is refused in AWS's words (places and texts as others recorded them on AWS)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.event_bus.patterns import parse_pattern

MATCHES: list[tuple[Any, Any]] = [
    ({"a": ["x"]}, {"a": "x"}),
    ({"a": ["x", "y"]}, {"a": "y"}),
    ({"a": ["x"]}, {"a": ["w", "x"]}),
    ({"a": [""]}, {"a": ""}),
    ({"a": [None]}, {"a": None}),
    ({"a": [True]}, {"a": True}),
    ({"a": [300]}, {"a": 300.0}),
    ({"a": [3.0e2]}, {"a": 300}),
    ({"a": [999999999999]}, {"a": 999999999999}),
    ({"a": {"b": ["x"]}}, {"a": {"b": "x", "c": 1}}),
    ({"a": {"b": ["x"]}}, {"a": [{"b": "w"}, {"b": "x"}]}),
    ({"a.b": ["x"]}, {"a": {"b": "x"}}),
    ({"a": {"b": ["x"]}}, {"a.b": "x"}),
    ({"año": ["ñandú"]}, {"año": "ñandú"}),
    ({"a": [{"prefix": "ab"}]}, {"a": "abc"}),
    ({"a": [{"prefix": ""}]}, {"a": "abc"}),
    ({"a": [{"prefix": {"equals-ignore-case": "AB"}}]}, {"a": "abc"}),
    ({"a": [{"suffix": ".csv"}]}, {"a": "x.csv"}),
    ({"a": [{"suffix": {"equals-ignore-case": ".CSV"}}]}, {"a": "x.csv"}),
    ({"a": [{"equals-ignore-case": "AbC"}]}, {"a": "aBc"}),
    ({"a": [{"anything-but": "x"}]}, {"a": "y"}),
    ({"a": [{"anything-but": "x"}]}, {"a": None}),
    ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "z"}),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 3}),
    ({"a": [{"anything-but": 1}]}, {"a": "1"}),
    ({"a": [{"anything-but": "x"}]}, {"a": ["x", "y"]}),
    ({"a": [{"anything-but": {"prefix": "in"}}]}, {"a": "out"}),
    ({"a": [{"anything-but": {"prefix": ["in", "x"]}}]}, {"a": "out"}),
    ({"a": [{"anything-but": {"suffix": "t"}}]}, {"a": "in"}),
    ({"a": [{"anything-but": {"prefix": "in"}}]}, {"a": 5}),
    ({"a": [{"anything-but": {"equals-ignore-case": ["X"]}}]}, {"a": "y"}),
    ({"a": [{"anything-but": {"wildcard": "*/lib/*"}}]}, {"a": "a/bin/b"}),
    ({"a": [{"anything-but": {"wildcard": ["*.txt", "*.md"]}}]}, {"a": "a.csv"}),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5}),
    ({"a": [{"numeric": ["=", 3.018e2]}]}, {"a": 301.8}),
    ({"a": [{"numeric": ["<", 10]}]}, {"a": -3}),
    ({"a": [{"numeric": [">=", 0.000001]}]}, {"a": 0.000001}),
    ({"a": [{"exists": True}]}, {"a": None}),
    ({"a": [{"exists": False}]}, {"b": 1}),
    ({"a": [{"exists": False}]}, {"a": {"b": 1}}),
    ({"a": [{"exists": False}, "x"]}, {"a": "x"}),
    ({"a": {"b": [{"exists": False}]}}, {"a": {"c": 1}}),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.0.255"}),
    ({"a": [{"cidr": "2001:db8::/32"}]}, {"a": "2001:0db8:1::5"}),
    ({"a": ["::1"]}, {"a": "0:0:0:0:0:0:0:1"}),
    ({"a": [{"wildcard": "dir/*.csv"}]}, {"a": "dir/a/b.csv"}),
    ({"a": [{"wildcard": "*"}]}, {"a": ""}),
    ({"a": [{"wildcard": "a\\*b"}]}, {"a": "a*b"}),
    ({"a": [{"wildcard": "x"}]}, {"a": "x"}),
    ({"a": [{"wildcard": "/Users/*/dir/dir/dir/dir/dir/doc.txt"}]}, {"a": "/Users/u/dir/dir/dir/dir/dir/dir/doc.txt"}),
    ({"$or": [{"a": [1]}, {"b": [2]}]}, {"b": 2}),
    ({"s": ["x"], "$or": [{"a": [1]}, {"b": [2], "c": [3]}]}, {"s": "x", "b": 2, "c": 3}),
    ({"d": {"$or": [{"a": [1]}, {"b": [{"exists": False}]}]}}, {"d": {"x": 1}}),
    ({"$or": [{"a": [1]}, {"b": [2]}], "d": {"$or": [{"e": [1]}, {"f": [2]}]}}, {"b": 2, "d": {"f": 2}}),
    ({"e": {"n": ["q"], "v": [2]}}, {"e": [{"n": "p", "v": 1}, {"n": "q", "v": 2}]}),
    ({"e": {"n": ["q"]}, "f": {"v": [2]}}, {"e": [{"n": "q"}], "f": [{"v": 1}, {"v": 2}]}),
]
DIFFERS: list[tuple[Any, Any]] = [
    ({"a": ["x"]}, {"a": "X"}),
    ({"a": ["x"]}, {"b": "x"}),
    ({"a": ["1"]}, {"a": 1}),
    ({"a": [1]}, {"a": "1"}),
    ({"a": ["true"]}, {"a": True}),
    ({"a": [None]}, {}),
    ({"a": [None]}, {"a": []}),
    ({"a": ["x"]}, {"a": {"b": "x"}}),
    ({"a": [{"prefix": "ab"}]}, {"a": 5}),
    ({"a": [{"prefix": "AB"}]}, {"a": "abc"}),
    ({"a": [{"anything-but": "x"}]}, {"a": "x"}),
    ({"a": [{"anything-but": "x"}]}, {}),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 2.0}),
    ({"a": [{"anything-but": {"equals-ignore-case": "X"}}]}, {"a": "x"}),
    ({"a": [{"anything-but": {"suffix": ["t"]}}]}, {"a": "out"}),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 0}),
    ({"a": [{"numeric": ["<", 10]}]}, {"a": "3"}),
    ({"a": [{"numeric": ["<", 10]}]}, {"a": None}),
    ({"a": [{"numeric": ["<", 10]}]}, {"a": True}),
    ({"a": [{"numeric": [">", 0]}]}, {"a": 6e9}),
    ({"a": [{"exists": True}]}, {"a": []}),
    ({"a": [{"exists": True}]}, {"a": {"b": 1}}),
    ({"a": [{"exists": False}]}, {"a": None}),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.1.0"}),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "ten"}),
    ({"a": [{"wildcard": "dir/*.csv"}]}, {"a": "dir.csv"}),
    ({"a": [{"wildcard": "ab*ba"}]}, {"a": "aba"}),
    ({"a": [{"wildcard": "*"}]}, {"a": 1}),
    ({"$or": [{"a": [1]}, {"b": [2]}]}, {"c": 2}),
    ({"e": {"n": ["q"], "v": [1]}}, {"e": [{"n": "p", "v": 1}, {"n": "q", "v": 2}]}),
]
_AT = ' at [Source: (String)"'
REFUSED = [
    ('{"int": 42}', '"int" must be an object or an array', "line: 1, column: 11"),
    ('{"string": "my-value"}', '"string" must be an object or an array', "line: 1, column: 13"),
    ('{"resources": []}', "Empty arrays are not allowed", "line: 1, column: 17"),
    ('{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}', "Unrecognized match type NUMERIC", "line: 1, column: 36"),
    ('{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", "line: 1, column: 28"),
    ('{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', "Bad numeric range operator: >", "line: 1, column: 49"),
    ('{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', "Value of < must be numeric", "line: 1, column: 50"),
    ('{"EventBusArn": [{"wildcard": 123}]}', "wildcard match pattern must be a string", "line: 1, column: 34"),
    ('{"time": [{"prefix": ["2022-07-13"]}]}', "prefix match pattern must be a string", "line: 1, column: 23"),
    ('{"FileName": [{"suffix": 123}]}', "suffix match pattern must be a string", "line: 1, column: 29"),
    ('["not", "a", "dict", "but valid json"]', "Filter is not an object", "line: 1, column: 2"),
    ("{}", "Empty objects are not allowed", "line: 1, column: 3"),
    ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false.", "line: 1, column: 20"),
    ('{"a": [["x"]]}', "Match value must be String, number, true, false, or null", "line: 1, column: 9"),
    ("{'bad': 'quotation'}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", "line: 1, column: 2"),
]  # fmt: skip
REFUSED_WITHOUT_PLACE = [
    ('{"a": [{"cidr": "bad"}]}', "Malformed CIDR, one '/' required"),
    ('{"a": [{"cidr": "10.0.0.0/x"}]}', "Malformed CIDR, mask bits must be an integer"),
    ('{"a": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"),
    ('{"a": [{"cidr": "10.0.0.0/32"}]}', "IPv4 mask bits must be < 32"),
]


@pytest.mark.parametrize(("pattern", "event"), MATCHES)
def test_a_pattern_matches(pattern: Any, event: Any) -> None:
    assert parse_pattern(json.dumps(pattern)).matches(event)


@pytest.mark.parametrize(("pattern", "event"), DIFFERS)
def test_a_pattern_does_not_match(pattern: Any, event: Any) -> None:
    assert not parse_pattern(json.dumps(pattern)).matches(event)


def refusal(text: str) -> str:
    with pytest.raises(AwsError) as failure:
        parse_pattern(text)
    assert failure.value.code == "InvalidEventPatternException"
    return failure.value.message.removeprefix("Event pattern is not valid. Reason: ")


@pytest.mark.parametrize(("text", "reason", "place"), REFUSED)
def test_a_pattern_is_refused_with_its_place(text: str, reason: str, place: str) -> None:
    assert refusal(text) == f'{reason}\n{_AT}{text}"; {place}]'


@pytest.mark.parametrize(("text", "reason"), REFUSED_WITHOUT_PLACE)
def test_a_network_is_refused(text: str, reason: str) -> None:
    assert refusal(text) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"$or": [{"a": [1]}]}', "There must have at least 2 Objects in $or relationship."),
        ('{"$or": {"a": [1]}}', "It must be an Array followed with $or."),
        ('{"$or": [1, 2]}', "Only JSON object is allowed in array of $or relationship."),
        ('{"a": {"$or": [{"prefix": ["x"]}, {"b": [1]}]}}', "prefix is Ruler reserved fieldName which cannot be used inside $or."),
        ('{"a": [{"anything-but": ["x", 1]}]}', "Inside anything but list, either all values are number or string"),
        ('{"a": [{"anything-but": [null]}]}', "Inside anything but list, start|null|boolean is not supported."),
        ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"),
        ('{"a": [{"anything-but": {"cidr": "1.1.1.1/8"}}]}', "Unsupported anything-but pattern: cidr"),
        ('{"a": [{"numeric": ["=", 6000000000]}]}', "Value must be between -5.0E9 and 5.0E9, inclusive"),
        ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top"),
        ('{"a": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed in match expression"),
        ('{"a": [{"wildcard": "a\\\\b"}]}', "Invalid escape character at pos 2"),
        ('{"a": [{"wildcard": "**"}]}', "Consecutive wildcard characters at pos 1"),
        ('{"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}', "Rule is too complex - try using fewer wildcard characters"),
        ("not json", "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"),
        ('{"a": ["b"]', "Unexpected end-of-input: expected close marker for Object"),
        ('{"a" ["b"]}', "Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value"),
        ('{"a": ["b" "c"]}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Array entries"),
        ("", "No content to map due to end-of-input"),
    ],
)  # fmt: skip
def test_a_pattern_is_refused(text: str, reason: str) -> None:
    assert refusal(text).startswith(reason)


def test_a_place_is_told_twice_for_members_of_a_list_as_on_aws() -> None:
    text = '{"detail": {"state": [{"anything-but": {"equals-ignore-case": [123, 456]}}]}}'
    reason = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
    place = f'\n{_AT}{text}"; line: 1, column: 67]'
    assert refusal(text) == reason + place + place


def test_a_long_pattern_is_cut_in_the_error() -> None:
    text = json.dumps({"a" * 600: 1})
    assert f'{_AT}{text[:500]}"[truncated {len(text) - 500} chars]; line: 1, column: ' in refusal(text)


def test_arrays_that_have_nothing_to_do_with_each_other_do_not_multiply() -> None:
    event = {name: [{"v": number} for number in range(3000)] for name in "abcd"}
    pattern = parse_pattern(json.dumps({name: {"v": [{"numeric": [">=", 0]}]} for name in "abcd"}))
    began = time.process_time()
    assert pattern.matches(event)
    assert time.process_time() - began < 5  # 3,000⁴ combinations would not end


def test_a_deep_event_and_a_deep_pattern_are_no_crash() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = {"a": deep}
    assert not parse_pattern('{"b": ["x"]}').matches(deep)
    assert refusal('{"a":' * 5000 + "[1]" + "}" * 5000).startswith("Rule is nested too deeply")
