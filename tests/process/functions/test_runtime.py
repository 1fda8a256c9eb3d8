"""What AWS's Python runtime does, detail by detail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.functions.configuration import LogSettings


def error_of(reply: Any) -> dict[str, Any]:
    assert reply.function_error == "Unhandled"
    return json.loads(reply.payload)


def documents(lab: Any) -> list[dict[str, Any]]:
    return [json.loads(message) for _, _, message in lab.logs.events if message.startswith("{")]


JSON_CODE = """
import logging
log = logging.getLogger("sales")
def lambda_handler(e, c):
    log.info("read %s rows", 3, extra={"bucket": "raw"})
    log.debug("not shown")
    print("plain")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("bad row")
    if e:
        raise ValueError("año")
"""


def test_json_logs_hold_the_platforms_lines_and_the_loggers_records(lab: Any) -> None:
    lab.add(JSON_CODE, logging=LogSettings("JSON"))
    reply = lab.invoke()
    start, first, second, report = [one for one in documents(lab) if one.get("type") != "platform.initStart"]
    assert (start["type"], start["record"]) == ("platform.start", {"requestId": reply.request_id, "version": "$LATEST"})
    assert (first["level"], first["message"], first["logger"], first["bucket"]) == (
        "INFO",
        "read 3 rows",
        "sales",
        "raw",
    )
    assert first["requestId"] == reply.request_id
    assert (second["errorType"], second["errorMessage"]) == ("ZeroDivisionError", "division by zero")
    assert second["stackTrace"][0].startswith('  File "/var/task/lambda_function.py", line 9, in lambda_handler')
    assert second["location"] == "/var/task/lambda_function.py:lambda_handler:11"
    assert report["type"] == "platform.report"
    assert report["record"]["status"] == "success"
    assert set(report["record"]["metrics"]) == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }
    assert "plain\n" in lab.logs.text


def test_a_json_log_tells_of_an_exception_nobody_caught(lab: Any) -> None:
    lab.add(JSON_CODE, logging=LogSettings("JSON"))
    reply = lab.invoke(payload=b'{"a": 1}')
    raised, done, report = documents(lab)[-3:]
    assert done["type"] == "platform.runtimeDone"  # at WARN, since it failed
    assert (raised["level"], raised["errorType"], raised["errorMessage"]) == ("ERROR", "ValueError", "año")
    assert raised["requestId"] == reply.request_id
    assert (report["record"]["status"], report["record"]["errorType"]) == ("error", "ValueError")


def test_levels_leave_out_what_is_below_them(lab: Any) -> None:
    lab.add(JSON_CODE, logging=LogSettings("JSON", None, "ERROR", "WARN"))
    lab.invoke()
    assert [one["message"] for one in documents(lab)] == ["bad row"]


def test_system_logs_at_debug_tell_of_every_phase(lab: Any) -> None:
    lab.add("def lambda_handler(e, c): pass\n", logging=LogSettings("JSON", None, "INFO", "DEBUG"))
    lab.invoke()
    kinds = [one["type"].partition(".")[2] for one in documents(lab)]
    assert kinds == ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"]


def test_a_group_of_ones_own_names_the_function_in_its_streams(lab: Any) -> None:
    lab.add("def lambda_handler(e, c): return c.log_group_name\n", logging=LogSettings("Text", "/lab/all"))
    assert json.loads(lab.invoke().payload) == "/lab/all"
    groups = {(group, stream.split("/")[3].split("[")[0]) for group, stream, _ in lab.logs.events}
    assert groups == {("/lab/all", "fn")}


def test_a_failed_initialisation_is_reported(lab: Any) -> None:
    lab.add("raise RuntimeError('no table')\n")
    error = error_of(lab.invoke())
    assert (error["errorType"], error["errorMessage"]) == ("RuntimeError", "no table")
    assert (
        error["stackTrace"][-1]
        == "  File \"/var/task/lambda_function.py\", line 1, in <module>\n    raise RuntimeError('no table')\n"
    )
    assert error["stackTrace"][0].startswith('  File "/var/lang/lib/python3.')
    (line,) = [message for _, _, message in lab.logs.events if message.startswith("INIT_REPORT")]
    assert "\tPhase: init\tStatus: error\tError Type: RuntimeError" in line
    report = lab.logs.text.rpartition("REPORT RequestId")[2]
    assert "Init Duration" not in report
    assert "Status: error\tError Type: RuntimeError" in report


def test_a_module_that_exits_is_an_exit_error(lab: Any) -> None:
    lab.add("import sys\nsys.exit(2)\n")
    assert error_of(lab.invoke())["errorMessage"].endswith("Error: Runtime exited with error: exit status 2")


def test_a_built_in_module_is_no_handler(lab: Any) -> None:
    lab.add("def exit(e, c): pass\n", handler="sys.exit")
    error = error_of(lab.invoke())
    assert error["errorType"] == "Runtime.BuiltInModuleConflict"
    assert error["errorMessage"] == "Cannot use built-in module sys as a handler module"


@pytest.mark.parametrize(
    ("result", "payload"),
    [
        ("b'raw'", b"raw"),
        ("float('nan')", b"NaN"),
        ("(1, {2: None})", b'[1, {"2": null}]'),
        ("__import__('decimal').Decimal('1.5')", b"1.5"),
        ("'año'", '"año"'.encode()),
    ],
)
def test_answers(lab: Any, result: str, payload: bytes) -> None:
    lab.add(f"def lambda_handler(e, c):\n    return {result}\n", runtime="python3.12")
    assert lab.invoke().payload == payload


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("async def lambda_handler(e, c):\n    return 1\n", "Object of type coroutine is not JSON serializable"),
        ("def lambda_handler(e, c):\n    yield 1\n", "Object of type generator is not JSON serializable"),
        (
            "def lambda_handler(e, c):\n    return {(1, 2): 3}\n",
            "keys must be str, int, float, bool or None, not tuple",
        ),
        ("def lambda_handler(e, c):\n    return {1, 2}\n", "Object of type set is not JSON serializable"),
    ],
)
def test_answers_that_are_no_json(lab: Any, code: str, words: str) -> None:
    lab.add(code)
    error = error_of(lab.invoke())
    assert (error["errorType"], error["errorMessage"]) == (
        "Runtime.MarshalError",
        f"Unable to marshal response: {words}",
    )
    assert error["stackTrace"] == []


def test_the_context_of_a_mobile_caller(lab: Any) -> None:
    import base64

    told = {"custom": {"a": 1}, "env": {"b": 2}, "client": {"app_title": "lab"}, "w3c": {"traceparent": "00-1"}}
    seen = "c.client_context.custom, c.client_context.env, c.client_context.client.app_title, c.w3c()"
    lab.add(f"def lambda_handler(e, c):\n    return [{seen}]\n")
    context = base64.b64encode(json.dumps(told).encode()).decode()
    assert json.loads(lab.invoke(ClientContext=context).payload) == [{"a": 1}, {"b": 2}, "lab", {"traceparent": "00-1"}]


def test_a_traced_function_is_sampled(lab: Any) -> None:
    lab.add("import os\ndef lambda_handler(e, c):\n    return os.environ['_X_AMZN_TRACE_ID']\n", traced=True)
    trace = json.loads(lab.invoke().payload)
    assert ";Sampled=1;" in trace
    root = trace.split(";")[0].removeprefix("Root=")
    assert f"\nXRAY TraceId: {root}\tSegmentId: " in lab.logs.text
    assert "\tSampled: true\t" in lab.logs.text


def test_a_temporary_folder_over_its_size_is_told(lab: Any) -> None:
    code = """
