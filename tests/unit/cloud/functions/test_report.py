from __future__ import annotations

import sys

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.functions.report import Usage, exit_fault, report_line
from labkit.cloud.functions.runtimes import check_runtime, runtime_note


def test_billed_duration_counts_the_initialisation_and_rounds_up() -> None:
    line = report_line("id", Usage(12.301, 100.5, 40 * 1_048_576 + 1, 128))
    assert line == (
        "REPORT RequestId: id\tDuration: 12.30 ms\tBilled Duration: 113 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 41 MB\tInit Duration: 100.50 ms\t"
    )


def test_a_warm_report_has_no_init_duration() -> None:
    assert report_line("id", Usage(1.0, None, 1, 128)).endswith(
        "Billed Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 1 MB\t"
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "without providing a reason"), (7, "with error: exit status 7"), (-9, "with error: signal: killed")],
)
def test_exits_are_told_in_awss_words(code: int, words: str) -> None:
    fault = exit_fault("id", code)
    assert fault.kind == "Runtime.ExitError"
    assert fault.message == f"RequestId: id Error: Runtime exited {words}"


def test_only_another_python_gets_a_note() -> None:
    local = f"python3.{sys.version_info.minor}"
    assert runtime_note(local) is None
    assert "python3.99" in str(runtime_note("python3.99"))


@pytest.mark.parametrize("runtime", ["nodejs20.x", "java21", "provided.al2023", "python2.7", ""])
def test_what_is_not_python_3_is_refused_by_name(runtime: str) -> None:
    with pytest.raises(AwsError, match="Python functions only") as caught:
        check_runtime(runtime)
    assert (runtime or "(none)") in caught.value.message
