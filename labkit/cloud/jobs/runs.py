"""Job runs as documents: how one begins, changes state and is shown (docs.aws.amazon.com/glue, "JobRun structure")."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.documents import Documents
from labkit.cloud.jobs.definitions import dpus
from labkit.cloud.jobs.log_streams import LOG_GROUP

KIND = "glue-run"
ENDED = frozenset({"STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"})
ACTIVE = frozenset({"STARTING", "RUNNING", "STOPPING"})


class Runs:
    """All runs; every change is durable when it returns."""

    def __init__(self, documents: Documents, clock: Callable[[], datetime]) -> None:
        self._documents = documents
        self._clock = clock
        self._lock = threading.RLock()
        # Told of every state that a run takes.
        self.watchers: list[Callable[[Scope, dict[str, Any]], None]] = []

    def create(
        self, scope: Scope, job: Mapping[str, Any], params: Mapping[str, Any], state: str, after: dict[str, Any] | None
    ) -> dict[str, Any]:
        """A new run of a job; `after` is the failed run that this one tries again."""
        attempt = after["Attempt"] + 1 if after else 0
        run_id = f"{after['Id'].split('_attempt_')[0]}_attempt_{attempt}" if after else f"jr_{secrets.token_hex(32)}"
        now = self._clock().timestamp()
        sized = {**job, **{name: value for name, value in params.items() if value is not None}}
        run: dict[str, Any] = {
            "Id": run_id,
            "Attempt": attempt,
            "JobName": job["Name"],
            "JobMode": job.get("JobMode", "SCRIPT"),
            "JobRunQueuingEnabled": bool(sized.get("JobRunQueuingEnabled", False)),
            "StartedOn": now,
            "LastModifiedOn": now,
            "JobRunState": state,
            "Arguments": dict(params.get("Arguments") or {}),
            "PredecessorRuns": [],
            "AllocatedCapacity": int(dpus(sized)),
            "ExecutionTime": 0,
            "Timeout": sized.get("Timeout", 2880),
            "MaxCapacity": dpus(sized),
            "LogGroupName": LOG_GROUP,
            "GlueVersion": job["GlueVersion"],
            "ExecutionClass": sized.get("ExecutionClass", "STANDARD"),
        }
        for name in ("WorkerType", "NumberOfWorkers", "SecurityConfiguration", "NotificationProperty"):
            if sized.get(name) is not None:
                run[name] = sized[name]
        if params.get("JobRunId"):
            run["PreviousRunId"] = params["JobRunId"]
        self._documents.put(KIND, scope, run_id, run)
        self._tell(scope, run)
        return run

    def _tell(self, scope: Scope, run: dict[str, Any]) -> None:
        for watcher in self.watchers:
            watcher(scope, run)

    def find(self, scope: Scope, run_id: str) -> dict[str, Any] | None:
        """The JobRun document, or None."""
        return self._documents.find(KIND, scope, run_id)

    def of_job(self, scope: Scope, job_name: str) -> list[dict[str, Any]]:
        """Runs of a job, newest first."""
        runs = [run for _, _, run in self._documents.list(KIND, scope) if run["JobName"] == job_name]
        return runs[::-1]

    def up_to(self, scope: Scope, job_name: str, run_id: str) -> list[str] | None:
        """Ids of a run and of the job's runs before it, newest first; None when there is no such run."""
        ids = [run["Id"] for run in self.of_job(scope, job_name)]
        return ids[ids.index(run_id) :] if run_id in ids else None

    def everywhere(self) -> list[tuple[Scope, dict[str, Any]]]:
        """Every run of every account and region, oldest first."""
        return [(scope, run) for scope, _, run in self._documents.list(KIND)]

    def change(self, scope: Scope, run_id: str, **fields: Any) -> dict[str, Any] | None:
        """Set fields of a run that has not ended; None when it is gone or ended before (an ended run stays as it is)."""
        with self._lock:
            run = self.find(scope, run_id)
            if run is None or run["JobRunState"] in ENDED:
                return None
            now = self._clock().timestamp()
            before, run = run["JobRunState"], {**run, **fields, "LastModifiedOn": now}
            if run["JobRunState"] in ENDED:
                run["CompletedOn"] = now
                run["ExecutionTime"] = round(now - run["_Began"]) if "_Began" in run else 0
            self._documents.put(KIND, scope, run_id, run)
            if run["JobRunState"] != before:
                self._tell(scope, run)
            return run

    def delete_of_job(self, scope: Scope, job_name: str) -> None:
        """Runs go with their job."""
        for run in self.of_job(scope, job_name):
            self._documents.delete(KIND, scope, run["Id"])


def shown(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run as GetJobRun shows it; names that begin with an underscore are ours."""
    return {name: value for name, value in run.items() if not name.startswith("_")}
