"""Handlers of notebook 05 in the check's sandbox: right ones pass however they are written, each likely fault is named."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from labkit.checks.finding import Finding
from labkit.checks.step_5.handler import judge_handler
from labkit.checks.step_5.sandbox import Code
from labkit.checks.step_5.student_tests import check_student_tests, run_tests
from labkit.checks.step_5.twice import judge_twice
from labkit.checks.step_5.variants import build_variants

ROOT = Path(__file__).parents[3]
MARKERS = {"MARKER_BUCKET": "bucket", "MARKER_PREFIX": "markers/"}


def read_cell(cell_id: str) -> str:
    """An answer cell of the notebook's source as it stands, without its magic line."""
    document = json.loads((ROOT / "notebooks/source/05_lambda.ipynb").read_text(encoding="utf-8"))
    cell = next(cell for cell in document["cells"] if cell["id"] == cell_id)
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    return source.split("\n", 1)[1]


def build_code(source: str, name: str = "handler.py") -> Code:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, source)
    return Code(buffer.getvalue(), "handler.lambda_handler", MARKERS)


def spoil(source: str, *changes: tuple[str, str]) -> Code:
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return build_code(source)


def wrong(findings: list[Finding]) -> set[str]:
    return {(finding.misconception or finding.key).rpartition(".")[2] for finding in findings if not finding.ok}


@pytest.fixture(scope="module")
def handler() -> str:
    return read_cell("t5-3-handler")


@pytest.fixture(scope="module")
def once() -> str:
    return read_cell("t5-4-handler")


def test_the_reference_and_the_labs_own_function_pass(handler: str) -> None:
    own = (ROOT / "lambda/start_glue_job.py").read_text(encoding="utf-8")
    assert wrong(judge_handler(build_code(handler))) == set()
    assert wrong(judge_handler(build_code(own))) == set()


@pytest.mark.slow
def test_a_handler_that_remembers_still_passes_the_task_before(once: str) -> None:
    assert wrong(judge_handler(build_code(once))) == set()


@pytest.mark.slow
def test_a_resource_shaped_handler_that_asks_before_it_starts_passes() -> None:
    source = """\
import json, os, boto3
from urllib.parse import unquote_plus

def lambda_handler(event, context):
    client = boto3.session.Session().client("glue")
    job = os.environ.get("GLUE_JOB_NAME")
    files = {f"s3://{r['s3']['bucket']['name']}/{unquote_plus(r['s3']['object']['key'])}" for r in event.get("Records", [])}
    files = [name for name in files if name.lower().endswith(".csv")]
    if files == []:
        return dict(status="ignored", job_run_id=None)
    states = [run["JobRunState"] for page in client.get_paginator("get_job_runs").paginate(JobName=job) for run in page["JobRuns"]]
    if "WAITING" in states:
        return dict(status="joined")
    answer = client.start_job_run(JobName=job, Arguments={"--input_paths": json.dumps(files)}, JobRunQueuingEnabled=True)
    return dict(status="queued" if "RUNNING" in states else "started", job_run_id=answer["JobRunId"])
"""
    assert wrong(judge_handler(build_code(source))) == set()


def test_the_seed_fails_with_what_it_does_wrong() -> None:
    assert wrong(judge_handler(build_code(read_cell("c5-seed")))) == {"start_untold", "raise"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([("unquote_plus(record", "str(record")], {"encoded"}),
        pytest.param(
            [("json.dumps(paths, ensure_ascii=False)}", '" ".join(paths)}')],
            {"start_told_other"},
            marks=pytest.mark.slow,
        ),
        pytest.param([('{"--input_paths"', '{"--paths"')], {"start_untold"}, marks=pytest.mark.slow),
        pytest.param(
            [('os.environ["GLUE_JOB_NAME"]', '"bsg-glue-etl-job-practice"')],
            {"fixed_job", "busy_failed"},
            marks=pytest.mark.slow,
        ),
        (
            [
                ("except glue.exceptions.ConcurrentRunsExceededException:", "except Exception:"),
                ("    if waiting:", "        return {}\n    if waiting:"),
            ],
            {"running_takes_it", "swallow"},
        ),
        pytest.param([("    if waiting:", "    if False:")], {"queue_each"}, marks=pytest.mark.slow),
        pytest.param([(", JobRunQueuingEnabled=True", "")], {"raise"}, marks=pytest.mark.slow),
        pytest.param([('return {"status": "ignored"}', "return None")], {"ignored_wrong"}, marks=pytest.mark.slow),
        pytest.param([('"status": "started"', '"state": "started"')], {"start_said"}, marks=pytest.mark.slow),
        pytest.param(
            [("    if waiting:", "    __import__('time').sleep(60)\n    if waiting:")],
            {"waiting"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [
                (
                    "    if waiting:",
                    "    boto3.client('sqs').send_message(QueueUrl='q', MessageBody='b')\n    if waiting:",
                )
            ],
            {"call_unknown"},
            marks=pytest.mark.slow,
        ),
        pytest.param([("import json\n", "import jsonn\n")], {"handler_import"}, marks=pytest.mark.slow),
    ],
)
def test_each_fault_is_named(handler: str, changes: list[tuple[str, str]], found: set[str]) -> None:
    assert wrong(judge_handler(spoil(handler, *changes))) == found


def test_one_run_for_each_file_is_named(handler: str) -> None:
    each = "    for path in paths[1:]:\n        glue.start_job_run(JobName=os.environ['GLUE_JOB_NAME'], JobRunQueuingEnabled=True)\n"
    found = wrong(judge_handler(spoil(handler, ("    job = os", each + "    job = os"))))
    assert found == {"run_per_file"}


