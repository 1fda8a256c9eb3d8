from __future__ import annotations

import base64
import json
import re
import sys
from typing import Any

import pytest

from labkit.cloud.call import AwsError

ECHO = "def lambda_handler(event, context):\n    return event\n"


def answer(reply: Any) -> Any:
    return json.loads(reply.payload)


def test_a_handler_really_runs_and_its_answer_comes_back(lab: Any) -> None:
    lab.add("def lambda_handler(event, context):\n    return {'sum': sum(event['n'])}\n")
    reply = lab.invoke(payload=b'{"n": [1, 2, 39]}')
    assert (reply.status, answer(reply), reply.function_error, reply.executed_version) == (
        200,
        {"sum": 42},
        None,
        "$LATEST",
    )


def test_the_log_has_start_output_end_and_report(lab: Any) -> None:
    lab.add("print('importing')\ndef lambda_handler(event, context):\n    print('hola', 'ñ')\n    return 1\n")
    lab.invoke()
    lines = [message for _, _, message in lab.logs.events]
    request_id = re.search(r"RequestId: ([0-9a-f-]{36})", lab.logs.text).group(1)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert lines[0].startswith("INIT_START Runtime Version: python:")
    assert [line for line in lines if "[labkit]" not in line][1:5] == [
        "importing\n",
        f"START RequestId: {request_id} Version: $LATEST\n",
        "hola ñ\n",
        f"END RequestId: {request_id}\n",
    ]
    report = lines[-1]
    pattern = (
        r"REPORT RequestId: \S+\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: (\d+) MB\tInit Duration: ([\d.]+) ms\t\n"
    )
    duration, billed, memory, init = re.fullmatch(pattern, report).groups()
    assert int(billed) >= float(duration) + float(init)
    assert 5 < int(memory) < 128
    assert ("[labkit]" in lab.logs.text) == (version != "python3.11")
    group, stream, _ = lab.logs.events[0]
    assert group == "/aws/lambda/fn"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)


def test_a_warm_worker_serves_again_in_the_same_stream_without_init(lab: Any) -> None:
    lab.add(
        "import os\nCALLS = []\ndef lambda_handler(e, c):\n    CALLS.append(1)\n    return [os.getpid(), len(CALLS)]\n"
    )
    first, second = answer(lab.invoke()), answer(lab.invoke())
    assert second == [first[0], 2]
    assert len({stream for _, stream, _ in lab.logs.events}) == 1
    assert lab.logs.text.count("Init Duration") == 1


def test_new_code_or_configuration_gets_a_new_worker(lab: Any) -> None:
    lab.add("def lambda_handler(e, c):\n    return 'old'\n")
    assert answer(lab.invoke()) == "old"
    lab.add("def lambda_handler(e, c):\n    return 'new'\n")
    assert answer(lab.invoke()) == "new"
    lab.add("import os\ndef lambda_handler(e, c):\n    return os.environ.get('MODE')\n")
    assert answer(lab.invoke()) is None
    lab.add("import os\ndef lambda_handler(e, c):\n    return os.environ.get('MODE')\n", environment={"MODE": "x"})
    assert answer(lab.invoke()) == "x"


def test_the_context_has_all_that_aws_gives(lab: Any) -> None:
    code = """
import time
def lambda_handler(event, context):
    names = ["aws_request_id", "log_group_name", "log_stream_name", "function_name", "function_version",
             "invoked_function_arn", "memory_limit_in_mb", "tenant_id"]
    found = {name: getattr(context, name) for name in names}
    found["custom"] = context.client_context.custom
    found["cognito"] = context.identity.cognito_identity_id
    before = context.get_remaining_time_in_millis()
    time.sleep(0.05)
    found["left"] = [before, context.get_remaining_time_in_millis()]
    return found
"""
    lab.add(code, memory_mb=256, timeout_s=9)
    client_context = base64.b64encode(json.dumps({"custom": {"clase": 1}}).encode()).decode()
    reply = lab.invoke(Qualifier="prod", ClientContext=client_context)
    context = answer(reply)
    assert context["aws_request_id"] == reply.request_id
    assert context["memory_limit_in_mb"] == "256"
    assert context["invoked_function_arn"] == "arn:aws:lambda:us-east-1:123456789012:function:fn:prod"
    assert context["function_version"] == "$LATEST"
    assert context["log_stream_name"] == lab.logs.events[0][1]
    assert context["custom"] == {"clase": 1}
    assert context["cognito"] is None
    assert context["tenant_id"] is None
    before, after = context["left"]
    assert 8000 < after < before - 40 < 9000


