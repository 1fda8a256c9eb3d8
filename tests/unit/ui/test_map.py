"""The map: how each part stands, where the last event came by, and which parts a change concerns."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from labkit.aws.functions import FunctionState
from labkit.aws.glue_jobs import JobRun
from labkit.aws.invocations import Invocation
from labkit.aws.notifications import Rule
from labkit.aws.pipeline_state import BucketState, FunctionActivity, JobActivity, PipelineState, QueryActivity
from labkit.aws.s3 import S3Object
from labkit.aws.trail import Happening
from labkit.names import Names
from labkit.ui.map_boxes import build_boxes
from labkit.ui.map_journey import trace_journey
from labkit.ui.map_watch import find_parts
from labkit.ui.pipeline_map import PipelineMap

NAMES = Names()
NOON = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)
NOON_MS = int(NOON.timestamp() * 1000)
RULE = Rule(NAMES.function, "arn", ("s3:ObjectCreated:*",), "raw_sales/", ".csv")
KEY = "raw_sales/año 1+2.csv"
FUNCTION = FunctionState("arn", "role", "python3.11", "h", 30, 128, {}, "x")
EMPTY = PipelineState(NOON)


def bucket(*objects: S3Object) -> BucketState:
    return BucketState(len(objects), sum(one.size_bytes for one in objects), True, objects)


def item(key: str, seconds: float = 0.0, where: str = NAMES.raw_bucket) -> S3Object:
    return S3Object(where, key, 10, NOON + timedelta(seconds=seconds))


def invoked(**facts: object) -> FunctionActivity:
    given = {
        "request": "r1",
        "function": NAMES.function,
        "started_ms": NOON_MS + 200,
        "ended_ms": NOON_MS + 260,
        **facts,
    }
    return FunctionActivity(FUNCTION, 1, 0, (Invocation(**given),))  # type: ignore[arg-type]


def run(state: str = "SUCCEEDED", began_s: float = 0.23, arguments: dict[str, str] | None = None) -> JobRun:
    began = NOON + timedelta(seconds=began_s)
    ended = None if state == "RUNNING" else began + timedelta(seconds=5)
    return JobRun("jr_" + "0a" * 20, NAMES.job, state, began, ended, 5, "", arguments or {}, 2.0)


ARRIVED = replace(EMPTY, raw=bucket(item(KEY)), rules=(RULE,))


def test_what_does_not_exist_is_missing_and_nothing_else_is_said_of_it() -> None:
    boxes = build_boxes(EMPTY, NAMES)
    assert len(boxes) == 11
    assert {(box.chip.word, box.chip.tone, box.counts) for box in boxes.values()} == {("falta", "idle", "")}


def test_a_part_that_may_not_be_read_is_not_called_missing() -> None:
    state = replace(EMPTY, problems={"job": "AccessDeniedException: not authorized"})
    assert build_boxes(state, NAMES)["job"].chip.word == "no se pudo leer"
    assert "AccessDeniedException: not authorized" in repr(PipelineMap(state, NAMES))


def test_a_job_is_running_then_ready_then_failed() -> None:
    stands = [
        build_boxes(replace(EMPTY, job=JobActivity((run(state), run("SUCCEEDED", -60)), True)), NAMES)["job"].chip
        for state in ("RUNNING", "SUCCEEDED", "FAILED")
    ]
    assert [(chip.word, chip.tone) for chip in stands] == [
        ("en marcha", "run"),
        ("listo", "good"),
        ("lo último falló", "bad"),
    ]


def test_an_invocation_without_an_end_runs_only_as_long_as_it_may() -> None:
    going = invoked(ended_ms=None)
    during = replace(EMPTY, function=going, at=NOON + timedelta(seconds=10))
    after = replace(EMPTY, function=going, at=NOON + timedelta(seconds=60))
    assert build_boxes(during, NAMES)["function"].chip.tone == "run"
    assert build_boxes(after, NAMES)["function"].chip.tone == "good"


def test_a_failed_query_shows() -> None:
    state = replace(EMPTY, queries=QueryActivity(3, True, "FAILED", NOON, 0))
    assert build_boxes(state, NAMES)["queries"].chip.tone == "bad"


def test_the_event_is_followed_by_what_the_function_says() -> None:
    state = replace(
        ARRIVED,
        function=invoked(lines=[f"started {run().id} for ['s3://{NAMES.raw_bucket}/{KEY}']"]),
        job=JobActivity((run(began_s=30),), True),
        processed=bucket(
            item("sales/x.parquet", 33, NAMES.processed_bucket), item("sales/old.parquet", -99, NAMES.processed_bucket)
        ),
    )
    stops = trace_journey(state)
    assert [stop.part for stop in stops] == ["raw", "function", "job", "processed"]
    assert stops[0].what == f"s3://{NAMES.raw_bucket}/{KEY}"
    assert stops[3].detail == "objetos nuevos: 1"


def test_a_function_that_says_nothing_is_followed_by_time() -> None:
    state = replace(ARRIVED, function=invoked(), job=JobActivity((run("RUNNING"),), True))
    assert [(stop.part, stop.chip.tone) for stop in trace_journey(state)] == [
        ("raw", "good"),
        ("function", "good"),
        ("job", "run"),
    ]


def test_a_run_that_somebody_else_started_is_no_part_of_it() -> None:
    state = replace(ARRIVED, function=invoked(), job=JobActivity((run(began_s=9),), True))
    assert [stop.part for stop in trace_journey(state)] == ["raw", "function"]


def test_an_invocation_about_another_object_or_before_it_is_no_part_of_it() -> None:
    other = replace(ARRIVED, function=invoked(lines=["started x for s3://otro/b.csv"]))
    before = replace(ARRIVED, function=invoked(started_ms=NOON_MS - 5000))
    assert [stop.part for stop in trace_journey(other)] == ["raw"]
    assert [stop.part for stop in trace_journey(before)] == ["raw"]


def test_an_object_that_no_rule_takes_is_not_the_last_event() -> None:
    state = replace(ARRIVED, raw=bucket(item("notas.txt", 60), item(KEY)))
    assert trace_journey(state)[0].what.endswith(KEY)


def test_the_picture_has_a_name_and_says_states_in_words() -> None:
    html = PipelineMap(ARRIVED, NAMES)._repr_html_()
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert 'role="img" aria-label="Mapa: bucket sin procesar' in svg
    assert svg.count("○ falta") == 9
    assert "✓ listo" in svg
    assert not re.search(r"\bid=|href|url\(", svg)


def test_hostile_names_stay_text() -> None:
    names = Names(job='<script>"x"')
    html = PipelineMap(replace(EMPTY, raw=bucket(item("raw_sales/<b>.csv")), rules=(RULE,)), names)._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html


def test_a_stopped_cloud_is_said_with_what_to_do() -> None:
    told = repr(PipelineMap(replace(EMPTY, unreachable="connection refused"), NAMES))
    assert "✗ la nube no responde" in told
    assert "labkit up" in told


def test_only_what_may_have_changed_is_read_again() -> None:
    def call(source: str) -> Happening:
        return Happening(0.0, "call", "us-east-1", {"eventSource": f"{source}.amazonaws.com"})

    assert find_parts([]) == frozenset()
    assert find_parts([call("s3")]) == {"raw", "processed", "rules"}
    assert find_parts([call("iam"), Happening(0.0, "query", "us-east-1")]) == {
        "glue_role",
        "lambda_role",
        "queries",
        "tables",
        "processed",
    }
    assert find_parts([call("kms")]) == frozenset()
