"""A loop through EventBridge (a function puts events that invoke it again) kept from taking the whole machine.

AWS detects loops of Lambda with SQS, SNS and S3, not with EventBridge: there such a loop runs, and is paid for, until somebody stops it.
Here the trace of each event goes with it, so the Lambda engine stops a function at its 17th run in one chain. Where several rules
answer each event, a chain grows in breadth too: from the fourth run of a function on, a chain has a budget.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from urllib.parse import unquote

_LINEAGE = re.compile(r"Lineage=([^;]*)")
_ROOT = re.compile(r"Root=([^;]*)")
_HARMLESS_RUNS = 3
MOST_IN_A_LOOP = 256
_MOST_CHAINS = 1000


class Loops:
    """Counts what the chains that look like loops have invoked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chains: OrderedDict[str, int] = OrderedDict()

    def allows(self, trace: str | None) -> bool:
        """Whether an event of a chain may invoke one more target."""
        if trace is None or _runs(trace) <= _HARMLESS_RUNS:
            return True
        found = _ROOT.search(trace)
        root = found[1] if found else trace
        with self._lock:
            count = self._chains[root] = self._chains.pop(root, 0) + 1
            if len(self._chains) > _MOST_CHAINS:
                self._chains.popitem(last=False)
        return count <= MOST_IN_A_LOOP


def _runs(trace: str) -> int:
    """The most runs of any one function in the chain that a trace header tells of."""
    found = _LINEAGE.search(unquote(trace))  # botocore sends the header encoded
    counts = [entry.rpartition(":")[2] for entry in found[1].split("|")] if found else []
    return max((int(count) for count in counts if count.isdigit()), default=0)
