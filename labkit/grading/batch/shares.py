"""One student's notebooks in shares of about the same length, for workers that would have nothing to do."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from labkit.grading.editions.cells import Notebook

# Seconds of a solved notebook on two cores, by step: what runs jobs takes long. Only the balance depends on them.
_SECONDS = {4: 45, 6: 18, 7: 16, 8: 16}
_OTHERS_S = 6


# What a worker may use, with its cloud and its Spark.
_WORKER_BYTES = 4_000_000_000


def count_workers() -> int:
    """As many as this computer has cores and memory for, one at least."""
    import psutil

    return max(1, min(os.cpu_count() or 1, psutil.virtual_memory().total // _WORKER_BYTES))


def find_ways(workers: int, submissions: int, *, chain: bool) -> int:
    """In how many shares each submission is run, so that all workers have something to do. A chain is one piece."""
    return 1 if chain or not submissions else max(1, workers // submissions)


def split(names: Sequence[str], notebooks: Mapping[str, Notebook], ways: int) -> list[list[str]]:
    """At most `ways` shares, none of them empty; each keeps the notebooks' order."""
    shares: list[list[str]] = [[] for _ in range(ways)]
    seconds = [0] * ways
    for name in sorted(names, key=lambda one: -_estimate(notebooks[one])):
        least = seconds.index(min(seconds))
        shares[least].append(name)
        seconds[least] += _estimate(notebooks[name])
    return [sorted(share, key=list(names).index) for share in shares if share]


def _estimate(notebook: Notebook) -> int:
    return _SECONDS.get(notebook.step, _OTHERS_S)
