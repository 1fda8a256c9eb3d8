"""The platform's own lines in a function's log."""

from __future__ import annotations

import math
import platform
import signal
from dataclasses import dataclass
from datetime import datetime

from labkit.cloud.functions.runtimes import runtime_note


@dataclass(frozen=True)
class Usage:
    """What one invocation took: milliseconds and bytes. `init_ms` is None when the worker was warm."""

    duration_ms: float
    init_ms: float | None
    max_memory_bytes: int
    memory_mb: int


@dataclass(frozen=True)
class Fault:
    """An end that the platform put to an invocation, or the worker to itself: its log lines and its error."""

    kind: str
    message: str
    line: str
    status: str


def init_lines(runtime: str) -> list[str]:
    """The first lines of a new worker's stream."""
    note = runtime_note(runtime)
    return [f"INIT_START Runtime Version: python:{platform.python_version()}.local", *([note] if note else [])]


def start_line(request_id: str, version: str) -> str:
    """The line before the handler's own output."""
    return f"START RequestId: {request_id} Version: {version}"


def end_line(request_id: str) -> str:
    """The line after it."""
    return f"END RequestId: {request_id}"


def report_line(request_id: str, usage: Usage, status: str = "") -> str:
    """The REPORT line; AWS bills the initialisation too, rounded up to the next millisecond."""
    billed_ms = math.ceil(usage.duration_ms + (usage.init_ms or 0))
    used_mb = min(math.ceil(usage.max_memory_bytes / 1_048_576), usage.memory_mb)
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {usage.duration_ms:.2f} ms",
        f"Billed Duration: {billed_ms} ms",
        f"Memory Size: {usage.memory_mb} MB",
        f"Max Memory Used: {used_mb} MB",
    ]
    if usage.init_ms is not None:
        parts.append(f"Init Duration: {usage.init_ms:.2f} ms")
    return "\t".join([*parts, status])


def timeout_fault(request_id: str, timeout_s: int, now: datetime) -> Fault:
    """A handler that ran for its whole timeout."""
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
    text = f"Task timed out after {timeout_s:.2f} seconds"
    return Fault(
        "Sandbox.Timedout", f"RequestId: {request_id} Error: {text}", f"{stamp} {request_id} {text}", "Status: timeout"
    )


def memory_fault(request_id: str) -> Fault:
    """A handler that took more memory than the function has."""
    message = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
    status = "Status: error\tError Type: Runtime.OutOfMemory"
    return Fault("Runtime.ExitError", message, f"{message}\nRuntime.ExitError", status)


def exit_fault(request_id: str, return_code: int | None) -> Fault:
    """A worker that ended by itself: sys.exit, os._exit, a crash of C code, or somebody's kill."""
    if return_code == 0:
        ending = "Runtime exited without providing a reason"
    elif return_code is not None and return_code < 0:
        ending = f"Runtime exited with error: signal: {_signal_words(-return_code)}"
    else:
        ending = f"Runtime exited with error: exit status {return_code}"
    message = f"RequestId: {request_id} Error: {ending}"
    return Fault(
        "Runtime.ExitError", message, f"{message}\nRuntime.ExitError", "Status: error\tError Type: Runtime.ExitError"
    )


def _signal_words(number: int) -> str:
    try:
        return (signal.strsignal(number) or f"signal {number}").lower()
    except ValueError:
        return f"signal {number}"
