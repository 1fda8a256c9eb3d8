"""Warm workers by function: who may run now, and on which process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from labkit.cloud.call import AwsError
from labkit.cloud.functions.configuration import FunctionSpec
from labkit.cloud.functions.worker import Worker

# Local bound of processes for one function. AWS gives a new account 10 concurrent executions; beyond them a call waits its turn here.
MAX_WORKERS = 10
_WAIT_FOR_TURN_S = 60.0
# AWS keeps an idle sandbox for 5 to 15 minutes, and session credentials are renewed long before they end.
IDLE_S = 600.0
_MAX_AGE_S = 2700.0


@dataclass
class _Group:
    idle: list[Worker] = field(default_factory=list)
    busy: dict[int, Worker | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Lease:
    """The right to one execution; `worker` is None until a cold start has made one; `running` executions with this one."""

    key: str
    number: int
    worker: Worker | None
    running: int = 1


class WorkerPool:
    """Hands out workers, at most the reserved concurrency of a function at a time, and kills those that are out of date."""

    def __init__(self, max_workers: int = MAX_WORKERS, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_workers = max_workers
        self._clock = clock
        self._groups: dict[str, _Group] = {}
        self._changed = threading.Condition()
        self._next = 0
        self._closed = False

    def acquire(self, spec: FunctionSpec) -> Lease:
        """A lease, at once or when another one ends; AwsError TooManyRequestsException when the reserved concurrency is used up."""
        end = self._clock() + _WAIT_FOR_TURN_S
        with self._changed:
            while True:
                group = self._groups.setdefault(spec.key, _Group())
                self._refuse_if_throttled(spec, len(group.busy), end)
                if len(group.busy) < self._max_workers:
                    break
                self._changed.wait(1)
            worker, outdated = self._pick(group, spec)
            self._next += 1
            lease = Lease(spec.key, self._next, worker, len(group.busy) + 1)
            group.busy[lease.number] = worker
        _kill_all(outdated)
        if worker is not None:
            worker.thaw()
        return lease

    def attach(self, lease: Lease, worker: Worker) -> None:
        """Record the worker that a cold start made, so that stopping the cloud ends it."""
        with self._changed:
            self._groups[lease.key].busy[lease.number] = worker
            closed = self._closed
        if closed:
            worker.kill()

    def release(self, lease: Lease, *, reusable: bool) -> None:
        """End the lease; a reusable worker stays warm."""
        with self._changed:
            group = self._groups[lease.key]
            worker = group.busy.pop(lease.number)
            keep = worker is not None and reusable and not self._closed and worker.alive
            if keep and worker is not None:
                worker.freeze()
                group.idle.append(worker)
            self._changed.notify_all()
        if worker is not None and not keep:
            worker.kill()

    def drop_idle(self, idle_s: float = IDLE_S) -> None:
        """Kill workers that nobody used for `idle_s` seconds."""
        with self._changed:
            old: list[Worker] = []
            for group in self._groups.values():
                old += [worker for worker in group.idle if self._clock() - worker.last_used_at >= idle_s]
                group.idle = [worker for worker in group.idle if worker not in old]
        _kill_all(old)

    def close(self) -> None:
        """Kill every worker, busy ones too."""
        with self._changed:
            self._closed = True
            groups = list(self._groups.values())
            workers = [
                worker for group in groups for worker in (*group.idle, *group.busy.values()) if worker is not None
            ]
            for group in groups:
                group.idle.clear()
            self._changed.notify_all()
        _kill_all(workers)

    def _refuse_if_throttled(self, spec: FunctionSpec, busy: int, end: float) -> None:
        if self._closed:
            raise AwsError("ServiceException", "The local cloud is stopping.", 503)
        reserved = spec.reserved_concurrency
        if reserved is not None and busy >= reserved:
            raise _throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        if busy >= self._max_workers and self._clock() >= end:
            raise _throttled("ConcurrentInvocationLimitExceeded")

    def _pick(self, group: _Group, spec: FunctionSpec) -> tuple[Worker | None, list[Worker]]:
        outdated = [worker for worker in group.idle if self._is_outdated(worker, spec)]
        group.idle = [worker for worker in group.idle if worker not in outdated]
        good = [worker for worker in group.idle if worker.fingerprint == spec.fingerprint]
        if not good:
            return None, outdated
        group.idle.remove(good[-1])
        return good[-1], outdated

    def _is_outdated(self, worker: Worker, spec: FunctionSpec) -> bool:
        changed = worker.version == spec.version and worker.fingerprint != spec.fingerprint
        return changed or not worker.alive or self._clock() - worker.started_at >= _MAX_AGE_S


def _throttled(reason: str) -> AwsError:
    return AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {"Reason": reason, "Type": "User"})


def _kill_all(workers: list[Worker]) -> None:
    for worker in workers:
        worker.kill()