import tempfile
def lambda_handler(e, c):
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.truncate(600 << 20)
"""
    lab.add(code)
    lab.invoke()
    assert "[labkit] The temporary folder holds 600 MB; on AWS this function has 512 MB in /tmp" in lab.logs.text


def test_a_role_without_log_permissions_leaves_no_log(lab: Any) -> None:
    lab.denied.add("logs:PutLogEvents")
    lab.add("def lambda_handler(e, c):\n    print('secret')\n")
    assert lab.invoke(LogType="Tail").log_result
    assert lab.logs.events == []


def test_a_role_that_trusts_lambda_no_more_ends_the_next_cold_start(lab: Any) -> None:
    lab.add("def lambda_handler(e, c): return 1\n")
    lab.trusted = False
    with pytest.raises(AwsError) as caught:
        lab.invoke()
    assert (caught.value.code, caught.value.status) == ("AccessDeniedException", 403)
    assert caught.value.message == "The role defined for the function cannot be assumed by Lambda."


def test_metrics_count_what_happened(lab: Any) -> None:
    lab.add("def lambda_handler(e, c):\n    if e: raise ValueError\n")
    lab.invoke()
    lab.invoke(payload=b'{"a": 1}')
    assert lab.metrics.total("Invocations", FunctionName="fn") == 2
    assert lab.metrics.total("Errors", FunctionName="fn", Resource="fn") == 1
    assert lab.metrics.total("Duration") > 0
    lab.add("def lambda_handler(e, c): pass\n", reserved_concurrency=0)
    with pytest.raises(AwsError) as caught:
        lab.invoke()
    assert caught.value.fields["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert (lab.metrics.total("Throttles", FunctionName="fn"), lab.metrics.total("Invocations", FunctionName="fn")) == (
        1,
        2,
    )
