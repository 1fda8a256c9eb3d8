"""The student's side of a check: a child process kept warm, which is asked by JSON lines (see labkit.checks.process)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from labkit.checks.calling import call_function
from labkit.checks.finding import CheckResult, read_result
from labkit.checks.values import export
from labkit.errors import LabError
from labkit.i18n import build_lesson


class CheckProcess:
    """One child that checks; it ends with this process, and is started again when it has died."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._child: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the child if none runs; it loads its libraries meanwhile."""
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                # A file of the student's named like one of ours must not be imported in its place.
                [sys.executable, "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env={**os.environ, **self._environment},
                # An interrupt of the kernel is not meant for it.
                start_new_session=True,
            )

    def check(self, task: str, values: Mapping[str, Any], endpoint: str | None) -> CheckResult:
        """Check one task. LabError when the child cannot be started or dies while it checks."""
        request = {"check": task, "endpoint": endpoint, "values": {name: export(item) for name, item in values.items()}}
        try:
            return self._converse(self._begin(request), values)
        except (BrokenPipeError, ValueError, EOFError) as error:
            self.stop()
            raise build_lesson(LabError, "error.check_died", task=task, reason=type(error).__name__) from error
        except BaseException:
            # Interrupted between question and answer: the next check must not read this one's answer.
            self.stop()
            raise

    def stop(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    # What is still to be written goes nowhere.
                    with suppress(BrokenPipeError):
                        pipe.close()
            self._child = None

    def _begin(self, request: dict[str, Any]) -> dict[str, Any]:
        """The first answer. A child that died while nobody asked (short of memory, the computer slept) is replaced unnoticed, once."""
        self.start()
        try:
            return self._ask(request)
        except (BrokenPipeError, EOFError):
            self.stop()
            self.start()
            return self._ask(request)

    def _converse(self, said: dict[str, Any], values: Mapping[str, Any]) -> CheckResult:
        while "result" not in said:
            said = self._ask({"answers": call_function(values[said["ask"]], said["calls"])})
        return read_result(said["result"])

    def _ask(self, document: dict[str, Any]) -> dict[str, Any]:
        self._send(document)
        return self._receive()

    def _send(self, document: dict[str, Any]) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(document) + "\n")
        self._child.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._child is not None
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise EOFError
        return dict(json.loads(line))


_START = "import sys; sys.path.remove('') if '' in sys.path else None; import runpy; runpy.run_module('labkit.checks', run_name='__main__')"
