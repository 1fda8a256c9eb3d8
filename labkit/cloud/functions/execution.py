"""Runs one invocation on one worker, and writes its log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from labkit.cloud.functions.configuration import FunctionSpec
from labkit.cloud.functions.journal import Journal
from labkit.cloud.functions.packages import Package
from labkit.cloud.functions.reply import MAX_RESPONSE_BYTES, Invocation, Outcome, error_payload
from labkit.cloud.functions.report import (
    Fault,
    Usage,
    end_line,
    exit_fault,
    init_lines,
    memory_fault,
    report_line,
    start_line,
    timeout_fault,
)
from labkit.cloud.functions.worker import Worker, WorkerDied, WorkerTooBig, WorkerTooSlow

# AWS gives the initialisation 10 s of its own, then goes on in the invocation's time.
_INIT_S = 10.0
_MIB = 1_048_576


@dataclass(frozen=True)
class ColdStart:
    """What a new worker is told: its package and environment, and when its making began (time.perf_counter)."""

    package: Package
    environment: dict[str, str]
    began: float


@dataclass(frozen=True)
class Execution:
    """One invocation of one version on one worker; `run` may be called once."""

    spec: FunctionSpec
    invocation: Invocation
    worker: Worker
    journal: Journal
    clock: Callable[[], datetime]

    def run(self, cold: ColdStart | None) -> tuple[Outcome, bool]:
        """The outcome, and whether the worker may serve again."""
        self.worker.listen(self.journal.lines)
        init_ms, error, fault = (None, None, None) if cold is None else self._init(cold)
        self.journal.lines([start_line(self.invocation.request_id, self.spec.version)])
        began = time.perf_counter()
        answer: dict[str, Any] = {}
        if error is None and fault is None:
            answer, fault = self._ask(self._request(), float(self.spec.timeout_s))
        usage = self._usage((time.perf_counter() - began) * 1000, init_ms, fault)
        payload, failed = _result(answer, error, fault)
        failed_init = "Status: error\tError Type: " + str(error["errorType"]) if error else ""
        self._close_log(usage, fault, failed_init)
        outcome = Outcome(payload, "Unhandled" if failed else None, self.spec.version, self.journal.tail)
        return outcome, fault is None and error is None

    def _init(self, cold: ColdStart) -> tuple[float, dict[str, Any] | None, Fault | None]:
        self.journal.lines(init_lines(self.spec.runtime))
        request = {
            "type": "init",
            "request_id": self.invocation.request_id,
            "env": cold.environment,
            "cwd": str(cold.package.task),
            "paths": cold.package.import_paths,
            "shown": cold.package.shown_as,
            "handler": self.spec.handler,
        }
        answer, fault = self._ask(request, _INIT_S + self.spec.timeout_s)
        error = answer.get("error")
        if error:
            error = {**error, "requestId": self.invocation.request_id}
        return (time.perf_counter() - cold.began) * 1000, error, fault

    def _ask(self, request: dict[str, Any], seconds: float) -> tuple[dict[str, Any], Fault | None]:
        request_id = self.invocation.request_id
        try:
            return self.worker.ask(request, time.monotonic() + seconds, self.spec.memory_mb * _MIB), None
        except WorkerTooSlow:
            return {}, timeout_fault(request_id, self.spec.timeout_s, self.clock())
        except WorkerTooBig:
            return {}, memory_fault(request_id)
        except WorkerDied as death:
            return {}, exit_fault(request_id, death.return_code)

    def _request(self) -> dict[str, Any]:
        invocation = self.invocation
        qualifier = f":{invocation.qualifier}" if invocation.qualifier else ""
        return {
            "type": "invoke",
            "request_id": invocation.request_id,
            "payload": invocation.payload,
            "arn": self.spec.arn + qualifier,
            "deadline_ms": (time.time() + self.spec.timeout_s) * 1000,
            "client_context": invocation.client_context,
            "trace": invocation.trace,
        }

    def _usage(self, duration_ms: float, init_ms: float | None, fault: Fault | None) -> Usage:
        killed_for_memory = fault is not None and "OutOfMemory" in fault.status
        used_bytes = self.spec.memory_mb * _MIB if killed_for_memory else self.worker.last_peak_bytes
        return Usage(duration_ms, init_ms, used_bytes, self.spec.memory_mb)

    def _close_log(self, usage: Usage, fault: Fault | None, failed_init: str) -> None:
        request_id = self.invocation.request_id
        before = [] if fault is None else [fault.line]
        status = failed_init if fault is None else fault.status
        self.journal.lines([*before, end_line(request_id), report_line(request_id, usage, status)])


def _result(answer: dict[str, Any], error: dict[str, Any] | None, fault: Fault | None) -> tuple[str, bool]:
    if fault is not None:
        return error_payload(fault.kind, fault.message), True
    if error is not None:
        return json.dumps(error), True
    payload: str = answer["payload"]
    if len(payload) > MAX_RESPONSE_BYTES or len(payload.encode("utf-8", "surrogatepass")) > MAX_RESPONSE_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        return error_payload("Function.ResponseSizeTooLarge", message), True
    return payload, bool(answer["failed"])


def package_root(state_dir: Path) -> Path:
    """Where unpacked functions live."""
    return state_dir / "functions" / "code"
