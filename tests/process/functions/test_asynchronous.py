from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labkit.cloud.functions.asynchronous import KIND
from labkit.cloud.functions.configuration import AsyncPolicy

NOTE = """
import json, pathlib
def lambda_handler(event, context):
    with open(event["file"], "a") as out:
        out.write(context.aws_request_id + chr(10))
    if event.get("fail"):
        raise RuntimeError("no")
"""


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def waiting(lab: Any) -> int:
    return len(lab.documents.list(KIND))


def test_an_event_is_accepted_at_once_and_run_later(lab: Any, tmp_path: Path) -> None:
    lab.add(NOTE)
    out = tmp_path / "out"
    reply = lab.invoke(payload=json.dumps({"file": str(out)}).encode(), InvocationType="Event")
    assert (reply.status, reply.payload) == (202, b"")
    lab.wait_for(lambda: waiting(lab) == 0)
    assert lines(out) == [reply.request_id]


def test_a_failing_event_is_tried_three_times_with_one_request_id_and_told_in_the_log(lab: Any, tmp_path: Path) -> None:
    lab.add(NOTE)
    out = tmp_path / "out"
    reply = lab.invoke(payload=json.dumps({"file": str(out), "fail": 1}).encode(), InvocationType="Event")
    lab.wait_for(lambda: waiting(lab) == 0)
    assert lines(out) == [reply.request_id] * 3
    assert f"Event {reply.request_id} was discarded after 3 attempts (RetriesExhausted)" in lab.logs.text


def test_the_number_of_retries_is_the_functions(lab: Any, tmp_path: Path) -> None:
    lab.add(NOTE, asynchronous=AsyncPolicy(retries=0))
    out = tmp_path / "out"
    lab.invoke(payload=json.dumps({"file": str(out), "fail": 1}).encode(), InvocationType="Event")
    lab.wait_for(lambda: waiting(lab) == 0)
    assert len(lines(out)) == 1


def test_an_event_too_old_for_its_retry_is_discarded(lab: Any, tmp_path: Path) -> None:
    lab.add(NOTE, asynchronous=AsyncPolicy(max_age_s=60))
    out = tmp_path / "out"
    lab.invoke(payload=json.dumps({"file": str(out), "fail": 1}).encode(), InvocationType="Event")
    lab.wait_for(lambda: waiting(lab) == 0)
    assert len(lines(out)) == 2
    assert "(EventAgeExceeded)" in lab.logs.text


def test_an_event_survives_a_stop_between_put_and_delivery(lab: Any, tmp_path: Path) -> None:
    lab.add(NOTE)
    out = tmp_path / "out"
    lab.engine.stop()
    lab.engine = lab.new_engine()  # accepts, but was not started: as if the cloud had died right after the put
    request_id = lab.engine.invoke_async("fn", json.dumps({"file": str(out)}), lab.functions["fn"].scope)
    assert waiting(lab) == 1
    assert lines(out) == []
    lab.engine.stop()
    lab.engine = lab.new_engine()
    lab.engine.start()
    lab.wait_for(lambda: waiting(lab) == 0)
    assert lines(out) == [request_id]


def test_an_event_cut_off_by_a_stop_is_delivered_again(lab: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = f"""
import time
def lambda_handler(event, context):
    open({str(out)!r}, "a").write("x" + chr(10))
    time.sleep(2)
    open({str(out)!r}, "a").write("done" + chr(10))
"""
    lab.add(code)
    lab.engine.invoke_async("fn", "{}", lab.functions["fn"].scope)
    lab.wait_for(lambda: lines(out) == ["x"])
    lab.engine.stop()
    assert waiting(lab) == 1
    lab.engine = lab.new_engine()
    lab.engine.start()
    lab.wait_for(lambda: waiting(lab) == 0)
    assert lines(out) == ["x", "x", "done"]


def test_throttled_events_wait_instead_of_being_lost(lab: Any, tmp_path: Path) -> None:
    lab.add(NOTE, reserved_concurrency=1)
    out = tmp_path / "out"
    for _ in range(12):
        lab.invoke(payload=json.dumps({"file": str(out)}).encode(), InvocationType="Event")
    lab.wait_for(lambda: waiting(lab) == 0)
    assert len(set(lines(out))) == 12


def test_a_loop_of_a_function_on_itself_is_stopped_after_16_runs(lab: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = f"import os\ndef lambda_handler(e, c):\n    open({str(out)!r}, 'a').write(os.environ['_X_AMZN_TRACE_ID'] + chr(10))\n"
    spec = lab.add(code)
    lab.engine.invoke_async("fn", "{}", spec.scope)
    for run in range(1, 20):
        lab.wait_for(lambda: waiting(lab) == 0)
        found = lines(out)
        if len(found) < run:
            break
        lab.engine.invoke_async("fn", "{}", spec.scope, trace=found[-1])
    assert len(lines(out)) == 16