def test_the_environment_is_the_functions_and_nothing_of_this_machine(lab: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("MY_SECRET", "do not leak")
    lab.add(
        "import os\ndef lambda_handler(e, c):\n    return dict(os.environ)\n",
        environment={"GLUE_JOB_NAME": "bsg-glue-etl-job"},
    )
    found = answer(lab.invoke())
    assert found["GLUE_JOB_NAME"] == "bsg-glue-etl-job"
    assert found["AWS_ACCESS_KEY_ID"] == "AKIAROLE"
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == "fn"
    assert found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert found["_HANDLER"] == "lambda_function.lambda_handler"
    assert found["TZ"] == ":UTC"
    assert "MY_SECRET" not in found


def test_only_what_aws_provides_can_be_imported(lab: Any) -> None:
    lab.add(
        "import boto3, botocore, dateutil\ndef lambda_handler(e, c):\n    return boto3.__name__\n", name="with_boto3"
    )
    lab.add("import pandas\ndef lambda_handler(e, c):\n    return 1\n", name="with_pandas")
    assert answer(lab.invoke("with_boto3")) == "boto3"
    error = answer(lab.invoke("with_pandas"))
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == "Unable to import module 'lambda_function': No module named 'pandas'"


def test_the_functions_own_boto3_wins_over_the_provided_one(lab: Any) -> None:
    lab.add(
        {
            "lambda_function.py": "import boto3\ndef lambda_handler(e, c):\n    return boto3.MARK\n",
            "boto3/__init__.py": "MARK = 7",
        }
    )
    assert answer(lab.invoke()) == 7


def test_layers_are_importable_and_later_ones_win(lab: Any) -> None:
    from dataclasses import replace

    spec = lab.add("import shared\ndef lambda_handler(e, c):\n    return shared.WHO\n")
    conftest_zip = type(spec.code)
    first = _zip(conftest_zip, {"python/shared.py": "WHO = 'first'"})
    second = _zip(conftest_zip, {"python/shared.py": "WHO = 'second'"})
    lab.functions["fn"] = replace(spec, layers=(first, second))
    assert answer(lab.invoke()) == "second"


def _zip(archive_type: Any, files: dict[str, str]) -> Any:
    import hashlib
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return archive_type(hashlib.sha256(buffer.getvalue()).hexdigest(), buffer.getvalue())


def test_logging_has_the_format_of_aws(lab: Any) -> None:
    code = """
import logging
logger = logging.getLogger()
logger.setLevel("INFO")
def lambda_handler(event, context):
    logger.info("two\\nlines")
    logging.getLogger("other").debug("not shown")
"""
    lab.add(code)
    reply = lab.invoke()
    records = [message for _, _, message in lab.logs.events if message.startswith("[INFO]")]
    assert len(records) == 1
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(rf"\[INFO\]\t{stamp}\t{reply.request_id}\ttwo\nlines\n", records[0])
    assert "not shown" not in lab.logs.text


def test_log_tail_is_returned_when_asked_for(lab: Any) -> None:
    lab.add("def lambda_handler(e, c):\n    print('x' * 6000)\n    print('the end')\n")
    assert lab.invoke().log_result is None
    tail = base64.b64decode(lab.invoke(LogType="Tail").log_result)
    assert len(tail) == 4096
    assert b"the end\nEND RequestId" in tail


def test_output_of_c_code_and_of_children_reaches_the_log(lab: Any) -> None:
    lab.add(
        "import os, subprocess\ndef lambda_handler(e, c):\n    os.write(1, b'raw\\n')\n    subprocess.run(['echo', 'child'])\n"
    )
    lab.invoke()
    assert "raw\n" in lab.logs.text
    assert "child\n" in lab.logs.text


def test_a_function_in_a_folder_and_decimals_and_unicode(lab: Any) -> None:
    code = "from decimal import Decimal\ndef run(e, c):\n    return {'a': Decimal('1.5'), 'b': Decimal(2), 'ñ': 'á'}\n"
    lab.add({"src/app/main.py": code}, handler="src/app/main.run", runtime="python3.12")
    assert lab.invoke().payload.decode() == '{"a": 1.5, "b": 2, "ñ": "á"}'


def test_dry_run_runs_nothing(lab: Any) -> None:
    lab.add("raise RuntimeError('must not be imported')\n")
    assert lab.invoke(InvocationType="DryRun").status == 204
    assert lab.logs.events == []


def test_reserved_concurrency_zero_refuses(lab: Any) -> None:
    lab.add(ECHO, reserved_concurrency=0)
    with pytest.raises(AwsError, match="TooManyRequestsException") as caught:
        lab.invoke()
    assert caught.value.status == 429


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"runtime": "nodejs20.x"}, "InvalidRuntimeException", "nodejs20.x"),
        ({"package_type": "Image"}, "InvalidRuntimeException", "container image"),
        ({"role_arn": "arn:aws:iam::123456789012:role/gone"}, "AccessDeniedException", "cannot be assumed by Lambda"),
    ],
)
def test_what_cannot_run_is_refused_with_the_reason(lab: Any, changes: dict[str, Any], code: str, words: str) -> None:
    lab.add(ECHO, **changes)
    with pytest.raises(AwsError) as caught:
        lab.invoke()
    assert caught.value.code == code
    assert words in caught.value.message


def test_another_python_runs_with_a_note(lab: Any) -> None:
    other = "python3.8"
    lab.add(ECHO, runtime=other)
    assert answer(lab.invoke(payload=b"[1]")) == [1]
    assert f"This function asks for {other}" in lab.logs.text


def test_a_broken_zip_is_refused(lab: Any) -> None:
    from dataclasses import replace

    spec = lab.add(ECHO)
    lab.functions["fn"] = replace(spec, code=replace(spec.code, sha256="other", body=b"not a zip"))
    with pytest.raises(AwsError, match="Could not unzip uploaded file"):
        lab.invoke()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"payload": b"{oops"}, "InvalidRequestContentException"),
        ({"payload": b'"' + b"x" * 6_291_456 + b'"'}, "RequestTooLargeException"),
        ({"payload": b'"' + b"x" * 1_048_576 + b'"', "InvocationType": "Event"}, "RequestTooLargeException"),
        ({"InvocationType": "Sometimes"}, "ValidationException"),
        ({"name": "nobody"}, "ResourceNotFoundException"),
    ],
)
def test_bad_requests_are_refused(lab: Any, params: dict[str, Any], code: str) -> None:
    lab.add(ECHO)
    with pytest.raises(AwsError) as caught:
        lab.invoke(**params)
    assert caught.value.code == code
