"""A brake for loops through Glue: S3 event → function → job run → object → S3 event → …

AWS's loop detection follows functions, queues, topics and buckets, but no job: there such a loop runs, and costs, until somebody sees
it. On a laptop it would eat the machine, so events of a chain are dropped when a function would run the 17th time in it, which
is where AWS stops the loops that it does see. `LABKIT_LOOP_BRAKE=off` lets them go on.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import Call, Handler

MAX_RUNS_IN_CHAIN = 16
# Chains are remembered in memory only, the newest ones: a loop is fast, and a restart may forget it.
_REMEMBERED = 20_000
_ROOT = re.compile(r"(?:^|;)\s*Root=([^;\s]+)")


class Loops:
    """How deep in a chain each job run and each event is: 1 for a run that an outsider's event led to."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._is_off = environ.get("LABKIT_LOOP_BRAKE", "").lower() in ("off", "0", "false", "no")
        self._lock = threading.Lock()
        self._by_root: OrderedDict[str, int] = OrderedDict()
        self._by_run: OrderedDict[str, int] = OrderedDict()

    def watch(self, start_job_run: Handler, trace_of: Any) -> Handler:
        """StartJobRun, remembering how deep in a chain the new run is; `trace_of()` is the request's trace header."""

        def start(call: Call) -> dict[str, Any]:
            answer = start_job_run(call)
            self.run_started(str(answer.get("JobRunId", "")), trace_of())
            return answer

        return start

    def run_started(self, run_id: str, trace: str | None) -> None:
        """A run was started by a request with this trace header (None: by no function)."""
        found = _ROOT.search(trace or "")
        if found is None:
            return
        with self._lock:
            _remember(self._by_run, run_id, self._by_root.get(found[1], 0) + 1)

    def depth(self, run_id: str | None) -> int:
        """How many runs of a chain led to what this job run does; 0 for all but runs of a chain, and for no run."""
        with self._lock:
            return self._by_run.get(run_id or "", 0)

    def is_endless(self, depth: int) -> bool:
        """Whether an event of this depth is to be dropped."""
        return depth >= MAX_RUNS_IN_CHAIN and not self._is_off

    def trace(self, depth: int) -> str:
        """A trace header of its own for an event of this depth: what it leads to is found again by it."""
        root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        with self._lock:
            _remember(self._by_root, root, depth)
        return f"Root={root}"


def explain(function: str) -> str:
    """What is written where somebody looks for the event that did not come."""
    return (
        f"[labkit] Stopped a loop: {function} has run {MAX_RUNS_IN_CHAIN} times in one chain, because the Glue job that it starts writes "
        "objects which trigger it again. AWS does not detect loops through Glue: there this would go on, and cost, until you stop it. "
        "Let the job write to another bucket, or to a prefix that the trigger's filter leaves out."
    )


def _remember(kept: OrderedDict[str, int], name: str, depth: int) -> None:
    kept[name] = depth
    kept.move_to_end(name)
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)
