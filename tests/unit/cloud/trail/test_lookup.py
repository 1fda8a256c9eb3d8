"""LookupEvents over a trail on disk, and the page behind `labkit events`."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.trail.engine import Trail, build_trail
from labkit.cloud.trail.recorder import Recorder
from labkit.cloud.trail.storage import KEPT_S, TrailStorage
from tests.unit.cloud.trail.heard_calls import ACCOUNT, STUDENT, heard

SCOPE = Scope(ACCOUNT, "us-east-1")
# Years ahead: no clock makes these events too old.
T0 = 4_000_000_000


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return build_trail(tmp_path, ACCOUNT, lambda key, account: STUDENT)


def tell(trail: Trail, name: str, at: float = 0.0, **body: Any) -> None:
    call = heard("glue", action=name, body=body)
    call.ended_at = T0 + at
    trail.recorder.heard(call)


def look_up(trail: Trail, scope: Scope = SCOPE, **params: Any) -> dict[str, Any]:
    return trail.routes[("cloudtrail", "LookupEvents")](Call("cloudtrail", "LookupEvents", params, scope))


def names(reply: dict[str, Any]) -> list[str]:
    return [event["EventName"] for event in reply["Events"]]


def by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_the_newest_comes_first_and_pages_meet(trail: Trail) -> None:
    for number in range(7):
        tell(trail, f"DeleteJob{number}", 1_000.0 + number // 2)
    first = look_up(trail, MaxResults=3)
    second = look_up(trail, MaxResults=3, NextToken=first["NextToken"])
    third = look_up(trail, MaxResults=3, NextToken=second["NextToken"])
    assert names(first) + names(second) + names(third) == [f"DeleteJob{number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert "NextToken" not in third
    tell(trail, "DeleteJob7", 2_000.0)
    assert names(look_up(trail, MaxResults=3, NextToken=first["NextToken"])) == names(second)


def test_each_attribute_finds_its_events(trail: Trail) -> None:
    tell(trail, "GetJob", JobName="uno")
    tell(trail, "DeleteJob", JobName="dos")
    event = look_up(trail)["Events"][0]
    assert event["EventName"] == "DeleteJob"
    for key, value, expected in (
        ("EventName", "GetJob", ["GetJob"]),
        ("ReadOnly", "true", ["GetJob"]),
        ("ReadOnly", "False", ["DeleteJob"]),
        ("Username", "student", ["DeleteJob", "GetJob"]),
        ("ResourceName", "dos", ["DeleteJob"]),
        ("ResourceType", "AWS::Glue::Job", ["DeleteJob", "GetJob"]),
        ("EventSource", "glue.amazonaws.com", ["DeleteJob", "GetJob"]),
        ("AccessKeyId", "test", ["DeleteJob", "GetJob"]),
        ("EventId", event["EventId"], ["DeleteJob"]),
        ("ResourceName", "do", []),
        ("ResourceType", "Job", []),
    ):
        assert names(look_up(trail, **by(key, value))) == expected, key
    assert json.loads(event["CloudTrailEvent"])["requestParameters"] == {"jobName": "dos"}
    assert event["Resources"] == [{"ResourceType": "AWS::Glue::Job", "ResourceName": "dos"}]


def test_times_bound_what_is_found_and_regions_are_apart(trail: Trail) -> None:
    for at in (10.0, 20.5, 30.0):
        tell(trail, f"DeleteJob{int(at)}", at)
    assert names(look_up(trail, StartTime=T0 + 20, EndTime=T0 + 20)) == ["DeleteJob20"]
    assert names(look_up(trail, StartTime=T0 + 11)) == ["DeleteJob30", "DeleteJob20"]
    assert look_up(trail, Scope(ACCOUNT, "eu-west-1")) == {"Events": []}
    assert look_up(trail, EventCategory="insight") == {"Events": []}


def test_data_events_do_not_appear(trail: Trail) -> None:
    trail.recorder.heard(heard("s3", "PUT", "/b/k"))
    trail.recorder.heard(heard("lambda", "POST", "/2015-03-31/functions/f/invocations"))
    trail.recorder.note("crawl", SCOPE, "c", "FAILED", reason="r")
    assert look_up(trail) == {"Events": []}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"MaxResults": 0}, "InvalidMaxResultsException"),
        ({"StartTime": 20, "EndTime": 10}, "InvalidTimeRangeException"),
        (by("Nada", "x"), "InvalidLookupAttributesException"),
        (by("EventName", ""), "InvalidLookupAttributesException"),
        (by("ReadOnly", "si"), "InvalidLookupAttributesException"),
        ({"LookupAttributes": by("EventName", "a")["LookupAttributes"] * 2}, "InvalidLookupAttributesException"),
        ({"NextToken": "bm8="}, "InvalidNextTokenException"),
        ({"NextToken": "ñ"}, "InvalidNextTokenException"),
        ({"EventCategory": "otra"}, "InvalidEventCategoryException"),
    ],
)
def test_what_cannot_be_looked_up_is_refused(trail: Trail, params: dict[str, Any], code: str) -> None:
    with pytest.raises(AwsError) as caught:
        look_up(trail, **params)
    assert caught.value.code == code


def test_a_token_goes_with_its_request(trail: Trail) -> None:
    for number in range(3):
        tell(trail, "GetJob", float(number))
    token = look_up(trail, MaxResults=1)["NextToken"]
    with pytest.raises(AwsError, match="InvalidNextTokenException"):
        look_up(trail, NextToken=token, **by("ReadOnly", "true"))


def test_trails_are_refused_by_name(trail: Trail) -> None:
    for name in ("CreateTrail", "StartLogging", "CreateEventDataStore", "StartQuery", "PutInsightSelectors"):
        with pytest.raises(AwsError, match=f"does not carry out cloudtrail:{name}"):
            trail.routes[("cloudtrail", name)](Call("cloudtrail", name, {}, SCOPE))
    assert trail.routes[("cloudtrail", "DescribeTrails")](Call("cloudtrail", "DescribeTrails", {}, SCOPE)) == {
        "trailList": []
    }
    with pytest.raises(AwsError, match="TrailNotFoundException: Unknown trail: x"):
        trail.routes[("cloudtrail", "GetTrailStatus")](Call("cloudtrail", "GetTrailStatus", {"Name": "x"}, SCOPE))


def test_what_waits_is_stored_at_the_stop_and_found_after_a_start(tmp_path: Path) -> None:
    trail = build_trail(tmp_path, ACCOUNT, lambda key, account: STUDENT)
    trail.recorder.start()
    for number in range(2_000):
        tell(trail, "DeleteJob", float(number), JobName=f"j{number}")
    trail.recorder.stop()
    again = build_trail(tmp_path, ACCOUNT, lambda key, account: STUDENT)
    assert names(look_up(again, **by("ResourceName", "j1999"))) == ["DeleteJob"]
    rows = sqlite3.connect(tmp_path / "trail.db").execute("SELECT count(*) FROM happened").fetchone()
    assert rows == (2_000,)


def test_the_oldest_go_when_there_are_too_many_or_they_are_too_old(tmp_path: Path) -> None:
    storage = TrailStorage(tmp_path / "t.db", kept_events=1_500)
    recorder = Recorder(storage, ACCOUNT, lambda key, account: STUDENT)
    for _ in range(4_000):
        recorder.note("crawl", SCOPE, "c")
    recorder.flush()
    kept = storage.select("kind = 'note' ORDER BY position", (), 10_000)
    assert 1_500 <= len(kept) <= 2_500
    assert kept[-1].position == 4_000
    storage.append([], kept[-1].at + KEPT_S + 60)
    storage._since_trim = 10_000
    storage.append([], kept[-1].at + KEPT_S + 60)
    assert storage.select("1 = 1", (), 10) == []


def test_a_call_that_cannot_be_described_stops_no_other(trail: Trail, caplog: pytest.LogCaptureFixture) -> None:
    broken: Any = heard("glue", action="GetJob")
    broken.ended_at = "never"
    trail.recorder.heard(broken)
    tell(trail, "GetJobs")
    assert names(look_up(trail)) == ["GetJobs"]
    assert "could not describe" in caplog.text


def test_a_services_own_call_is_told(trail: Trail) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    trail.recorder.assumed(role, "fn", "ASIAX", SCOPE, "lambda.amazonaws.com")
    record = json.loads(look_up(trail)["Events"][0]["CloudTrailEvent"])
    assert record["userIdentity"] == {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
    assert record["sourceIPAddress"] == "lambda.amazonaws.com"
    assert record["requestParameters"] == {"roleArn": role, "roleSessionName": "fn"}


def test_the_page_gives_calls_and_notes_in_order_and_goes_on_where_it_ended(trail: Trail) -> None:
    tell(trail, "DeleteJob", 1.0)
    tell(trail, "GetJob", 2.0)
    trail.recorder.note("crawl", SCOPE, "c", "FAILED", reason="por qué")
    page = trail.internal["/_labkit/happenings"]
    first = page({"data": True})
    assert [(one["kind"], one.get("resource")) for one in first["happenings"]] == [("call", None), ("crawl", "c")]
    assert first["happenings"][1]["facts"] == {"reason": "por qué"}
    assert page({"after": first["next"]})["happenings"] == []
    tell(trail, "DeleteJob", 3.0)
    assert len(page({"after": first["next"]})["happenings"]) == 1
    assert len(page({"reads": True})["happenings"]) == 4
    (newest,) = page({"newest": 1})["happenings"]
    assert newest["at"] == T0 + 3.0
    (earlier,) = page({"newest": 1, "before": newest["position"]})["happenings"]
    assert earlier["resource"] == "c"
    odd: list[Any] = [
        {"after": "x"},
        {"before": "x"},
        {"after": [1]},
        {"after": float("inf")},
        {"since": {"a": 1}},
        [1],
    ]
    for asked in odd:
        with pytest.raises(AwsError, match="are numbers"):
            page(asked)


def test_who_followed_a_cloud_that_was_reset_sees_the_new_one_from_its_start(trail: Trail) -> None:
    tell(trail, "DeleteJob", 1.0)
    page = trail.internal["/_labkit/happenings"]({"after": 5_000})
    assert len(page["happenings"]) == 1
    assert page["next"] < 5_000
