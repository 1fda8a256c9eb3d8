"""How an invocation ended, and the platform's own lines in a function's log: text, or JSON when LogFormat is JSON."""

from __future__ import annotations

import json
import math
import platform
import signal
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.cloud.functions.configuration import FunctionSpec
from labkit.cloud.functions.lineage import trace_parts
from labkit.cloud.functions.runtimes import platform_note, runtime_note

_LEVELS = {"DEBUG": 0, "INFO": 1, "WARN": 2}
_RUNTIME = f"python:{platform.python_version()}.local"


@dataclass(frozen=True)
class Usage:
    """What one invocation took: milliseconds and bytes. `init_ms` is None when the worker was warm."""

    duration_ms: float
    init_ms: float | None
    max_memory_bytes: int
    memory_mb: int

    @property
    def billed_ms(self) -> int:
        """AWS bills the initialisation too, rounded up to the next millisecond."""
        return math.ceil(self.duration_ms + (self.init_ms or 0))

    @property
    def used_mb(self) -> int:
        """Whole MB, at most what the function has."""
        return min(math.ceil(self.max_memory_bytes / 1_048_576), self.memory_mb)


@dataclass(frozen=True)
class Fault:
    """An end that the platform put to an invocation, or the worker to itself: its log line and its error."""

    kind: str
    message: str
    line: str
    status: str
    error_type: str = ""


@dataclass(frozen=True)
class PlatformLog:
    """The lines around what a function writes; each method gives log events without their final newline."""

    spec: FunctionSpec

    def init_start(self, now: datetime) -> list[str]:
        """The first lines of a new worker's stream."""
        notes = [note for note in (runtime_note(self.spec.runtime), platform_note(self.spec.architecture)) if note]
        if not self.spec.logging.is_json:
            return [f"INIT_START Runtime Version: {_RUNTIME}", *notes]
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": _RUNTIME,
            "functionName": self.spec.name,
            "functionVersion": self.spec.version,
        }
        return [*self._json("initStart", record, now, "INFO"), *notes]

    def init_report(self, now: datetime, init_ms: float, status: str, error_type: str = "") -> list[str]:
        """An initialisation that went wrong; JSON at DEBUG tells of the others too."""
        if not self.spec.logging.is_json:
            if status == "success":
                return []
            told = f"\tError Type: {error_type}" if error_type else ""
            return [f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: init\tStatus: {status}{told}"]
        record: dict[str, Any] = {"initializationType": "on-demand", "phase": "init", "status": status}
        ended = {**record, "errorType": error_type} if error_type else record
        level = "DEBUG" if status == "success" else "WARN"
        lines = self._json("initRuntimeDone", ended, now, level)
        return lines + self._json("initReport", {**record, "metrics": {"durationMs": _rounded(init_ms)}}, now, level)

    def start(self, now: datetime, request_id: str) -> list[str]:
        """Before the handler's own output."""
        if not self.spec.logging.is_json:
            return [f"START RequestId: {request_id} Version: {self.spec.version}"]
        return self._json("start", {"requestId": request_id, "version": self.spec.version}, now, "INFO")

    def end(self, now: datetime, request_id: str, usage: Usage, fault: Fault | None, trace: str) -> list[str]:
        """After it: END and REPORT; `fault` also for an initialisation that failed."""
        if not self.spec.logging.is_json:
            return [
                f"END RequestId: {request_id}",
                report_line(request_id, usage, fault, trace if self.spec.traced else ""),
            ]
        status = fault.status if fault else "success"
        record: dict[str, Any] = {"requestId": request_id, "status": status}
        if fault is not None and fault.error_type:
            record["errorType"] = fault.error_type
        metrics: dict[str, Any] = {
            "durationMs": _rounded(usage.duration_ms),
            "billedDurationMs": usage.billed_ms,
            "memorySizeMB": usage.memory_mb,
            "maxMemoryUsedMB": usage.used_mb,
        }
        if usage.init_ms is not None:
            metrics["initDurationMs"] = _rounded(usage.init_ms)
        done = {**record, "metrics": {"durationMs": _rounded(usage.duration_ms)}}
        lines = self._json("runtimeDone", done, now, "WARN" if fault else "DEBUG")
        report = {"requestId": request_id, "metrics": metrics, **record}
        if self.spec.traced:
            report["tracing"] = {"type": "X-Amzn-Trace-Id", "value": trace}
        return lines + self._json("report", report, now, "WARN" if fault else "INFO")

    def _json(self, kind: str, record: dict[str, Any], now: datetime, level: str) -> list[str]:
        if _LEVELS[level] < _LEVELS[self.spec.logging.system_level]:
            return []
        return [
            json.dumps({"time": utc_text(now), "type": f"platform.{kind}", "record": record}, separators=(",", ":"))
        ]


def report_line(request_id: str, usage: Usage, fault: Fault | None = None, trace: str = "") -> str:
    """The REPORT line; `trace` adds X-Ray's."""
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {usage.duration_ms:.2f} ms",
        f"Billed Duration: {usage.billed_ms} ms",
        f"Memory Size: {usage.memory_mb} MB",
        f"Max Memory Used: {usage.used_mb} MB",
    ]
    if usage.init_ms is not None:
        parts.append(f"Init Duration: {usage.init_ms:.2f} ms")
    if fault is not None:
        parts.append(f"Status: {fault.status}")
        parts += [f"Error Type: {fault.error_type}"] if fault.error_type else []
    line = "\t".join([*parts, ""])
    if not trace:
        return line
    root, segment, sampled = trace_parts(trace)
    return f"{line}\nXRAY TraceId: {root}\tSegmentId: {segment}\tSampled: {str(sampled).lower()}\t"


def utc_text(now: datetime) -> str:
    """2026-11-29T10:00:00.123Z."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def timeout_fault(request_id: str, timeout_s: int, now: datetime) -> Fault:
    """A handler that ran for its whole timeout."""
    text = f"Task timed out after {timeout_s:.2f} seconds"
    line = f"{utc_text(now)} {request_id} {text}"
    return Fault("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}", line, "timeout")


def memory_fault(request_id: str) -> Fault:
    """A handler that took more memory than the function has."""
    message = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
    return Fault("Runtime.ExitError", message, f"{message}\nRuntime.ExitError", "error", "Runtime.OutOfMemory")


def exit_fault(request_id: str, return_code: int | None) -> Fault:
    """A worker that ended by itself: sys.exit, os._exit, a crash of C code, or somebody's kill."""
    if return_code == 0:
        ending = "Runtime exited without providing a reason"
    elif return_code is not None and return_code < 0:
        ending = f"Runtime exited with error: signal: {_signal_words(-return_code)}"
    else:
        ending = f"Runtime exited with error: exit status {return_code}"
    message = f"RequestId: {request_id} Error: {ending}"
    return Fault("Runtime.ExitError", message, f"{message}\nRuntime.ExitError", "error", "Runtime.ExitError")


def init_fault(error: dict[str, Any]) -> Fault:
    """An initialisation that raised: the runtime has told it in the log already."""
    return Fault(str(error["errorType"]), str(error["errorMessage"]), "", "error", str(error["errorType"]))


def raised_fault(payload: bytes) -> Fault:
    """A handler that raised, by its error document."""
    document = json.loads(payload)
    kind = str(document.get("errorType", ""))
    return Fault(kind, str(document.get("errorMessage", "")), "", "error", kind)


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 3)


def _signal_words(number: int) -> str:
    try:
        return (signal.strsignal(number) or f"signal {number}").lower()
    except ValueError:
        return f"signal {number}"
