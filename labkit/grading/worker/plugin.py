"""A pytest plug-in of the grader: the kernel behind its wall, checks made here and not there, floods of output cut off.

Runs in nbval's process, which the student's code cannot see. A check cell runs in the kernel, where `lab.check` only hands over its
values (labkit.classroom.handing_over); the check itself is made in this process, on the student's cloud.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from labkit.checks.context import Answer
from labkit.checks.finding import NOT_ATTEMPTED, CheckResult, Finding
from labkit.checks.values import ANSWERED, HANDED_OVER, read_value
from labkit.grading.worker.orders import Orders, read_orders
from labkit.grading.worker.revival import Revival
from labkit.grading.worker.trusted import TrustedChecks

_MOST_OUTPUT_BYTES = 8_000_000
_MOST_MESSAGES = 20_000


class TaskFailed(Exception):
    """A check did not pass."""


class TooMuchOutput(Exception):
    """A cell printed more than is read."""


class Checks:
    """Makes the check of each check cell, and writes what it found, one JSON document a line."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._checks = TrustedChecks(orders)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item: Any) -> Generator[None, Any, None]:
        task = self._orders.checks.get(str(item.cell.get("id", "")))
        outcome = yield
        if task is None:
            return
        handed_over = _read_values(item.test_outputs or [], task)
        result = self._check(task, handed_over, item) if handed_over is not None else _nothing_handed_over(task, item)
        self._write(item, result)
        if not result.passed:
            outcome.force_exception(TaskFailed(f"{task}: {result.status}"))
        else:
            outcome.force_result(None)

    def _check(self, task: str, documents: Mapping[str, Any], item: Any) -> CheckResult:
        return self._checks.check(task, documents, _Asking(item.parent.kernel, task, self._orders.ask_s).ask)

    def _write(self, item: Any, result: CheckResult) -> None:
        with self._orders.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"cell_id": str(item.cell.get("id", "")), "result": result.as_document()}) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Read the orders and take them out of the environment: the kernel inherits it."""
    path = os.environ.pop("LABKIT_GRADING_ORDERS", "")
    if path:
        orders = read_orders(Path(path))
        _wall_in_kernels(orders.kernel_prefix)
        _bound_output()
        config.pluginmanager.register(Checks(orders))
        config.pluginmanager.register(Revival(frozenset(orders.checks)))


class _Asking:
    """Calls the student's function in its kernel."""

    def __init__(self, kernel: Any, task: str, patience_s: float) -> None:
        self._kernel, self._task, self._patience_s = kernel, task, patience_s

    def ask(self, name: str, calls: Sequence[Sequence[Any]]) -> list[Answer]:
        """One answer a call, whatever the kernel does instead of answering."""
        request = json.dumps([list(arguments) for arguments in calls])
        code = f"import labkit.classroom.handing_over as _h; _h.answer({self._task!r}, {name!r}, {request!r})"
        try:
            outputs = self._execute(code)
        except Exception as error:  # noqa: BLE001 - the kernel died or printed without end: no fault of the check's
            return [Answer(error=f"the function gave no answer: {error}"[:500]) for _ in calls]
        for output in outputs:
            data = output.get("data")
            said = data.get(ANSWERED) if isinstance(data, dict) else None
            if isinstance(said, list) and len(said) == len(calls):
                return [_read_answer(one) for one in said]
        return [Answer(error="the function gave no answer") for _ in calls]

    def _execute(self, code: str) -> list[dict[str, Any]]:
        from queue import Empty

        deadline = time.monotonic() + self._patience_s
        sent = self._kernel.execute_cell_input(code, allow_stdin=False)
        outputs: list[dict[str, Any]] = []
        while True:
            try:
                # In short steps: a thread of the student's may print all the time, and a kernel may die.
                message = self._kernel.get_message(stream="iopub", timeout=0.5)
            except Empty:
                message = None
            if message is not None and message["parent_header"].get("msg_id") == sent:
                if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                    return outputs
                outputs.append(message["content"])
            if time.monotonic() > deadline:
                self._kernel.interrupt()
                return outputs
            if message is None and not self._kernel.is_alive():
                return outputs


def _read_answer(said: Any) -> Answer:
    if not isinstance(said, dict):
        return Answer(error="the function gave no answer")
    if "error" in said:
        return Answer(error=str(said["error"])[:500])
    try:
        return Answer(value=read_value(said.get("value")))
    except Exception:  # noqa: BLE001 - only a forger's document cannot be read
        return Answer(error="the function gave no value that can be read")


def _read_values(outputs: Sequence[Mapping[str, Any]], task: str) -> Mapping[str, Any] | None:
    """What the check cell handed over last; None when it handed over nothing."""
    for output in reversed(outputs):
        data = output.get("data")
        said = data.get(HANDED_OVER) if isinstance(data, dict) else None
        if isinstance(said, dict) and said.get("task") == task and isinstance(said.get("values"), dict):
            return dict(said["values"])
    return None


def _nothing_handed_over(task: str, item: Any) -> CheckResult:
    """Not attempted, with the error that kept the check cell from it: mostly a name that an answer did not make."""
    errors = [output for output in item.test_outputs or [] if output.get("output_type") == "error"]
    reason = f"{errors[-1].get('ename')}: {errors[-1].get('evalue')}" if errors else ""
    return CheckResult(task, NOT_ATTEMPTED, (Finding(False, "grading.nothing_handed_over", {"reason": reason[:300]}),))


def _wall_in_kernels(prefix: Sequence[str]) -> None:
    import ipykernel.kernelspec

    build = ipykernel.kernelspec.get_kernel_dict

    def walled(*arguments: Any, **options: Any) -> dict[str, Any]:
        found = build(*arguments, **options)
        # A signal would reach the wall and end it; a message reaches the kernel.
        return {**found, "argv": [*prefix, *found["argv"]], "interrupt_mode": "message"}

    ipykernel.kernelspec.get_kernel_dict = walled


def _bound_output() -> None:
    """nbval keeps every message of a cell: beyond a bound the cell has failed, and its kernel is ended."""
    from nbval.kernel import RunningKernel

    plain = RunningKernel.get_message
    execute = RunningKernel.execute_cell_input

    def get_message(self: Any, stream: str, timeout: float | None = None) -> Any:
        message = plain(self, stream, timeout)
        if stream == "iopub" and message["msg_type"] in (
            "stream",
            "display_data",
            "execute_result",
            "update_display_data",
            "error",
        ):
            self.seen_bytes += len(json.dumps(message["content"], default=str))
            self.seen_messages += 1
            if self.seen_bytes > _MOST_OUTPUT_BYTES or self.seen_messages > _MOST_MESSAGES:
                self.km.shutdown_kernel(now=True)
                raise TooMuchOutput(
                    f"more than {_MOST_OUTPUT_BYTES // 1_000_000} MB or {_MOST_MESSAGES} pieces of output"
                )
        return message

    def execute_cell_input(self: Any, *arguments: Any, **options: Any) -> Any:
        self.seen_bytes = self.seen_messages = 0
        return execute(self, *arguments, **options)

    RunningKernel.seen_bytes = RunningKernel.seen_messages = 0
    RunningKernel.get_message = get_message
    RunningKernel.execute_cell_input = execute_cell_input
