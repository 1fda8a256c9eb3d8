"""The calls over query executions."""

from __future__ import annotations

import threading
from typing import Any

from labkit.cloud.athena.delivery import results_page
from labkit.cloud.athena.history import GONE, History
from labkit.cloud.athena.permissions import permitted
from labkit.cloud.athena.records import ACTIVE, Execution, describe, runtime_statistics, statistics
from labkit.cloud.athena.requests import invalid, page
from labkit.cloud.athena.reuse import answered, find_reusable
from labkit.cloud.athena.running import Runner
from labkit.cloud.athena.saved import SavedQueries
from labkit.cloud.athena.session import Sessions
from labkit.cloud.athena.starting import asked_the_same, checked_statement, new_execution
from labkit.cloud.athena.workgroups import WorkGroups
from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.metrics.athena import record_query


class Executions:
    """StartQueryExecution and the calls that look at what it started."""

    def __init__(
        self, services: Any, history: History, workgroups: WorkGroups, saved: SavedQueries, sessions: Sessions
    ) -> None:
        self._services, self._history, self._workgroups, self._saved = services, history, workgroups, saved
        self._runner = Runner(services, history, workgroups, saved, sessions)
        self._starting = threading.Lock()
        history.on_end = self._publish

    @property
    def routes(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "StartQueryExecution": self._start, "GetQueryExecution": self._get, "BatchGetQueryExecution": self._batch,
            "ListQueryExecutions": self._list, "GetQueryResults": self._results, "StopQueryExecution": self._stop,
            "GetQueryRuntimeStatistics": self._runtime,
        }  # fmt: skip

    def recover(self) -> None:
        """Load what is kept."""
        self._history.recover()

    def warm(self) -> None:
        """Make the first query fast."""
        self._runner.warm()

    def close(self) -> None:
        """Interrupt what runs, wait for it; what waited is FAILED and says so."""
        self._runner.close()
        self._history.end_all(GONE)

    def _publish(self, scope: Scope, execution: Execution) -> None:
        """CloudWatch metrics of an ended query, where its workgroup has them."""
        if self._workgroups.publishes_metrics(scope, execution.workgroup):
            recorder, told = self._services.metrics(scope), statistics(execution)
            record_query(recorder, execution.workgroup, execution.state, execution.type, told)

    def _start(self, call: Call) -> dict[str, Any]:
        workgroup, token = call.params.get("WorkGroup") or "primary", call.params.get("ClientRequestToken")
        self._workgroups.check_enabled(call.scope, workgroup)
        if not token:
            return self._started(call)
        with self._starting:  # two calls with one token must not both find nothing
            before = self._history.of_token(call.scope, token)
            if before is None:
                return self._started(call)
        if not asked_the_same(before, call):
            raise invalid("Idempotent parameters do not match", "INVALID_INPUT")
        return {"QueryExecutionId": before.id}

    def _started(self, call: Call) -> dict[str, Any]:
        statement = checked_statement(call.params["QueryString"], list(call.params.get("ExecutionParameters") or ()))
        caller = permitted(self._services, call.access_key, call.scope)
        execution = new_execution(call, statement, self._services, self._workgroups, self._saved)
        caller.check_output_bucket(execution.output_location.removeprefix("s3://").partition("/")[0])
        earlier = None
        if execution.reuse.get("Enabled"):
            known = self._history.of_workgroup(call.scope, execution.workgroup)
            earlier = find_reusable(known, execution, caller)
        if earlier is not None:
            self._history.add(call.scope, answered(execution, earlier, self._history.now()))
        else:
            self._history.add(call.scope, execution)
            self._runner.submit(call.scope, execution, statement, caller)
        return {"QueryExecutionId": execution.id}

    def _get(self, call: Call) -> dict[str, Any]:
        return {"QueryExecution": describe(self._history.find(call.scope, call.params["QueryExecutionId"]))}

    def _batch(self, call: Call) -> dict[str, Any]:
        found, missing = [], []
        for name in call.params["QueryExecutionIds"]:
            try:
                found.append(describe(self._history.find(call.scope, name)))
            except AwsError as failure:
                code, text = failure.fields["AthenaErrorCode"], failure.message
                missing.append({"QueryExecutionId": name, "ErrorCode": code, "ErrorMessage": text})
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def _list(self, call: Call) -> dict[str, Any]:
        workgroup = call.params.get("WorkGroup") or "primary"
        self._workgroups.find(call.scope, workgroup)
        names = [one.id for one in self._history.of_workgroup(call.scope, workgroup)]
        return page(names, call.params, "QueryExecutionIds")

    def _runtime(self, call: Call) -> dict[str, Any]:
        execution = self._history.find(call.scope, call.params["QueryExecutionId"])
        return {"QueryRuntimeStatistics": runtime_statistics(execution)}

    def _stop(self, call: Call) -> dict[str, Any]:
        execution = self._history.find(call.scope, call.params["QueryExecutionId"])
        if execution.state in ACTIVE:
            self._runner.stop(call.scope, execution.id)
        return {}

    def _results(self, call: Call) -> dict[str, Any]:
        execution = self._history.find(call.scope, call.params["QueryExecutionId"])
        caller = permitted(self._services, call.access_key, call.scope)
        return results_page(caller.store, execution, call.params)
