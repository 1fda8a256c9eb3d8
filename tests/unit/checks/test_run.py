from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labkit.aws.session import Clients
from labkit.checks.context import Answer, Context, build_context
from labkit.checks.finding import (
    BROKEN,
    NOT_ATTEMPTED,
    NOT_YET,
    PASSED,
    CheckResult,
    Finding,
    NotAttempted,
    read_result,
)
from labkit.checks.run import run_check
from labkit.checks.task import ETL, Task
from labkit.checks.values import Function
from labkit.settings import read_settings


@pytest.fixture
def context(tmp_path: Path) -> Context:
    settings = read_settings({}, tmp_path)
    return build_context(settings, Clients(settings.target))


def check(looks: Any, context: Context) -> CheckResult:
    task = Task("4.2", 3, ETL, "check.passed", ("check.next",), looks)
    return run_check(task, context)


def test_all_right_is_passed_and_earns_its_points(context: Context) -> None:
    result = check(lambda _context: [Finding(True, "check.right"), Finding(True, "check.right")], context)
    assert (result.status, result.earned) == (PASSED, 3)


def test_one_thing_wrong_is_not_yet_and_earns_nothing(context: Context) -> None:
    result = check(lambda _context: [Finding(True, "check.right"), Finding(False, "check.wrong")], context)
    assert (result.status, result.earned) == (NOT_YET, 0)


def test_nothing_to_look_at_is_not_attempted(context: Context) -> None:
    def looks(context: Context) -> list[Finding]:
        return [Finding(context.get("schema") is not None, "check.right")]

    result = check(looks, context)
    assert result.status == NOT_ATTEMPTED
    assert "schema" in result.findings[0].text()


def test_what_aws_refuses_is_evidence(context: Context) -> None:
    def looks(_context: Context) -> list[Finding]:
        raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "no such bucket: x"}}, "ListObjectsV2")

    result = check(looks, context)
    assert result.status == NOT_YET
    assert "NoSuchBucket" in result.findings[0].text()


@pytest.mark.parametrize("found", [[], None])
def test_a_check_that_looks_at_nothing_is_broken_and_never_passed(context: Context, found: Any) -> None:
    assert check(lambda _context: found, context).status == BROKEN


def test_a_mistake_of_the_check_is_not_the_students(context: Context) -> None:
    result = check(lambda _context: [Finding(1 / 0 > 1, "check.right")], context)
    assert result.status == BROKEN
    assert "ZeroDivisionError" in result.findings[0].text()
    assert result.earned == 0


def test_an_altered_journal_is_the_students_to_mend(context: Context) -> None:
    def looks(context: Context) -> list[Finding]:
        context.journal.path.parent.mkdir(parents=True)
        context.journal.path.write_text("{}\n")
        return [Finding(context.journal.entries() == [], "check.right")]

    result = check(looks, context)
    assert result.status == NOT_YET
    assert all((result.findings[0].text(), result.findings[0].misconception_text()))


def test_a_result_survives_the_way_between_two_processes() -> None:
    result = CheckResult("4.2", NOT_YET, (Finding(False, "check.value_missing", {"name": "x"}, "check.next"),), 3, 0.1)
    assert read_result(result.as_document()) == result


def test_a_value_that_is_no_function_answers_every_call_with_an_error(context: Context) -> None:
    known = Context(context.clients, context.settings, context.truth, context.journal, {"choose": 3})
    answers = known.call("choose", [("a",), ("b",)])
    assert [answer.error for answer in answers] == ["TypeError: 'int' object is not callable"] * 2


def test_a_function_is_asked_in_the_kernel(context: Context) -> None:
    asked: list[Any] = []

    def ask(name: str, calls: Any) -> list[Answer]:
        asked.append((name, calls))
        return [Answer(value="glue") for _ in calls]

    known = Context(context.clients, context.settings, context.truth, context.journal, {"choose": Function("f")}, ask)
    assert known.call("choose", [(1,)])[0].value == "glue"
    assert asked == [("choose", [(1,)])]


def test_not_attempted_names_what_is_missing() -> None:
    missing = NotAttempted("check.value_missing", name="schema")
    assert missing.facts == {"name": "schema"}
