"""Every execution that is known: found, listed, changed from one state to the next, kept for 45 days as on AWS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from labkit.cloud.athena.error_types import failed
from labkit.cloud.athena.errors import SYSTEM, QueryFailure
from labkit.cloud.athena.records import ACTIVE, KIND, Execution, from_document, to_document
from labkit.cloud.athena.requests import invalid
from labkit.cloud.call import Scope
from labkit.cloud.event_bus.athena_events import tell_query

_KEPT_S = 45 * 24 * 3600
GONE = QueryFailure("", "Query failed: the local cloud stopped while the query was running", category=SYSTEM)


class History:
    """Executions in memory and in the state folder; safe to use from many threads."""

    def __init__(self, services: Any) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._known: dict[tuple[Scope, str], Execution] = {}
        self._tokens: dict[tuple[Scope, str], str] = {}
        # Told of each execution that ends while the cloud runs.
        self.on_end: Callable[[Scope, Execution], None] = lambda *_: None

    def recover(self) -> None:
        """Load what is kept; what was running when the process died is FAILED, and says so."""
        now = self.now()
        for scope, name, document in self._services.documents.list(KIND):
            execution = from_document(document)
            if execution.submitted < now - _KEPT_S:
                self._services.documents.delete(KIND, scope, name)
                continue
            if execution.state in ACTIVE:
                ending = {"state": "FAILED", "reason": GONE.reason, "error": failed(GONE), "completed": now}
                execution = execution.changed(**ending)
                self._services.documents.put(KIND, scope, name, to_document(execution))
            self._remember(scope, execution)

    def now(self) -> float:
        """The clock, in seconds since 1970."""
        return float(self._services.clock().timestamp())

    def add(self, scope: Scope, execution: Execution) -> None:
        """A new execution; it is durable when this returns."""
        self._services.documents.put(KIND, scope, execution.id, to_document(execution))
        self._remember(scope, execution)
        tell_query(self._services.emit, scope, execution, None)

    def _remember(self, scope: Scope, execution: Execution) -> None:
        with self._lock:
            self._known[scope, execution.id] = execution
            if execution.token:
                self._tokens[scope, execution.token] = execution.id

    def find(self, scope: Scope, name: str) -> Execution:
        """The execution; InvalidRequestException when there is none."""
        with self._lock:
            found = self._known.get((scope, name))
        if found is None:
            raise invalid(f"QueryExecution {name} was not found", "INVALID_QUERY_EXECUTION_ID")
        return found

    def of_token(self, scope: Scope, token: str) -> Execution | None:
        """The execution that a ClientRequestToken started."""
        with self._lock:
            return self._known.get((scope, self._tokens.get((scope, token), "")))

    def of_workgroup(self, scope: Scope, workgroup: str) -> list[Execution]:
        """Newest first."""
        with self._lock:
            known = list(self._known.items())
        return [one for (owner, _), one in reversed(known) if owner == scope and one.workgroup == workgroup]

    def change(self, scope: Scope, name: str, states: Sequence[str], **values: Any) -> Execution | None:
        """Change an execution that is in one of ``states``; None, and no change, when it is in another by now."""
        with self._lock:
            before = self._known.get((scope, name))
            if before is None or before.state not in states:
                return None
            after = before.changed(**values)
            self._known[scope, name] = after
        if after.state not in ACTIVE:
            self._services.documents.put(KIND, scope, name, to_document(after))
            self.on_end(scope, after)
            facts = {
                "sql": " ".join(after.sql.split())[:200],
                "scanned_bytes": after.scanned_bytes,
                "reason": after.reason or "",
            }
            self._services.happenings.note(
                "query", scope, name, after.state, seconds=self.now() - after.submitted, **facts
            )
        if after.state != before.state:
            tell_query(self._services.emit, scope, after, before.state)
        return after

    def end(self, scope: Scope, name: str, failure: QueryFailure, state: str, **values: Any) -> Execution | None:
        """FAILED or CANCELLED, for a reason; None when the execution had ended before."""
        ending = {"state": state, "reason": failure.reason, "error": error_of(failure, state), "completed": self.now()}
        return self.change(scope, name, ACTIVE, **{**values, **ending})

    def end_all(self, failure: QueryFailure) -> None:
        """FAILED for everything that has not ended."""
        with self._lock:
            active = [key for key, one in self._known.items() if one.state in ACTIVE]
        for scope, name in active:
            self.end(scope, name, failure, "FAILED")

    def forget(self, scope: Scope, workgroup: str) -> None:
        """Drop the executions of a workgroup that is deleted."""
        for one in self.of_workgroup(scope, workgroup):
            with self._lock:
                self._known.pop((scope, one.id), None)
            self._services.documents.delete(KIND, scope, one.id)


def error_of(failure: QueryFailure, state: str) -> dict[str, object] | None:
    """AthenaError, which only a failed query has."""
    return failed(failure) if state == "FAILED" else None
