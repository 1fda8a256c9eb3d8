"""Takes down what is told it and stores it from a thread of its own, so that no request waits for the trail."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.principal import Principal
from labkit.cloud.trail.heard import Heard
from labkit.cloud.trail.record import TrailEvent, build_event, build_service_event
from labkit.cloud.trail.storage import Note, TrailStorage

log = logging.getLogger(__name__)
# Long enough to fold a burst into one transaction; a `kill -9` loses no more than this.
_DELAY_S = 0.05
_BATCH = 500
# More than this waiting means that requests come faster than they can be described: the requests wait then, none is lost.
_MAX_WAITING = 20_000
_TRIES = 5

Waiting = Heard | Note | TrailEvent


class Recorder:
    """Requests (`heard`), notes of the engines (`note`) and calls of services (`assumed`) on their way to the storage."""

    def __init__(
        self, storage: TrailStorage, account: str, find_caller: Callable[[str | None, str], Principal]
    ) -> None:
        self._storage = storage
        self._account = account
        self._find_caller = find_caller
        self._waiting: deque[Waiting] = deque()
        self._wake = threading.Event()
        self._writing = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="trail", daemon=True)

    def start(self) -> None:
        """Begin to store."""
        self._thread.start()

    def stop(self) -> None:
        """Store what waits, then end."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self.flush()
        self._storage.close()

    def heard(self, heard: Heard) -> None:
        """Take down a request that was answered; returns at once."""
        self._take(heard)

    def note(self, kind: str, scope: Scope, resource: str, outcome: str = "ok", **facts: Any) -> None:
        """Take down what an engine tells: `note("crawl", scope, "sales-crawler", "FAILED", reason="…")`."""
        self._take(Note(time.time(), kind, scope.account, scope.region, resource, outcome, facts))

    def assumed(self, role_arn: str, session: str, access_key: str, scope: Scope, by: str) -> None:
        """Take down that a service (`lambda.amazonaws.com`) assumed a role to work under it."""
        answer = {
            "credentials": {"accessKeyId": access_key},
            "assumedRoleUser": {
                "arn": f"{role_arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/{session}"
            },
        }
        params = {"roleArn": role_arn, "roleSessionName": session}
        self._take(
            build_service_event(
                "sts", "AssumeRole", params, answer, by=by, account=scope.account, region=scope.region, at=time.time()
            )
        )

    def flush(self) -> None:
        """Store everything that was told before this call."""
        with self._writing:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                rows = [row for row in map(self._describe, batch) if row is not None]
                try:
                    self._storage.append(rows, time.time())
                except Exception:
                    log.exception("could not store %d events of the trail", len(rows))

    def _take(self, waiting: Waiting) -> None:
        self._waiting.append(waiting)
        self._wake.set()
        if len(self._waiting) > _MAX_WAITING:
            self.flush()

    def _describe(self, waiting: Waiting) -> TrailEvent | Note | None:
        if not isinstance(waiting, Heard):
            return waiting
        try:
            return build_event(waiting, self._account, self._caller)
        except Exception:
            log.exception("could not describe %s %s for the trail", waiting.request.service, waiting.request.path)
            return None

    def _caller(self, access_key: str | None) -> Principal | None:
        for _ in range(_TRIES):
            try:
                return self._find_caller(access_key, self._account)
            except AwsError:
                return None
            except RuntimeError:  # users and sessions may change while they are looked through
                continue
        return None

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait()
            threading.Event().wait(_DELAY_S)
            self._wake.clear()
            self.flush()
