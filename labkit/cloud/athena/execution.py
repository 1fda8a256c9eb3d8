"""Query executions: started in threads, watched, stopped, kept."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from labkit.cloud.athena.delivery import deliver, results_page
from labkit.cloud.athena.errors import MalformedQuery, QueryFailure
from labkit.cloud.athena.readers.parquet import Footers
from labkit.cloud.athena.records import ACTIVE, KIND, Execution, describe, from_document, statistics, to_document
from labkit.cloud.athena.requests import invalid, page, required
from labkit.cloud.athena.results import column_info, output_bucket
from labkit.cloud.athena.run import check_syntax, run_statement
from labkit.cloud.athena.saved import SavedQueries, with_parameters
from labkit.cloud.athena.session import Sessions
from labkit.cloud.athena.statement import Statement, classify
from labkit.cloud.athena.work import Outcome, Work
from labkit.cloud.athena.workgroups import WorkGroups
from labkit.cloud.call import AwsError, Call, Handler, Scope

# Queries at a time; the rest wait in state QUEUED. Each DuckDB already uses all cores.
_WORKERS = 4
_MAX_SQL = 262_144
_NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result configuration setting "
    "or as an API input."
)
# Statements that need DuckDB; the rest only touch the catalog.
_QUERYING = ("select", "explain", "execute", "create_table_as", "insert", "unload")
_GONE = "the local cloud stopped while the query was running"


class Executions:
    """The execution calls and the threads behind them."""

    def __init__(self, services: Any, workgroups: WorkGroups, saved: SavedQueries) -> None:
        self._services, self._workgroups, self._saved = services, workgroups, saved
        self._sessions, self._footers = Sessions(), Footers()
        self._lock = threading.Lock()
        self._known: dict[tuple[Scope, str], Execution] = {}
        self._connections: dict[str, Any] = {}
        self._stopped: set[str] = set()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="athena")

    @property
    def routes(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "StartQueryExecution": self._start, "GetQueryExecution": self._get, "BatchGetQueryExecution": self._batch,
            "ListQueryExecutions": self._list, "GetQueryResults": self._results, "StopQueryExecution": self._stop,
            "GetQueryRuntimeStatistics": self._runtime,
        }  # fmt: skip

    def recover(self) -> None:
        """Load what is kept; what was running when the process died is FAILED, and says so."""
        for scope, name, document in self._services.documents.list(KIND):
            execution = from_document(document)
            if execution.state in ACTIVE:
                failure = QueryFailure("", f"Query failed: {_GONE}", category=1)
                execution = self._failed(execution, failure)
                self._services.documents.put(KIND, scope, name, to_document(execution))
            self._known[scope, name] = execution

    def warm(self) -> None:
        """Load DuckDB and sqlglot and run a query, so that the first one of the user is fast."""
        check_syntax(classify("SELECT count(*) FROM t WHERE a = 1"))
        self._sessions.prepare()

    def close(self) -> None:
        """Interrupt what runs; nothing new starts."""
        with self._lock:
            for key, execution in self._known.items():
                if execution.state in ACTIVE:
                    self._stopped.add(key[1])
            running = list(self._connections)
        self._pool.shutdown(wait=False, cancel_futures=True)
        for name in running:
            self._interrupt(name)
        self._pool.shutdown(wait=True)
        self._sessions.close()

    # calls

    def _start(self, call: Call) -> dict[str, Any]:
        sql = required(call.params, "QueryString")
        if len(sql.encode()) > _MAX_SQL:
            raise invalid("Query string is longer than 262144 bytes")
        workgroup = call.params.get("WorkGroup") or "primary"
        self._workgroups.check_enabled(call.scope, workgroup)
        token = call.params.get("ClientRequestToken")
        repeated = self._repeated(call.scope, token, sql)
        if repeated:
            return {"QueryExecutionId": repeated}
        parameters = tuple(call.params.get("ExecutionParameters") or ())
        statement = self._checked(sql, list(parameters))
        execution = self._new(call, statement, sql, workgroup, parameters)
        self._keep(call.scope, execution)
        self._pool.submit(self._run, call.scope, execution.id, statement)
        return {"QueryExecutionId": execution.id}

    def _checked(self, sql: str, parameters: list[str]) -> Statement:
        """Text that does not parse is refused before an execution exists, as on AWS."""
        try:
            statement = classify(sql)
            if parameters and statement.kind != "execute":
                statement = classify(with_parameters(statement.sql, parameters))
            check_syntax(statement)
        except MalformedQuery as failure:
            raise invalid(failure.text, "MALFORMED_QUERY") from None
        return statement

    def _new(
        self, call: Call, statement: Statement, sql: str, workgroup: str, parameters: tuple[str, ...]
    ) -> Execution:
        asked = (call.params.get("ResultConfiguration") or {}).get("OutputLocation")
        location = self._workgroups.output_location(call.scope, workgroup, asked)
        if not location:
            raise invalid(_NO_OUTPUT)
        try:
            bucket, prefix = output_bucket(location)
        except QueryFailure as failure:
            raise invalid(failure.text) from None
        context = call.params.get("QueryExecutionContext") or {}
        name = str(uuid.uuid4())
        ending = {"insert": "", "create_table_as": "", "unload": ""}.get(
            statement.kind, ".csv" if statement.kind in ("select", "execute") else ".txt"
        )
        folder = "tables/" if statement.kind == "create_table_as" else ""
        return Execution(
            id=name, sql=sql, type=statement.type, substatement=statement.substatement,
            database=(context.get("Database") or "").lower(), catalog=(context.get("Catalog") or "").lower(), workgroup=workgroup,
            output_location=f"s3://{bucket}/{prefix}{folder}{name}{ending}", parameters=parameters,
            submitted=self._services.clock().timestamp(), token=call.params.get("ClientRequestToken"),
        )  # fmt: skip

    def _repeated(self, scope: Scope, token: str | None, sql: str) -> str | None:
        if not token:
            return None
        with self._lock:
            found = [one for (owner, _), one in self._known.items() if owner == scope and one.token == token]
        if found and found[0].sql != sql:
            raise invalid("Idempotent parameters do not match", "INVALID_INPUT")
        return found[0].id if found else None

    def _find(self, scope: Scope, name: str) -> Execution:
        with self._lock:
            found = self._known.get((scope, name))
        if found is None:
            raise invalid(f"QueryExecution {name} was not found")
        return found

    def _get(self, call: Call) -> dict[str, Any]:
        return {"QueryExecution": describe(self._find(call.scope, required(call.params, "QueryExecutionId")))}

    def _batch(self, call: Call) -> dict[str, Any]:
        found, missing = [], []
        for name in required(call.params, "QueryExecutionIds"):
            try:
                found.append(describe(self._find(call.scope, name)))
            except AwsError as failure:
                missing.append(
                    {
                        "QueryExecutionId": name,
                        "ErrorCode": "INVALID_QUERY_EXECUTION_ID",
                        "ErrorMessage": failure.message,
                    }
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def _list(self, call: Call) -> dict[str, Any]:
        workgroup = call.params.get("WorkGroup") or "primary"
        self._workgroups.find(call.scope, workgroup)
        with self._lock:
            found = [
                one for (scope, _), one in self._known.items() if scope == call.scope and one.workgroup == workgroup
            ]
        return page([one.id for one in reversed(found)], call.params, "QueryExecutionIds")

    def _runtime(self, call: Call) -> dict[str, Any]:
        execution = self._find(call.scope, required(call.params, "QueryExecutionId"))
        known = statistics(execution)
        keys = ("QueryQueueTimeInMillis", "ServicePreProcessingTimeInMillis", "QueryPlanningTimeInMillis", "EngineExecutionTimeInMillis",
                "ServiceProcessingTimeInMillis", "TotalExecutionTimeInMillis")  # fmt: skip
        rows = {
            "InputBytes": execution.scanned_bytes,
            "OutputBytes": execution.written_bytes,
            "OutputRows": execution.rows,
        }
        return {"QueryRuntimeStatistics": {"Timeline": {key: known[key] for key in keys if key in known}, "Rows": rows}}

    def _stop(self, call: Call) -> dict[str, Any]:
        execution = self._find(call.scope, required(call.params, "QueryExecutionId"))
        with self._lock:
            if execution.state not in ACTIVE:
                return {}
            self._stopped.add(execution.id)
            running = execution.id in self._connections
        if running:
            threading.Thread(target=self._interrupt, args=(execution.id,), name="athena-stop", daemon=True).start()
        elif execution.state == "QUEUED":
            self._finish(call.scope, execution, QueryFailure("", "Query cancelled by user"), "CANCELLED")
        return {}

    def _results(self, call: Call) -> dict[str, Any]:
        execution = self._find(call.scope, required(call.params, "QueryExecutionId"))
        return results_page(self._services.store, execution, call.params)

    # the work behind

    def _keep(self, scope: Scope, execution: Execution, durable: bool = True) -> None:
        if durable:
            self._services.documents.put(KIND, scope, execution.id, to_document(execution))
        with self._lock:
            self._known[scope, execution.id] = execution

    def _run(self, scope: Scope, name: str, statement: Statement) -> None:
        execution = self._find(scope, name)
        if execution.state != "QUEUED":
            return
        execution = execution.changed(state="RUNNING", started=self._now())
        self._keep(scope, execution, durable=False)
        scratch = self._scratch(name)
        connection = self._sessions.take() if statement.kind in _QUERYING else None
        with self._lock:
            self._connections[name] = connection
        timing: dict[str, float] = {}
        try:
            work = self._work(scope, execution, statement, connection, scratch, timing)
            if name in self._stopped:
                self._finish(scope, execution, QueryFailure("", "Query cancelled by user"), "CANCELLED")
                return
            outcome = run_statement(work, statement)
            execution = execution.changed(planned=timing.get("planned"), engine_done=self._now())
            self._succeed(scope, execution, outcome, scratch)
        except Exception as failure:  # noqa: BLE001  # a query must end in a state, whatever went wrong
            self._fail(scope, execution.changed(planned=timing.get("planned"), engine_done=self._now()), failure)
        finally:
            with self._lock:
                self._connections.pop(name, None)
            if connection is not None:
                connection.close()
            shutil.rmtree(scratch, ignore_errors=True)

    def _interrupt(self, name: str) -> None:
        """Again and again until the query is gone: DuckDB forgets an interrupt that comes between two statements."""
        while True:
            with self._lock:
                connection = self._connections.get(name)
                if connection is None:
                    return
                connection.interrupt()
            time.sleep(0.02)

    def _now(self) -> float:
        return float(self._services.clock().timestamp())

    def _scratch(self, name: str) -> Path:
        folder = Path(self._services.state_dir).absolute() / "athena" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _work(
        self,
        scope: Scope,
        execution: Execution,
        statement: Statement,
        connection: Any,
        scratch: Path,
        timing: dict[str, float],
    ) -> Work:
        def planned() -> None:
            timing["planned"] = self._now()

        def prepared(name: str) -> str | None:
            found = self._saved.find_prepared(scope, execution.workgroup, name)
            return found["QueryStatement"] if found else None

        return Work(
            id=execution.id, sql=statement.sql, database=execution.database or "default", store=self._services.store,
            catalog=self._services.catalog(scope), connection=connection, footers=self._footers, scratch=scratch,
            now=self._services.clock(), output_location=execution.output_location,
            limit_bytes=self._workgroups.limit_bytes(scope, execution.workgroup), planned=planned, prepared=prepared,
            save_prepared=lambda name, text: self._saved.save_prepared(scope, execution.workgroup, name, text),
            parameters=execution.parameters,
        )  # fmt: skip

    def _succeed(self, scope: Scope, execution: Execution, outcome: Outcome, scratch: Path) -> None:
        columns = tuple(column_info(name, kind) for name, kind in outcome.columns)
        written, manifest = deliver(self._services.store, execution, outcome, columns, scratch)
        done = execution.changed(
            state="SUCCEEDED", completed=self._now(), columns=columns, scanned_bytes=outcome.scanned_bytes, rows=outcome.rows,
            update_count=outcome.update_count, written_bytes=written, manifest=manifest,
        )  # fmt: skip
        self._keep(scope, done)

    def _fail(self, scope: Scope, execution: Execution, failure: Exception) -> None:
        if execution.id in self._stopped:
            self._finish(scope, execution, QueryFailure("", "Query cancelled by user"), "CANCELLED")
        elif isinstance(failure, QueryFailure):
            over = failure.text.startswith("Query cancelled!")
            self._finish(scope, execution, failure, "CANCELLED" if over else "FAILED")
        elif isinstance(failure, AwsError):
            self._finish(scope, execution, QueryFailure("", f"FAILED: {failure.code}: {failure.message}"), "FAILED")
        else:
            text = f"the local engine could not finish: {type(failure).__name__}: {failure}"
            self._finish(scope, execution, QueryFailure("GENERIC_INTERNAL_ERROR", text, category=1), "FAILED")

    def _finish(self, scope: Scope, execution: Execution, failure: QueryFailure, state: str) -> None:
        self._keep(scope, self._failed(execution, failure, state))

    def _failed(self, execution: Execution, failure: QueryFailure, state: str = "FAILED") -> Execution:
        error = None
        if state == "FAILED":
            error = {
                "ErrorCategory": failure.category,
                "ErrorType": failure.error_type,
                "Retryable": False,
                "ErrorMessage": failure.reason,
            }
        return execution.changed(state=state, reason=failure.reason, error=error, completed=self._now())
