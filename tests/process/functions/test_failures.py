from __future__ import annotations

import json
import time
from typing import Any

import pytest


def error_of(reply: Any) -> dict[str, Any]:
    assert reply.function_error == "Unhandled"
    assert reply.status == 200
    return json.loads(reply.payload)


def test_an_exception_becomes_awss_error_document_and_log_record(lab: Any) -> None:
    lab.add("def inner():\n    raise ValueError('año')\n\ndef lambda_handler(e, c):\n    inner()\n")
    reply = lab.invoke()
    assert error_of(reply) == {
        "errorMessage": "año",
        "errorType": "ValueError",
        "requestId": reply.request_id,
        "stackTrace": [
            '  File "/var/task/lambda_function.py", line 5, in lambda_handler\n    inner()\n',
            "  File \"/var/task/lambda_function.py\", line 2, in inner\n    raise ValueError('año')\n",
        ],
    }
    record = next(message for _, _, message in lab.logs.events if message.startswith("[ERROR]"))
    assert record.startswith(
        '[ERROR] ValueError: año\nTraceback (most recent call last):\n\u00a0\u00a0File "/var/task/lambda_function.py"'
    )


def test_a_function_error_keeps_the_worker(lab: Any) -> None:
    lab.add("import os\ndef lambda_handler(e, c):\n    if e: raise KeyError(os.getpid())\n    return os.getpid()\n")
    pid = json.loads(lab.invoke().payload)
    assert error_of(lab.invoke(payload=b'{"a": 1}'))["errorMessage"] == str(pid)
    assert json.loads(lab.invoke().payload) == pid


@pytest.mark.parametrize(
    ("files", "handler", "kind", "message"),
    [
        (
            {"other.py": ""},
            "lambda_function.lambda_handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'lambda_function': No module named 'lambda_function'",
        ),
        (
            {"lambda_function.py": "x = 1"},
            "lambda_function.lambda_handler",
            "Runtime.HandlerNotFound",
            "Handler 'lambda_handler' missing on module 'lambda_function'",
        ),
        (
            {"lambda_function.py": "def lambda_handler(e, c)\n    return 1"},
            "lambda_function.lambda_handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'lambda_function': expected ':' (lambda_function.py, line 1)",
        ),
        (
            {"lambda_function.py": "def lambda_handler(e, c):\nreturn 1"},
            "lambda_function.lambda_handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'lambda_function': expected an indented block after function definition on line 1",
        ),
        (
            {"lambda_function.py": ""},
            "nodot",
            "Runtime.MalformedHandlerName",
            "Bad handler 'nodot': not enough values to unpack (expected 2, got 1)",
        ),
        (
            {"lambda_function.py": "import os\nNAME = os.environ['GLUE_JOB_NAME']"},
            "lambda_function.lambda_handler",
            "KeyError",
            "'GLUE_JOB_NAME'",
        ),
    ],
)
def test_a_function_that_does_not_load(lab: Any, files: dict[str, str], handler: str, kind: str, message: str) -> None:
    lab.add(files, handler=handler)
    reply = lab.invoke()
    error = error_of(reply)
    assert error["errorType"] == kind
    assert error["errorMessage"].startswith(message)
    assert error["requestId"] == reply.request_id
    assert f"[ERROR] {kind}: {message}" in lab.logs.text
    assert f"END RequestId: {reply.request_id}" in lab.logs.text


def test_sys_exit_ends_the_worker_and_is_an_exit_error(lab: Any) -> None:
    lab.add("import sys\ndef lambda_handler(e, c):\n    print('bye')\n    sys.exit(e['code'])\n")
    reply = lab.invoke(payload=b'{"code": 3}')
    words = f"RequestId: {reply.request_id} Error: Runtime exited with error: exit status 3"
    assert error_of(reply) == {"errorType": "Runtime.ExitError", "errorMessage": words}
    assert "bye\n" in lab.logs.text
    assert f"{words}\nRuntime.ExitError\n" in lab.logs.text
    assert "Runtime exited without providing a reason" in error_of(lab.invoke(payload=b'{"code": 0}'))["errorMessage"]


def test_a_crash_is_an_exit_error_with_its_signal(lab: Any) -> None:
    lab.add("import os, signal\ndef lambda_handler(e, c):\n    os.kill(os.getpid(), signal.SIGSEGV)\n")
    assert "signal: segmentation fault" in error_of(lab.invoke())["errorMessage"]


def test_a_response_that_is_not_json_is_a_marshal_error(lab: Any) -> None:
    lab.add("import datetime\ndef lambda_handler(e, c):\n    return datetime.datetime.now()\n")
    error = error_of(lab.invoke())
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"] == "Unable to marshal response: Object of type datetime is not JSON serializable"


def test_a_response_over_6_mb_is_refused(lab: Any) -> None:
    lab.add("def lambda_handler(e, c):\n    return 'x' * e\n")
    assert lab.invoke(payload=b"6000000").function_error is None
    assert error_of(lab.invoke(payload=b"6300000"))["errorType"] == "Function.ResponseSizeTooLarge"


def test_timeout_kills_the_worker(lab: Any) -> None:
    lab.add(
        "import os, time\nprint('pid', os.getpid())\ndef lambda_handler(e, c):\n    print('in')\n    time.sleep(60)\n",
        timeout_s=1,
    )
    began = time.monotonic()
    reply = lab.invoke()
    assert 1 <= time.monotonic() - began < 4
    words = "Task timed out after 1.00 seconds"
    assert error_of(reply) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {reply.request_id} Error: {words}",
    }
    assert f"{reply.request_id} {words}\n" in lab.logs.text
    assert "in\n" in lab.logs.text
    report = next(message for _, _, message in lab.logs.events if message.startswith("REPORT"))
    assert "\tDuration: 1000.00 ms\t" in report
    assert report.endswith("\tStatus: timeout\t\n")
    lab.invoke()
    assert len(set(pids(lab))) == 2


def pids(lab: Any) -> list[str]:
    return [message.split()[1] for _, _, message in lab.logs.events if message.startswith("pid ")]


@pytest.mark.parametrize("ending", ["time.sleep(20)", "return 1"])
def test_memory_over_the_limit_kills_the_worker(lab: Any, ending: str) -> None:
    lab.add(
        f"import time\ndef lambda_handler(e, c):\n    b = bytearray(300_000_000)\n    b[::4096] = b'x' * len(b[::4096])\n    {ending}\n",
        timeout_s=15,
    )
    error = error_of(lab.invoke())
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB" in lab.logs.text
    assert "Runtime.OutOfMemory" in lab.logs.text


def test_the_same_allocation_fits_a_bigger_function(lab: Any) -> None:
    lab.add(
        "def lambda_handler(e, c):\n    b = bytearray(300_000_000)\n    b[::4096] = b'x' * len(b[::4096])\n    return len(b)\n",
        memory_mb=512,
        timeout_s=15,
    )
    assert lab.invoke().payload == b"300000000"
