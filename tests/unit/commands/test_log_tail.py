"""Following CloudWatch Logs without losing or repeating a line, by a Logs API of a few lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.aws.log_tail import GroupsTail, Wanted
from labkit.aws.logs import LogLine
from labkit.commands.server_log import ServerLog
from labkit.commands.spans import seconds_of
from labkit.ui.log_label import label, stamp, without_controls

T0 = 1_764_385_200_000


class FakeLogs:
    """Groups of (time, id, message), in pages of three; `asked` are the calls."""

    def __init__(self) -> None:
        self.groups: dict[str, list[tuple[int, str, str]]] = {}
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, name: str) -> Any:
        return type("Pages", (), {"paginate": staticmethod(getattr(self, name))})

    def describe_log_groups(self) -> Iterator[dict[str, Any]]:
        yield {"logGroups": [{"logGroupName": name} for name in self.groups]}

    def filter_log_events(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        if asked["logGroupName"] not in self.groups:
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "FilterLogEvents")
        rows = sorted(row for row in self.groups[asked["logGroupName"]] if row[0] >= asked["startTime"])
        if asked.get("startFromHead") is False:
            rows.reverse()
        for begin in range(0, len(rows) + 1, 3):
            page = rows[begin : begin + 3]
            yield {"events": [{"timestamp": t, "eventId": i, "message": m, "logStreamName": "s"} for t, i, m in page]}


def tail_of(logs: FakeLogs, **wanted: Any) -> GroupsTail:
    params = {"since_ms": T0, "takes_group": lambda group: True, **wanted}
    return GroupsTail(logs, Wanted(**params))  # type: ignore[arg-type]


def messages(lines: list[LogLine]) -> list[str]:
    return [line.message for line in lines]


def test_each_line_comes_once_in_order_of_time_also_when_it_is_late() -> None:
    logs = FakeLogs()
    logs.groups = {"/a": [(T0 + 1, "1", "uno\n"), (T0 + 3, "3", "tres")], "/b": [(T0 + 2, "2", "dos")]}
    tail = tail_of(logs)
    assert messages(tail.newest(100)) == ["uno", "dos", "tres"]
    assert tail.read() == []
    logs.groups["/a"] += [(T0 + 3, "4", "mismo ms"), (T0 + 2, "0", "tarde")]
    logs.groups["/new"] = [(T0 + 9, "9", "grupo nuevo")]
    assert messages(tail.read()) == ["tarde", "mismo ms", "grupo nuevo"]
    assert tail.read() == []


def test_only_the_newest_are_shown_first_and_the_older_ones_do_not_come_later() -> None:
    logs = FakeLogs()
    logs.groups = {"/a": [(T0 + n, f"{n:03}", str(n)) for n in range(50)]}
    tail = tail_of(logs)
    assert messages(tail.newest(4)) == ["46", "47", "48", "49"]
    assert logs.asked[0]["startFromHead"] is False
    assert tail.read() == []


def test_what_was_given_is_forgotten_when_no_look_goes_back_to_it() -> None:
    logs = FakeLogs()
    logs.groups = {"/a": []}
    tail = tail_of(logs)
    for minute in range(100):
        logs.groups["/a"] += [(T0 + minute * 60_000 + n, f"{minute}-{n}", "x") for n in range(5)]
        assert len(tail.read()) == 5
    (place,) = tail._places.values()
    assert len(place.seen) == 5


def test_a_group_that_is_not_there_yet_has_no_lines_and_names_are_passed_on() -> None:
    logs = FakeLogs()
    tail = tail_of(logs, groups=("/later",), prefixes=lambda: ["jr_1"], pattern="ERROR")
    assert tail.newest(5) == []
    assert tail.missing == {"/later"}
    logs.groups["/later"] = [(T0, "1", "x")]
    assert messages(tail.read()) == ["x"]
    assert tail.missing == set()
    assert {key: logs.asked[-1][key] for key in ("logStreamNamePrefix", "filterPattern")} == {
        "logStreamNamePrefix": "jr_1",
        "filterPattern": "ERROR",
    }


@pytest.mark.parametrize(
    ("group", "stream", "shown"),
    [
        ("/aws/lambda/bsg-start-glue-job", "2026/11/29/[$LATEST]ab", "lambda bsg-start-glue-job"),
        ("/aws-glue/jobs/error", "jr_0123456789abcdef", "glue 01234567 err"),
        ("/aws-glue/jobs/output", "jr_" + "a" * 64 + "_attempt_1", "glue aaaaaaaa out"),
        ("/aws-glue/python-jobs/output", "jr_0123456789abcdef", "glue 01234567 out"),
        ("/aws-glue/crawlers", "ventas", "crawler ventas"),
        ("/otra/cosa", "s", "/otra/cosa"),
    ],
)
def test_labels_are_short(group: str, stream: str, shown: str) -> None:
    assert label(LogLine("1", T0, group, stream, "x")) == shown


def test_times_for_a_pipe_are_utc_and_a_message_cannot_steer_the_terminal() -> None:
    assert stamp(T0 + 7, local=False) == "2025-11-29T03:00:00.007Z"
    assert stamp(T0 + 7, local=True).endswith(".007")
    assert without_controls("a\x1b[31mñ\tb\r\nc\x07") == "a\\x1b[31mñ\tb\nc\\x07"


def test_the_servers_log_is_read_on_and_half_a_line_waits(tmp_path: Path) -> None:
    path = tmp_path / "cloud.log"
    log = ServerLog(path)
    assert log.read() == []
    path.write_bytes("uno\ndos ñ".encode())
    assert log.read() == ["uno"]
    with path.open("ab") as file:
        file.write("andú\n".encode())
    assert log.read() == ["dos ñandú"]
    path.write_bytes(b"new\n")
    assert log.read() == ["new"]


@pytest.mark.parametrize(
    ("word", "seconds"), [("30s", 30), ("10m", 600), ("1.5h", 5400), ("2d", 172_800), (" 5M ", 300)]
)
def test_lengths_of_time(word: str, seconds: float) -> None:
    assert seconds_of(word) == seconds


@pytest.mark.parametrize("word", ["", "10", "m", "-5m", "diez m", "1e3s"])
def test_what_is_no_length_of_time_is_refused(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="30s"):
        seconds_of(word)
