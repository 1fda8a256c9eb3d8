"""The filter pattern language, by the examples of AWS's documentation and others."""

from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.logs.pattern.parse import parse_pattern

JSON = (
    '{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"], '
    '"objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "cluster.name": "c", "ok": true, '
    '"bytes": 1500, "rate": 1.5e-3, "año": "2024"}'
)
LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'

TERMS = [
    ("", "anything", True),
    ("  ", "anything", True),
    ("ERROR", "[ERROR 400] BAD REQUEST", True),
    ("ERROR", "[error 400]", False),
    ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", True),
    ("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED", False),
    ("?ERROR ?ARGUMENTS", "[ERROR 401]", True),
    ("?ERROR ?ARGUMENTS", "[INFO]", False),
    ("ERROR -ARGUMENTS", "[ERROR 401]", True),
    ("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", False),
    ("-ERROR", "INFO", True),
    ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", True),
    ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR SERVER", False),
    ('"dice \\"hola\\""', 'él dice "hola"', True),
    ('-"no quiero" año', "el año", True),
    ("%AUTHORIZED%", "UNAUTHORIZED REQUEST", True),
    ("%4[0-9][0-9]%", "status 404", True),
    ("%^ERR%", "no ERR", False),
    ("Task_timed", "Task_timed out", True),
]
JSONS = [
    ('{ $.eventType = "UpdateTrail" }', True),
    ('{$.eventType="UpdateTrail"}', True),
    ("{ $.eventType = UpdateTrail }", True),
    ('{ $.eventType = "Update*" }', True),
    ('{ $.eventType = "*Trail*" }', True),
    ("{ $.sourceIPAddress != 123.123.* }", True),
    ("{ $.sourceIPAddress = 111.111.* }", True),
    ('{ $.arrayKey[0] = "value" }', True),
    ('{ $.arrayKey[*] = "another value" }', True),
    ('{ $.arrayKey[5] = "value" }', False),
    ("{ $.objectList[1].id = 2 }", True),
    ("{ $.['cluster.name'] = \"c\" }", True),
    ("{ $['cluster.name'] = \"d\" }", False),
    ("{ $.objectList[*].id > 1 }", True),
    ("{ $.SomeObject IS NULL }", True),
    ("{ $.SomeOtherObject NOT EXISTS }", True),
    ("{ $.SomeObject NOT EXISTS }", False),
    ("{ $.ok IS TRUE }", True),
    ("{ $.ok is false }", False),
    ("{ $.bytes > 1000 }", True),
    ("{ $.bytes >= 1500 && $.bytes < 1501 }", True),
    ("{ $.rate = 1.5e-3 }", True),
    ("{ $.rate = .0015 }", True),
    ('{ ($.eventType = "x" || $.ok IS TRUE) && $.bytes != 7 }', True),
    ('{ $.eventType = "x" || ($.ok IS TRUE && $.bytes = 7) }', False),
    ("{ $['cluster.name'] = c }", True),
    ("{ $.eventType = %^Update% }", True),
    ("{ $.missing = 1 }", False),
    ("{ $.missing != 1 }", False),
    ('{ $.año = "2024" }', True),
]
COLUMNS = [
    ("[ip, server, username, timestamp, request, status_code, bytes > 1000]", True),
    ("[ip, server, username, timestamp, request, status_code = 404, bytes]", True),
    ("[ip, server, username, timestamp, request, status_code = 4*, bytes]", True),
    ("[ip, server, username, timestamp, request = *html*, status_code = 4*, bytes]", True),
    ("[..., status_code = 4*, bytes]", True),
    ("[ip, ..., bytes < 1000]", False),
    ("[ip, ...]", True),
    ("[..., request =*.html*, status_code=4*,]", True),
    ("[a, b]", False),
    ("[ip, server = Prod && server != Dev, ...]", True),
    ("[ip, server = Dev || server = Prod, ...]", True),
    ('[ip, server, username, timestamp, request = "GET /index.html HTTP/1.0", ...]', True),
    ("[ip = %127.0.0.[1-9]%, ...]", True),
]


@pytest.mark.parametrize(("pattern", "message", "fits"), TERMS)
def test_terms(pattern: str, message: str, fits: bool) -> None:
    assert parse_pattern(pattern).matches(message) is fits


@pytest.mark.parametrize(("pattern", "fits"), JSONS)
def test_json(pattern: str, fits: bool) -> None:
    assert parse_pattern(pattern).matches(JSON) is fits
    assert parse_pattern(pattern).matches(f"no JSON {JSON}") is False
    assert parse_pattern(pattern).matches("{broken") is False


@pytest.mark.parametrize(("pattern", "fits"), COLUMNS)
def test_columns(pattern: str, fits: bool) -> None:
    assert parse_pattern(pattern).matches(LINE) is fits


@pytest.mark.parametrize(
    "pattern",
    [
        "a-b", "[a, b", "{ $.a = 1", "{ $.a }", "{ a = 1 }", "{ $.a = }", "{ $.a > x }", "{ $.a = 1 && }", "{ ($.a = 1 }", "{}", "[]",
        "[a = ]", "[..., b, ...]", "%(a)%", "%[%", '"open', "{ $.a = 1 } x", "{" + "(" * 200 + "$.a = 1" + ")" * 200 + "}",
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(AwsError, match="InvalidParameterException: Invalid"):
        parse_pattern(pattern)


def test_values_that_a_pattern_names() -> None:
    assert parse_pattern("[ip, ..., bytes > 1000]").values(LINE) == {"$ip": "127.0.0.1", "$bytes": "1534"}
    assert parse_pattern("{ $.bytes > 1 }").values(JSON) == {"$.bytes": "1500"}
