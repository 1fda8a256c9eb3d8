"""The threads behind query executions: run, watch, stop."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.cloud.athena.delivery import deliver
from labkit.cloud.athena.denials import denied
from labkit.cloud.athena.errors import SYSTEM, QueryFailure
from labkit.cloud.athena.history import GONE, History
from labkit.cloud.athena.interrupting import interrupt_functions
from labkit.cloud.athena.permissions import Permitted
from labkit.cloud.athena.querying import OverLimit
from labkit.cloud.athena.readers.parquet import Footers
from labkit.cloud.athena.records import ACTIVE, Execution
from labkit.cloud.athena.results import column_info
from labkit.cloud.athena.reuse import reusable
from labkit.cloud.athena.run import check_syntax, run_statement
from labkit.cloud.athena.saved import SavedQueries
from labkit.cloud.athena.session import AT_A_TIME, Sessions
from labkit.cloud.athena.statement import Statement, classify
from labkit.cloud.athena.work import Outcome, Work
from labkit.cloud.athena.workgroups import WorkGroups
from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.authorizer import is_denied

# Statements that need DuckDB; the rest only touch the catalog.
_QUERYING = ("select", "explain", "execute", "create_table_as", "insert", "unload")
# Statements whose work is done once they have run: a stop that comes later comes too late.
_WRITING = ("create_table_as", "insert", "unload")
_CANCELLED = QueryFailure("", "Query cancelled by user")


@dataclass
class _Run:
    """One execution in a thread. ``settled`` is set when its end is decided; from then on it cannot be stopped."""

    scope: Scope
    id: str
    statement: Statement
    caller: Permitted
    connection: Any = None
    stopped: bool = False
    settled: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


class Runner:
    """Runs executions, a few at a time, each in a DuckDB of its own."""

    def __init__(
        self, services: Any, history: History, workgroups: WorkGroups, saved: SavedQueries, sessions: Sessions
    ) -> None:
        self._services, self._history, self._workgroups, self._saved = services, history, workgroups, saved
        self._sessions, self._footers = sessions, Footers()
        self._lock, self._warming = threading.Lock(), threading.Lock()
        self._running: dict[str, _Run] = {}
        self._closed = False
        self._pool = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="athena")

    def warm(self) -> None:
        """Load DuckDB and sqlglot and open sessions, so that the first query of the user is fast."""
        with self._warming:
            if not self._closed:
                check_syntax(classify("SELECT count(*) FROM t WHERE a = 1"))
                self._sessions.prepare()

    def submit(self, scope: Scope, execution: Execution, statement: Statement, caller: Permitted) -> None:
        """Run it with the permissions of the caller when a thread is free."""
        self._pool.submit(self._run, _Run(scope, execution.id, statement, caller))

    def stop(self, scope: Scope, name: str) -> None:
        """CANCELLED at once when it waits, soon when it runs; nothing when its end is decided."""
        with self._lock:
            run = self._running.get(name)
            if run is not None and not run.settled:
                run.stopped = True
        if run is not None:
            threading.Thread(target=self._interrupt, args=(run,), name="athena-stop").start()
        else:
            self._history.end(scope, name, _CANCELLED, "CANCELLED")

    def close(self) -> None:
        """Interrupt what runs, wait until no thread is inside DuckDB; nothing new starts."""
        with self._warming, self._lock:
            self._closed = True
            running = list(self._running.values())
            for run in running:
                run.stopped = not run.settled
        self._pool.shutdown(wait=False, cancel_futures=True)
        for run in running:
            self._interrupt(run)
        self._pool.shutdown(wait=True)
        self._sessions.close()

    def _run(self, run: _Run) -> None:
        with self._lock:
            if self._closed:
                return
            self._running[run.id] = run
        scratch = Path(self._services.state_dir).absolute() / "athena" / run.id
        try:
            execution = self._history.change(run.scope, run.id, ["QUEUED"], state="RUNNING", started=self._now())
            if execution is not None:
                scratch.mkdir(parents=True, exist_ok=True)
                self._carry_out(run, execution, scratch)
        finally:
            with self._lock:
                self._running.pop(run.id, None)
                connection, run.connection = run.connection, None
            if connection is not None:
                connection.close()
            shutil.rmtree(scratch, ignore_errors=True)

    def _carry_out(self, run: _Run, execution: Execution, scratch: Path) -> None:
        try:
            self._check_catalog(execution)
            run.caller.check_output(execution, run.statement.kind)
            connection = self._sessions.take() if run.statement.kind in _QUERYING else None
            with self._lock:
                run.connection = connection
            work = self._work(run, execution, connection, scratch)
            outcome = None if run.stopped else run_statement(work, run.statement)
            run.facts["engine_done"] = self._now()
            if outcome is not None and self._settle(run, outcome):
                self._succeed(run, execution, outcome, scratch)
            else:
                self._history.end(run.scope, run.id, *self._stopped(), **run.facts)
        except Exception as failure:  # noqa: BLE001  # a query must end in a state, whatever went wrong
            run.facts.setdefault("engine_done", self._now())
            self._fail(run, failure)

    def _settle(self, run: _Run, outcome: Outcome) -> bool:
        """From here on a stop comes too late; before here it leaves no result."""
        done = run.statement.kind in _WRITING or run.statement.kind not in _QUERYING or bool(outcome.manifest)
        with self._lock:
            run.settled = done or not run.stopped
        return run.settled

    def _stopped(self) -> tuple[QueryFailure, str]:
        return (GONE, "FAILED") if self._closed else (_CANCELLED, "CANCELLED")

    def _interrupt(self, run: _Run) -> None:
        """Again and again until the query is gone: DuckDB forgets an interrupt that comes between two statements."""
        while True:
            with self._lock:
                if run.id not in self._running or run.settled:
                    return
                if run.connection is not None:
                    run.connection.interrupt()
                    interrupt_functions(run.connection)
            time.sleep(0.02)

    def _now(self) -> float:
        return self._history.now()

    @staticmethod
    def _check_catalog(execution: Execution) -> None:
        if execution.catalog not in ("", "awsdatacatalog"):
            raise QueryFailure("CATALOG_NOT_FOUND", f"Catalog '{execution.catalog}' does not exist")

    def _work(self, run: _Run, execution: Execution, connection: Any, scratch: Path) -> Work:
        scope, workgroup = run.scope, execution.workgroup

        def planned(scanned_bytes: int) -> None:
            run.facts.update(planned=self._now(), scanned_bytes=scanned_bytes)

        def prepared(name: str) -> str | None:
            found = self._saved.find_prepared(scope, workgroup, name)
            return found["QueryStatement"] if found else None

        return Work(
            id=execution.id, sql=run.statement.sql, database=execution.database or "default", store=run.caller.store,
            catalog=run.caller.catalog, connection=connection, footers=self._footers, scratch=scratch,
            now=self._services.clock(), output_location=execution.output_location,
            limit_bytes=self._workgroups.limit_bytes(scope, workgroup), planned=planned, prepared=prepared,
            save_prepared=lambda name, text: self._saved.save_prepared(scope, workgroup, name, text),
            enforced_output=self._workgroups.enforces_output(scope, workgroup),
            parameters=execution.parameters, stopped=lambda: run.stopped,
        )  # fmt: skip

    def _succeed(self, run: _Run, execution: Execution, outcome: Outcome, scratch: Path) -> None:
        columns = tuple(column_info(name, kind) for name, kind in outcome.columns)
        written, manifest = deliver(run.caller.store, execution, outcome, columns, scratch)
        run.facts["scanned_bytes"] = outcome.scanned_bytes
        self._history.change(
            run.scope, run.id, ACTIVE, state="SUCCEEDED", completed=self._now(), columns=columns, rows=outcome.rows,
            update_count=outcome.update_count, written_bytes=written, manifest=manifest,
            **reusable(execution, run.caller.catalog.asked), **run.facts,
        )  # fmt: skip

    def _fail(self, run: _Run, failure: Exception) -> None:
        if run.stopped and not run.settled:
            ending, state = self._stopped()
        elif isinstance(failure, QueryFailure):
            ending, state = failure, "CANCELLED" if isinstance(failure, OverLimit) else "FAILED"
        elif isinstance(failure, AwsError) and is_denied(failure):
            ending, state = denied(failure, run.statement.kind), "FAILED"
        elif isinstance(failure, AwsError):
            ending, state = QueryFailure("", f"FAILED: {failure.code}: {failure.message}"), "FAILED"
        elif isinstance(failure, RecursionError):
            text = "statement is too large (stack overflow during analysis)"
            ending, state = QueryFailure("STACK_OVERFLOW", text), "FAILED"
        else:
            text = f"the local engine could not finish: {type(failure).__name__}: {failure}"
            ending, state = QueryFailure("GENERIC_INTERNAL_ERROR", text, category=SYSTEM), "FAILED"
        self._history.end(run.scope, run.id, ending, state, **run.facts)
