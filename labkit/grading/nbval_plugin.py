"""A pytest plug-in for the child process of `nbval_run`: results by cell id, dead kernels noticed, the kernel's own reply heeded."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Generator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_POLL_S = 0.25
_LONGEST = 20_000
_TRUSTED_MARKS = ("skip", "check", "check_exception")


class KernelDied(Exception):
    """The kernel's process is gone: it ran out of memory, or a cell ended it."""


class Results:
    """Writes one line of JSON a cell to the file that the parent reads."""

    def __init__(self, path: Path, *, honours_marks: bool) -> None:
        self._path = path
        self._honours_marks = honours_marks
        self._setup_s = 0.0  # of a notebook's first cell: the start of its kernel

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self._honours_marks:
            return
        for item in items:
            for mark in _TRUSTED_MARKS:
                item.options[mark] = False

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: Any) -> Generator[None, Any, None]:
        item.timed_out_before = item.parent.timed_out
        outcome = yield
        status = getattr(item.parent.kernel, "last_status", "ok")
        # nbval believes the messages that a cell sends, and a cell can keep one from being sent; the reply it cannot.
        if outcome.excinfo is None and status != "ok" and not item.options["check_exception"]:
            outcome.force_exception(RuntimeError(f"the kernel replied {status} and showed no error"))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Generator[None, Any, None]:
        outcome = yield
        report = outcome.get_result()
        if call.when == "setup":
            self._setup_s = round(call.duration, 3)
        if call.when == "call" or (call.when == "setup" and not report.passed):
            place = str(item.path.resolve())
            self._write({"path": place, "setup_s": self._setup_s, "cell": describe(item, call, report)})

    def _write(self, row: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Take the parent's wishes out of the environment, so that no kernel sees them, and watch over kernels."""
    path = os.environ.pop("LABKIT_NBVAL_RESULTS", "")
    honours_marks = bool(os.environ.pop("LABKIT_NBVAL_MARKS", "1"))
    if path:
        _watch_kernels()
        config.pluginmanager.register(Results(Path(path), honours_marks=honours_marks))


def describe(item: Any, call: Any, report: Any) -> dict[str, Any]:
    """The row of one cell."""
    error, message = _read_error(item, call, report)
    return {
        "cell_id": str(item.cell.get("id", "")),
        "outcome": _judge(item, call),
        "seconds": round(call.duration, 3),
        "error": error[:_LONGEST],
        "message": message[:_LONGEST],
        "output": _read_output(item)[:_LONGEST],
    }


def _judge(item: Any, call: Any) -> str:
    if getattr(item, "timed_out_before", False):
        return "not_run"  # nbval calls what follows a timeout an expected failure, whatever it does
    if call.excinfo is None:
        return "passed"
    if str(call.excinfo.value) == "Kernel dead on test start":
        return "not_run"
    if call.excinfo.errisinstance(pytest.skip.Exception):
        return "skipped"
    return "timed_out" if item.parent.timed_out else "failed"


def _read_error(item: Any, call: Any, report: Any) -> tuple[str, str]:
    if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
        return "", ""
    for output in reversed(item.test_outputs or []):
        if output.get("output_type") == "error":
            told = "\n".join(output.get("traceback", []))
            return _plain(f"{output.get('ename')}: {output.get('evalue')}"), _plain(told)
    return _plain(f"{call.excinfo.typename}: {call.excinfo.value}"), _plain(report.longreprtext)


def _read_output(item: Any) -> str:
    """Streams and the text twin of each result, in order."""
    parts = []
    for output in item.test_outputs or []:
        if "text" in output:
            parts.append(str(output["text"]))
        elif "data" in output:
            parts.append(str(output["data"].get("text/plain", "")))
    return _plain("\n".join(parts))


def _plain(words: str) -> str:
    return _ANSI.sub("", words)


def _watch_kernels() -> None:
    """Wait for replies in short steps and look whether the kernel lives: nbval itself would wait until the cell's time is over."""
    from nbval.kernel import RunningKernel

    def await_reply(self: Any, msg_id: str, timeout: float | None = None) -> None:
        deadline = time.monotonic() + (timeout or float("inf"))
        while True:
            try:
                message = self.get_message(stream="shell", timeout=_POLL_S)
            except Empty:
                if not self.is_alive():
                    raise KernelDied("the kernel died while it ran this cell") from None
                if time.monotonic() >= deadline:
                    raise
                continue
            if message["parent_header"].get("msg_id") == msg_id:
                self.last_status = message["content"]["status"]
                return

    RunningKernel.await_reply = await_reply
