"""A kernel that died gives way to a new one, so that the cells after it still get their chance."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from queue import Empty
from typing import Any

import pytest

_MOST = 3
_REPLAY_S = 90.0


class Revival:
    """Starts a new kernel where one died or had to be ended, and runs in it again what had passed before.

    nbval by itself calls every cell after a timeout an expected failure, and every one after a death a failure.
    """

    def __init__(self, checks: frozenset[str]) -> None:
        self._checks = checks
        self._passed: list[str] = []
        self._left = _MOST

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: Any) -> None:
        notebook = item.parent
        if notebook.kernel is None:  # the first cell: its kernel starts with it
            return
        notebook.timed_out = False
        if not notebook.kernel.is_alive() and self._left > 0:
            self._left -= 1
            self._begin_anew(notebook)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: Any) -> Generator[None, Any, None]:
        outcome = yield
        if outcome.excinfo is None and str(item.cell.get("id", "")) not in self._checks:
            self._passed.append(str(item.cell.source))

    def _begin_anew(self, notebook: Any) -> None:
        with contextlib.suppress(Exception):
            notebook.kernel.stop()
        notebook.setup()
        deadline = time.monotonic() + _REPLAY_S
        for source in self._passed:
            if not _run_again(notebook.kernel, source, deadline - time.monotonic()):
                return


def _run_again(kernel: Any, source: str, left_s: float) -> bool:
    """Run a cell whose output nobody looks at; False when the kernel is not to be used any more."""
    sent = kernel.execute_cell_input(source, allow_stdin=False)
    try:
        kernel.await_reply(sent, timeout=max(1.0, left_s))
        kernel.await_idle(sent, 5)
    except Empty:
        kernel.stop()
        return False
    except Exception:  # noqa: BLE001 - it died once more, or printed without end
        return False
    return True
