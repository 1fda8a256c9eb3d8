"""The trace header that follows a chain of invocations, and AWS's recursive loop detection on it.

Lambda puts ``_X_AMZN_TRACE_ID`` into a function's environment, botocore sends it on as ``X-Amzn-Trace-Id`` with each call that the
function makes, and the event which such a call causes carries it to the next function. Its Lineage part counts how often
each function ran in this chain; AWS stops a chain at the 17th run
(docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html).
"""

from __future__ import annotations

import hashlib
import secrets
import time
from urllib.parse import unquote

MAX_RUNS_IN_CHAIN = 16


def extend_trace(trace: str | None, function_arn: str, *, sampled: bool = False) -> str:
    """The header for a run of `function_arn` that `trace` (None: a new chain) caused; `sampled` when the function is traced."""
    counts = _counts(trace)
    mark = _mark(function_arn)
    counts[mark] = counts.get(mark, 0) + 1
    lineage = "|".join(f"{name}:{count}" for name, count in counts.items())
    root = _part(trace, "Root") or f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    chosen = _part(trace, "Sampled") or ("1" if sampled else "0")
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled={chosen};Lineage={lineage}"


def runs_in_chain(trace: str | None, function_arn: str) -> int:
    """How often the function ran in the chain that led to `trace`, this run included if the header was made for it."""
    return _counts(trace).get(_mark(function_arn), 0)


def trace_parts(trace: str) -> tuple[str, str, bool]:
    """Trace id, segment id, and whether the trace is sampled."""
    return _part(trace, "Root") or "", _part(trace, "Parent") or "", _part(trace, "Sampled") == "1"


def _mark(function_arn: str) -> str:
    return hashlib.sha256(function_arn.encode()).hexdigest()[:8]


def _part(trace: str | None, name: str) -> str | None:
    for part in (trace or "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return unquote(value)  # botocore sends the header encoded: `|` arrives as `%7C`
    return None


def _counts(trace: str | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in (_part(trace, "Lineage") or "").split("|"):
        mark, _, count = entry.rpartition(":")
        if mark and count.isdigit():
            counts[mark] = int(count)
    return counts
