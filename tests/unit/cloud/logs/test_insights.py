"""Logs Insights: what students type, answered over known events."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.logs.insights import queries
from tests.unit.cloud.logs.conftest import Logs

GROUP = "/aws/lambda/f"
T0 = 1_760_000_100_000  # within a five-minute bin, 2025-10-09
REPORT = (
    "REPORT RequestId: 11111111-2222-3333-4444-555555555555\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 45 MB\tInit Duration: 100.5 ms\t"
)
MESSAGES = [
    "START RequestId: 11111111-2222-3333-4444-555555555555 Version: $LATEST",
    '{"level": "INFO", "ms": 10, "user": {"name": "ñu"}, "tags": ["a", "b"]}',
    '{"level": "ERROR", "ms": 30, "user": {"name": "ana"}}',
    '{"level": "ERROR", "ms": 50.5}',
    "user=ana, id=7 said hola",
    "user=luis, id=9 said adiós",
    REPORT,
]


@pytest.fixture
def ask(logs: Logs) -> Any:
    from labkit.cloud.logs.insights.commands import parse_query
    from labkit.cloud.logs.insights.run import run_query
    from labkit.cloud.logs.storage import Span
    from tests.unit.cloud.logs.conftest import SCOPE

    logs.make(GROUP, "s")
    stream = logs.storage.find_stream(SCOPE, GROUP, "s")
    assert stream is not None
    logs.storage.append(SCOPE, GROUP, stream, [(T0 + n * 60_000, text) for n, text in enumerate(MESSAGES)], T0)

    def run(text: str) -> list[dict[str, str]]:
        span = [Span(0, T0 * 2, backward=True)]
        answer = run_query(logs.storage, SCOPE, [GROUP], span, parse_query(text), None, lambda: False)
        return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in answer.rows]

    return run


def values(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in rows]


def test_without_a_sort_the_newest_come_first_with_time_and_message(ask: Any) -> None:
    rows = ask("limit 2")
    assert rows[0] == {"@timestamp": "2025-10-09 09:01:00.000", "@message": MESSAGES[6]}
    assert rows[1]["@message"] == MESSAGES[5]


def test_the_query_of_every_tutorial(ask: Any) -> None:
    rows = ask("fields @timestamp, @message | filter @message like /ERROR/ | sort @timestamp desc | limit 20")
    assert [row["@message"] for row in rows] == [MESSAGES[3], MESSAGES[2]]


QUERIES = [
    ("stats count(*)", [("7",)]),
    ("stats count(*) by bin(5m)", [("2025-10-09 09:00:00.000", "2"), ("2025-10-09 08:55:00.000", "5")]),
    ("filter ispresent(level) | stats count(*) as n by level | sort n desc", [("ERROR", "2"), ("INFO", "1")]),
    ("stats sum(ms), avg(ms), min(ms), max(ms), count(ms)", [("90.5", "30.1667", "10", "50.5", "3")]),
    ("stats pct(ms, 50), median(ms), stddev(ms)", [("30", "30", "16.5345")]),
    ("stats max(ms) - min(ms) as span", [("40.5",)]),
    ("stats count_distinct(level), earliest(ms), latest(ms)", [("2", "10", "50.5")]),
    ("filter level = 'ERROR' and ms > 40 | fields ms", [("50.5",)]),
    ("filter level = 'ERROR' and not (ms > 40) | fields ms", [("30",)]),
    ("filter level in ['INFO', 'WARN'] | fields ms * 2 + 1 as m", [("21",)]),
    ("filter level not in ['INFO'] and ispresent(level) | stats count(*)", [("2",)]),
    ("filter user.name = 'ñu' | fields user.name, tags.1", [("ñu", "b")]),
    ("filter @message like 'hola' | fields @logStream, @log", [("s", "123456789012:/aws/lambda/f")]),
    ("filter @message not like 'e' | stats count(*)", [("0",)]),
    ("filter @message =~ /(?i)ERROR/ | stats count(*)", [("2",)]),
    ("filter @type = 'REPORT' | fields @duration, @billedDuration, @initDuration, @maxMemoryUsed, @memorySize",
     [("12.34", "13", "100.5", "45000000", "128000000")]),
    ("filter @requestId = '11111111-2222-3333-4444-555555555555' | stats count(*)", [("2",)]),
    ("parse @message 'user=*, id=* said *' as who, id, what | filter ispresent(who) | fields who, id, what | sort id asc",
     [("ana", "7", "hola"), ("luis", "9", "adiós")]),
    ("parse @message /user=(?<who>\\w+), id=(?<id>\\d+)/ | filter id > 7 | fields who", [("luis",)]),
    ("parse /id=(?<id>\\d+)/ | stats sum(id)", [("16",)]),
    ("fields toupper(level) as l, strlen(level) as n | filter l = 'INFO' | display n", [("4",)]),
    ("fields unmask(level) as l | filter l = 'ERROR' | stats count(*) as n by l", [("ERROR", "2")]),
    ("fields coalesce(level, 'none') as l | stats count(*) as n by l | sort l asc", [("ERROR", "2"), ("INFO", "1"), ("none", "4")]),
    ("fields concat(level, '-', ms) as x | filter ms = 10 | display x", [("INFO-10",)]),
    ("filter ispresent(ms) | fields floor(ms / 20) as f, ms % 20 as r | sort ms asc | display f, r",
     [("0", "10"), ("1", "10"), ("2", "10.5")]),
    ("fields substr(@message, 0, 4) as s, replace(s, 'user', 'u') as r | filter s = 'user' | dedup s | display s, r", [("user", "u")]),
    ("filter ispresent(level) | dedup level | fields level | sort level asc", [("ERROR",), ("INFO",)]),
    ("filter @message like /ERROR/ # a comment | stats\n| stats count(*)", [("2",)]),
    ("FIELDS level | FILTER level = 'INFO' | LIMIT 1", [("INFO",)]),
    ("stats count(*) as n by bin(1m) as t | sort t asc | limit 1", [("2025-10-09 08:55:00.000", "1")]),
    ("stats count(*) as n by level | filter n > 1 | stats sum(n)", [("6",)]),
    ("fields `user.name` as u | filter ispresent(u) | stats count(*)", [("2",)]),
    ("filter ms > 5 | fields datefloor(@timestamp, 1h) as h | dedup h | display h", [("2025-10-09 08:00:00.000",)]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rows"), QUERIES)
def test_queries(ask: Any, query: str, rows: list[tuple[str, ...]]) -> None:
    assert values(ask(query)) == rows


def test_texts_are_sorted_by_nature_and_numbers_come_after_them() -> None:
    from labkit.cloud.logs.insights.values import sort_key

    documented = [
        "!:",
        "#",
        "*%04",
        "0#",
        "5A",
        "111A",
        "2345_",
        "@",
        "@_",
        "A",
        "A9876fghj",
        "a12345hfh",
        "0",
        "01",
        "1",
        "2",
    ]
    shuffled = documented[7:] + documented[:7]
    assert sorted(shuffled, key=sort_key) == documented


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("pattern @message", "NotImplemented: labkit's local cloud does not carry out the command pattern"),
        ("fields @message | diff", "does not carry out the command diff"),
        ("nada @message", "MalformedQueryException: unexpected symbol found nada at line 1 and position 1"),
        ("", "MalformedQueryException: the query is empty"),
        ("fields @message | filter", "MalformedQueryException: unexpected end of query"),
        ("fields @message |", "MalformedQueryException: unexpected end of query"),
        ("filter sum(x) > 1", "MalformedQueryException: aggregations belong to stats"),
        ("stats level", "MalformedQueryException: stats needs an aggregation"),
        ("fields nope(x)", "MalformedQueryException: unknown function nope"),
        ("filter @message like /(/", "MalformedQueryException: invalid regular expression"),
        ("limit 0", "MalformedQueryException: limit is a number"),
        ("parse @message 'a * b *' as x", "MalformedQueryException: parse needs as many names"),
        ("stats count(*) by bin(1y)", "MalformedQueryException: labkit's local cloud knows no period 1y"),
        ("fields ~", "MalformedQueryException: unexpected symbol found ~"),
        ("filter " + "(" * 300 + "a" + ")" * 300, "MalformedQueryException: the query is nested too deeply"),
    ],
)
def test_what_is_no_query_is_refused_with_its_place(ask: Any, query: str, words: str) -> None:
    with pytest.raises(AwsError) as caught:
        ask(query)
    assert words in str(caught.value)


def wait(logs: Logs, query: str) -> dict[str, Any]:
    while True:
        found = logs("GetQueryResults", queryId=query)
        if found["status"] != "Running":
            return found


def test_the_calls_from_start_to_record(logs: Logs) -> None:
    logs.make("/g", "s")
    (at,) = logs.put("/g", "s", json.dumps({"n": 1}))
    params = {"startTime": at // 1000 - 5, "endTime": at // 1000 + 5, "queryString": "fields n"}
    query = logs("StartQuery", logGroupNames=["/g"], **params)["queryId"]
    found = wait(logs, query)
    assert (found["status"], found["statistics"]["recordsScanned"]) == ("Complete", 1.0)
    logs.put("/g", "s", *(json.dumps({"n": number}) for number in range(2, 7)))
    more = logs("StartQuery", logGroupNames=["/g"], **{**params, "queryString": "fields n | sort n asc"})["queryId"]
    wait(logs, more)
    first = logs("GetQueryResults", queryId=more, maxItems=4)
    second = logs("GetQueryResults", queryId=more, maxItems=4, nextToken=first["nextToken"])
    assert [row[0]["value"] for row in (*first["results"], *second["results"])] == ["1", "2", "3", "4", "5", "6"]
    assert "nextToken" not in second
    row = {cell["field"]: cell["value"] for cell in found["results"][0]}
    assert row["n"] == "1"
    record = logs("GetLogRecord", logRecordPointer=row["@ptr"])["logRecord"]
    assert (record["n"], record["@message"], record["@logStream"]) == ("1", '{"n": 1}', "s")
    assert [one["queryId"] for one in logs("DescribeQueries", logGroupName="/g")["queries"]] == [more, query]
    with pytest.raises(AwsError, match="is not running"):
        logs("StopQuery", queryId=query)
    for bad, code in (
        ({"logGroupName": "/g", "logGroupNames": ["/g"]}, "InvalidParameterException"),
        ({}, "InvalidParameterException"),
        ({"logGroupName": "/nope"}, "ResourceNotFoundException"),
        ({"logGroupName": "/g", "endTime": 1}, "InvalidParameterException"),
        ({"logGroupName": "/g", "queryLanguage": "SQL"}, "NotImplemented"),
    ):
        with pytest.raises(AwsError) as caught:
            logs("StartQuery", **{**params, **bad})
        assert caught.value.code == code
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        logs("GetQueryResults", queryId="nope")


def test_saved_queries(logs: Logs) -> None:
    made = logs("PutQueryDefinition", name="b", queryString="fields x")["queryDefinitionId"]
    logs("PutQueryDefinition", name="a", queryString="fields y")
    logs("PutQueryDefinition", name="b2", queryString="fields z", queryDefinitionId=made)
    found = logs("DescribeQueryDefinitions")["queryDefinitions"]
    assert [(one["name"], one["queryString"]) for one in found] == [("a", "fields y"), ("b2", "fields z")]
    assert logs("DeleteQueryDefinition", queryDefinitionId=made) == {"success": True}
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        logs("DeleteQueryDefinition", queryDefinitionId=made)


def test_old_answers_go_when_all_hold_too_much(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_KEPT_CELLS", 15)
    logs.make("/g", "s")
    at = logs.put("/g", "s", *(f"line {number}" for number in range(10)))[0] // 1000
    asked = {"logGroupName": "/g", "startTime": at - 5, "endTime": at + 5, "queryString": "fields @message"}
    started = []
    for _ in range(3):
        started.append(logs("StartQuery", **asked)["queryId"])
        assert len(wait(logs, started[-1])["results"]) == 10
    while len(logs("DescribeQueries")["queries"]) > 1:
        time.sleep(0.001)
    with pytest.raises(AwsError, match="Query does not exist"):
        logs("GetQueryResults", queryId=started[0])
    assert len(logs("GetQueryResults", queryId=started[-1])["results"]) == 10
