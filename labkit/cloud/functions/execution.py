"""Runs one invocation on one worker, and writes its log."""

from __future__ import annotations

import base64
import binascii
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
    PlatformLog,
    Usage,
    exit_fault,
    init_fault,
    memory_fault,
    raised_fault,
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
        log, request_id = PlatformLog(self.spec), self.invocation.request_id
        self.journal.lines(log.start(self.clock(), request_id))
        began = time.perf_counter()
        answer: dict[str, Any] = {}
        if error is None and fault is None:
            answer, fault = self._ask(self._request(), float(self.spec.timeout_s))
        duration_ms = (time.perf_counter() - began) * 1000
        if fault is not None and fault.status == "timeout":
            duration_ms = self.spec.timeout_s * 1000.0  # what came after was the killing of it
        payload, failed = _result(answer, error, fault)
        # An initialisation that failed is no part of what AWS reports as Init Duration.
        usage = self._usage(duration_ms, init_ms if error is None else None, fault)
        ending = init_fault(error) if error is not None else fault
        if ending is None and failed and self.spec.logging.is_json:
            ending = raised_fault(payload)  # the text of REPORT does not tell of it
        self._close_log(log, usage, fault, ending)
        outcome = Outcome(
            payload=payload,
            error="Unhandled" if failed else None,
            version=self.spec.version,
            log_tail=self.journal.tail,
            duration_ms=duration_ms,
            trace=self.invocation.trace,
        )
        return outcome, fault is None and error is None

    def _init(self, cold: ColdStart) -> tuple[float, dict[str, Any] | None, Fault | None]:
        log = PlatformLog(self.spec)
        self.journal.lines(log.init_start(self.clock()))
        request = {
            "type": "init",
            "request_id": self.invocation.request_id,
            "env": cold.environment,
            "cwd": str(cold.package.task),
            "paths": cold.package.import_paths,
            "shown": cold.package.shown_as,
            "handler": self.spec.handler,
            "json_logs": self.spec.logging.is_json,
            "level": self.spec.logging.application_level,
        }
        answer, fault = self._ask(request, _INIT_S + self.spec.timeout_s)
        error = answer.get("error")
        if error:
            error = {**error, "requestId": self.invocation.request_id}
        init_ms = (time.perf_counter() - cold.began) * 1000
        status = "error" if error or fault else "timeout" if init_ms > _INIT_S * 1000 else "success"
        kind = str(error["errorType"]) if error else fault.error_type if fault else ""
        self.journal.lines(log.init_report(self.clock(), init_ms, status, kind))
        return init_ms, error, fault

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
        killed_for_memory = fault is not None and fault.error_type == "Runtime.OutOfMemory"
        used_bytes = self.spec.memory_mb * _MIB if killed_for_memory else self.worker.last_peak_bytes
        return Usage(duration_ms, init_ms, used_bytes, self.spec.memory_mb)

    def _close_log(self, log: PlatformLog, usage: Usage, fault: Fault | None, ending: Fault | None) -> None:
        request_id = self.invocation.request_id
        before = [fault.line] if fault is not None and fault.line else []
        after = log.end(self.clock(), request_id, usage, ending, self.invocation.trace or "")
        full = self.worker.storage_note(self.spec.storage_mb)
        self.journal.lines([*before, *([full] if full else []), *after])


def _result(answer: dict[str, Any], error: dict[str, Any] | None, fault: Fault | None) -> tuple[bytes, bool]:
    if fault is not None:
        return error_payload(fault.kind, fault.message), True
    if error is not None:
        return json.dumps(error).encode(), True
    payload = _payload(answer)
    if payload is None or len(payload) > MAX_RESPONSE_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        return error_payload("Function.ResponseSizeTooLarge", message), True
    return payload, bool(answer.get("failed"))


def _payload(answer: dict[str, Any]) -> bytes | None:
    """The bytes of an answer; None when the worker held them back for their size."""
    if answer.get("too_large"):
        return None
    if "bytes" in answer:
        try:
            return base64.b64decode(str(answer["bytes"]))
        except binascii.Error:
            return b""
    return str(answer.get("payload", "")).encode("utf-8", "surrogatepass")


def package_root(state_dir: Path) -> Path:
    """Where unpacked functions live."""
    return state_dir / "functions" / "code"
