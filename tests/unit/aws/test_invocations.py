"""A function's log, read back as invocations."""

from __future__ import annotations

from labkit.aws.invocations import group_invocations
from labkit.aws.logs import LogLine

REPORT = "\tDuration: 12.35 ms\tBilled Duration: 268 ms\tMemory Size: 128 MB\tMax Memory Used: 54 MB\t"


def lines(*messages: str, stream: str = "s", start: int = 1000) -> list[LogLine]:
    return [
        LogLine(f"{stream}{place}", start + place, "/aws/lambda/f", stream, message)
        for place, message in enumerate(messages)
    ]


def test_lines_between_start_and_end_belong_to_their_invocation() -> None:
    run = "jr_" + "0a" * 30
    (one,) = group_invocations(
        lines(
            "INIT_START Runtime",
            "START RequestId: a Version: $LATEST",
            f"started {run} for x",
            "END RequestId: a",
            "REPORT RequestId: a" + REPORT,
        )
    )
    assert (one.request, one.function, one.started_ms, one.ended_ms) == ("a", "f", 1001, 1003)
    assert (one.duration_ms, one.billed_ms, one.memory_mb, one.error) == (12.35, 268, 128, "")
    assert one.runs == [run]
    assert one.mentions("for x")


def test_two_environments_that_write_at_the_same_time_are_kept_apart() -> None:
    both = lines("START RequestId: a", "uno", "END RequestId: a", stream="s") + lines(
        "START RequestId: b", "dos", "END RequestId: b", stream="t"
    )
    found = group_invocations(sorted(both, key=lambda line: line.at_ms))
    assert [(one.request, one.lines) for one in found] == [("a", ["uno"]), ("b", ["dos"])]


def test_what_a_handler_raises_is_an_error_and_what_it_logs_is_none() -> None:
    raised, logged, cut = group_invocations(
        lines("START RequestId: a", "[ERROR] ValueError: mal\nTraceback", "END RequestId: a")
        + lines("START RequestId: b", "[ERROR]\t2026-11-29T06:29:23.343Z\tb\tno existe", "END RequestId: b", start=2000)
        + lines("START RequestId: c", "2026-11-29T06:36:57Z c Task timed out after 1.00 seconds", start=3000)
    )
    assert raised.error == "ValueError: mal"
    assert logged.error == ""
    assert cut.error.endswith("Task timed out after 1.00 seconds")
    assert cut.ended_ms is None
