"""A process that runs a handler as Lambda would, told what to do by JSON lines on standard input. It imports nothing of labkit.

{"do": "load", "folder", "module", "function"}   a new environment: the module is imported anew
{"do": "invoke", "event", "request_id", "timeout_s"}   one invocation of it
{"do": "pytest", "folder"}                        the tests of each folder below, which stand beside a `handler.py`

Each line is answered by one JSON line: {"value": …} or {"error": "TypeName: message"}, with "slept_s" and "wrote" beside it.
Sleeping is not waited for, but counts: a handler that sleeps beyond its timeout ends as on Lambda.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from types import SimpleNamespace
from typing import Any


class TimedOut(BaseException):
    """Not an Exception: a handler that catches everything must not catch its own end."""


class _Watch:
    """What a handler does that leaves no call behind: sleeping, and writing to its disk."""

    def __init__(self) -> None:
        self.slept_s = 0.0
        self.timeout_s = 3.0
        self.wrote: list[str] = []
        self.listening = False

    def sleep(self, seconds: float) -> None:
        self.slept_s += max(0.0, float(seconds))
        if self.slept_s > self.timeout_s:
            raise TimedOut(f"Task timed out after {self.timeout_s:.2f} seconds")

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.listening or event not in ("open", "os.mkdir"):
            return
        path = str(arguments[0])
        flags = arguments[2] if event == "open" and len(arguments) > 2 else os.O_CREAT
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and _is_disk(path):
            self.wrote.append(path)


def _is_disk(path: str) -> bool:
    return not path.startswith(("/dev/", "/proc/")) and "__pycache__" not in path


class _Environment:
    """One execution environment: the modules of a folder, imported anew."""

    def __init__(self, folder: str, module: str, function: str) -> None:
        for name, found in list(sys.modules.items()):
            if str(getattr(found, "__file__", None) or "").startswith(folder):
                del sys.modules[name]
        importlib.invalidate_caches()
        sys.path[:] = [folder, *(path for path in sys.path if path != folder)]
        os.chdir(folder)
        self._handler = getattr(importlib.import_module(module), function)

    def invoke(self, event: Any, request_id: str, watch: _Watch) -> Any:
        context = SimpleNamespace(
            aws_request_id=request_id,
            function_name=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
            function_version="$LATEST",
            invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{os.environ.get('AWS_LAMBDA_FUNCTION_NAME', '')}",
            memory_limit_in_mb="128",
            log_group_name="/aws/lambda/check",
            log_stream_name="check",
            get_remaining_time_in_millis=lambda: int(max(0.0, watch.timeout_s - watch.slept_s) * 1000),
        )
        value = self._handler(event, context)
        json.dumps(value)  # Lambda cannot give back what is no JSON
        return value


def _run_tests(folder: str) -> dict[str, dict[str, list[str]]]:
    """One session over the tests of every folder below: starting pytest anew for each would take most of the time."""
    import pytest

    variants = _Variants(folder)
    quiet = ["--noconftest", "-p", "no:cacheprovider", "-p", "no:terminal", "--rootdir", folder, "-c", os.devnull]
    pytest.main([*quiet, "--import-mode=importlib", folder], plugins=[variants])
    return variants.found


class _Variants:
    """A pytest plugin: `handler` is the one beside the tests that are read or run, and what each folder's tests gave is kept."""

    def __init__(self, root: str) -> None:
        self.found: dict[str, dict[str, list[str]]] = {}
        self._root = root
        self._handlers: dict[str, Any] = {}
        self._current = ""

    def pytest_collectstart(self, collector: Any) -> None:
        if collector.path.suffix == ".py":
            self._enter(str(collector.path.parent))

    def pytest_runtest_protocol(self, item: Any) -> None:
        self._enter(str(item.path.parent))

    def _enter(self, folder: str) -> None:
        if folder == self._current:
            return
        if "handler" in sys.modules:
            self._handlers[self._current] = sys.modules.pop("handler")
        if folder in self._handlers:
            sys.modules["handler"] = self._handlers[folder]
        self._current = folder
        os.chdir(folder)
        sys.path[:] = [folder, *(path for path in sys.path if not path.startswith(self._root))]
        importlib.invalidate_caches()

    def _of(self, node_id: str) -> dict[str, list[str]]:
        return self.found.setdefault(node_id.split("/", 1)[0], {"passed": [], "failed": [], "errors": []})

    def pytest_runtest_logreport(self, report: Any) -> None:
        name = report.nodeid.rsplit("::", 1)[-1]
        if report.failed:
            self._of(report.nodeid)["failed"].append(name)
        elif report.when == "call" and report.passed:
            self._of(report.nodeid)["passed"].append(name)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self._of(report.nodeid)["errors"].append(str(report.longrepr).strip().splitlines()[-1][:300])


def _answer(order: dict[str, Any], state: dict[str, Any], watch: _Watch) -> dict[str, Any]:
    watch.slept_s, watch.wrote = 0.0, []
    watch.timeout_s = float(order.get("timeout_s", 3.0))
    try:
        if order["do"] == "pytest":
            return {"value": _run_tests(order["folder"])}
        watch.listening = True
        if order["do"] == "load":
            state["environment"] = _Environment(order["folder"], order["module"], order["function"])
            return {"value": None}
        return {"value": state["environment"].invoke(order["event"], order["request_id"], watch)}
    except (SystemExit, KeyboardInterrupt) as error:
        return {"error": f"Runtime.ExitError: {error}"}
    except TimedOut as error:
        return {"error": f"Sandbox.Timedout: {error}"}
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is its answer
        return {"error": f"{type(error).__name__}: {error}"[:500]}
    finally:
        watch.listening = False


def main() -> None:
    """Answer orders until the input ends."""
    # What the handler prints must not be taken for an answer.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    watch, state = _Watch(), dict[str, Any]()
    sys.addaudithook(watch.hear)
    time.sleep = watch.sleep  # type: ignore[assignment]
    sys.dont_write_bytecode = True
    for line in sys.stdin:
        reply = _answer(json.loads(line), state, watch)
        replies.write(json.dumps({**reply, "slept_s": watch.slept_s, "wrote": watch.wrote[:5]}) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