@pytest.mark.slow
def test_a_handler_that_ends_its_process_is_told_so() -> None:
    died = wrong(judge_handler(build_code("import os\ndef lambda_handler(event, context):\n    os._exit(0)\n")))
    assert died == {"start_none"}


def test_once_passes(once: str) -> None:
    findings, markers = judge_twice(build_code(once))
    assert wrong(findings) == set()
    assert len(findings) == 5
    assert markers[0].startswith("bucket/markers/")


@pytest.mark.slow
def test_a_handler_that_remembers_nothing_is_told_so(handler: str) -> None:
    assert wrong(judge_twice(build_code(handler))[0]) == {"at_least_once"}


_MEMORY = (
    "    marker = {",
    "    if name in seen:\n        return None\n    seen.add(name)\n    return {}\n    marker = {",
)
_KEPT = "    path = '/tmp/' + name\n    if os.path.exists(path):\n        return\n    open(path, 'w').close()\n    return {'a': 1}\n"
_DISK = ("    marker = {", f"{_KEPT}    marker = {{")
_HEAD = "    try:\n        s3.head_object(**marker)\n        return\n    except ClientError:\n        pass\n"
_LOOK = (('IfNoneMatch="*")', ")"), ("    try:\n        s3.put_object(", f"{_HEAD}    try:\n        s3.put_object("))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            [
                ("def claim(record):", "seen = set()\n\n\ndef claim(record):"),
                (_MEMORY[0], _MEMORY[1].replace("{}", '{"a": 1}')),
                ("            s3.delete_object(**marker)", "            pass"),
            ],
            {"memory"},
        ),
        pytest.param(
            [_DISK, ("            s3.delete_object(**marker)", "            pass")], {"disk"}, marks=pytest.mark.slow
        ),
        (list(_LOOK), {"look_then_write"}),
        pytest.param([("#{thing['sequencer']}", "")], {"key_only"}, marks=pytest.mark.slow),
        pytest.param([("#{thing['sequencer']}", "#{thing['eTag']}")], {"etag"}, marks=pytest.mark.slow),
        ([("            s3.delete_object(**marker)", "            pass")], {"claim_kept"}),
        pytest.param(
            [("    except Exception:\n", "    except Exception:\n        return {'status': 'failed'}\n")],
            {"swallow"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [
                (
                    "        marker = claim(record)\n        if marker:",
                    "        marker = claim(record)\n        if not marker:\n            return {'status': 'ignored'}\n        if marker:",
                )
            ],
            {"partly_lost"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_each_fault_of_remembering_is_named(once: str, changes: list[tuple[str, str]], found: set[str]) -> None:
    assert wrong(judge_twice(spoil(once, *changes))[0]) == found


@pytest.mark.slow
def test_a_marker_named_after_the_request_is_named(once: str) -> None:
    changes = (
        ("claim(record)", "claim(record, context)"),
        ("#{thing['sequencer']}", "#{context.aws_request_id}"),
        (".encode()).hexdigest()", ".encode()).hexdigest() + context.aws_request_id"),
    )
    assert wrong(judge_twice(spoil(once, *changes))[0]) == {"request_id"}


def run(source: str) -> set[str]:
    """The names of the faults that got away, or what was wrong with the tests."""

    class Values:
        def get(self, _name: str) -> str:
            return source

    findings = check_student_tests(Values())  # type: ignore[arg-type]
    return {finding.key.rpartition(".")[2] for finding in findings if not finding.ok}


def test_the_references_tests_catch_every_fault() -> None:
    assert run(read_cell("t5-5-tests")) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("def test_x(:\n", {"tests_syntax"}, marks=pytest.mark.slow),
        pytest.param(
            "from handler import no_such_name\ndef test_x():\n    pass\n", {"tests_unreadable"}, marks=pytest.mark.slow
        ),
        ("from handler import new_files\ndef test_x():\n    assert False\n", {"tests_too_strict"}),
        pytest.param(
            "from handler import new_files\ndef test_x():\n    assert new_files({}) == []\n",
            {"fault_missed"},
            marks=pytest.mark.slow,
        ),
        pytest.param("import os\ndef test_x():\n    os._exit(0)\n", {"tests_died"}, marks=pytest.mark.slow),
    ],
)
def test_other_tests_are_told_what_they_miss(source: str, found: set[str]) -> None:
    assert run(source) == found


@pytest.mark.slow
def test_parametrized_tests_and_classes_count_too() -> None:
    source = """\
import unittest
import pytest
import handler

E = lambda *rs: {"Records": [{"eventName": n, "s3": {"bucket": {"name": "b"}, "object": {"key": k}}} for n, k in rs]}

@pytest.mark.parametrize("event, files", [
    (E(("ObjectCreated:Put", "a+%C3%B1.csv")), ["s3://b/a ñ.csv"]),
    (E(("ObjectCreated:Put", "a.gz"), ("ObjectCreated:Put", "b.CSV")), ["s3://b/b.CSV"]),
    (E(("ObjectRemoved:Delete", "a.csv")), []),
    ({}, []),
])
def test_all(event, files):
    assert list(handler.new_files(event)) == files

def test_imported_late():
    from handler import new_files
    assert new_files(E(("ObjectCreated:Put", "+.csv"))) == ["s3://b/ .csv"]

class Capitals(unittest.TestCase):
    def test_lower(self):
        self.assertEqual(handler.new_files(E(("ObjectCreated:Copy", "x.csv"))), ["s3://b/x.csv"])
"""
    reply = run_tests(source, build_variants())
    assert [bool(item["failed"]) for item in reply.value] == [bool(variant.fault) for variant in build_variants()]
