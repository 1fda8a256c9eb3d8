"""The process that checks: killed, interrupted and asked again, on the session's cloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.checks.finding import NOT_YET, PASSED
from labkit.checks.remote import CheckProcess
from labkit.errors import LabError
from tests.cloud.conftest import RunningCloud


@pytest.fixture(scope="module")
def checker(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckProcess]:
    found = CheckProcess({"LABKIT_STATE": str(tmp_path_factory.mktemp("comprobador"))})
    yield found
    found.stop()


def check(checker: CheckProcess, cloud: RunningCloud, function: Any) -> str:
    return checker.check("7.5", {"monthly_bill": function}, cloud.endpoint_url).status


def bill(workload: dict[str, Any]) -> dict[str, float]:
    from labkit.checks.context import build_context
    from labkit.checks.step_7.bill import compute_bill
    from labkit.settings import read_settings

    context = build_context(read_settings({}, Path("/nowhere")), None)  # type: ignore[arg-type]
    return compute_bill(context, workload)


def kill(checker: CheckProcess) -> None:
    assert checker._child is not None
    checker._child.kill()


def test_a_child_that_died_while_nobody_asked_is_replaced(checker: CheckProcess, cloud: RunningCloud) -> None:
    assert check(checker, cloud, bill) == PASSED
    kill(checker)
    assert check(checker, cloud, bill) == PASSED


def test_one_that_dies_while_it_checks_is_a_lesson_and_the_next_check_is_right(
    checker: CheckProcess, cloud: RunningCloud
) -> None:
    with pytest.raises(LabError) as raised:
        check(checker, cloud, lambda _workload: kill(checker))
    assert raised.value.key == "error.check_died"
    assert check(checker, cloud, bill) == PASSED


def test_an_interrupt_in_the_students_function_leaves_no_answer_for_the_next_check(
    checker: CheckProcess, cloud: RunningCloud
) -> None:
    def interrupt(_workload: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(checker, cloud, interrupt)
    assert check(checker, cloud, lambda _workload: {frozenset({1}): 10**5000}) == NOT_YET
    assert check(checker, cloud, bill) == PASSED
