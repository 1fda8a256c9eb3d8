"""StartJobRun and what belongs to it: concurrency, queueing, retries, stopping, recovery."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.event_bus.glue_events import JobEvents
from labkit.cloud.jobs.archive import cache_dir
from labkit.cloud.jobs.arguments import RunArguments, merge_arguments, run_arguments
from labkit.cloud.jobs.bookmarks import Bookmarks
from labkit.cloud.jobs.definitions import Definitions, check_capacity
from labkit.cloud.jobs.execution import CLOUD_STOPPED, Execution
from labkit.cloud.jobs.java import find_java
from labkit.cloud.jobs.pool import FURTHER_ROUNDS, Pool
from labkit.cloud.jobs.role import SESSION, check_trust
from labkit.cloud.jobs.run_log import RunLog
from labkit.cloud.jobs.runs import ACTIVE, ENDED, Runs, shown
from labkit.cloud.jobs.spark import SparkSetup, find_spark_home
from labkit.cloud.jobs.versions import refusal
from labkit.cloud.services import Services

_RUNNABLE = ("glueetl", "pythonshell")
# "on"; "started": a waiting driver does no work in advance, which saves processor and costs a job about 2 s; "off": none waits, which
# saves 450 MB too; "archive": one is started only where the archive of Java's classes is still to be made.
WARM_DRIVER_SETTING = "LABKIT_WARM_DRIVER"
# What a caller gives to one run, and an automatic retry keeps.
_OF_A_RUN = (
    "Arguments",
    "Timeout",
    "WorkerType",
    "NumberOfWorkers",
    "MaxCapacity",
    "ExecutionClass",
    "SecurityConfiguration",
)
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")


class JobsEngine:
    """Owns every Glue job call; `minute_s` is how long a minute of a timeout lasts (60, shorter in tests)."""

    def __init__(self, services: Services, minute_s: float = 60.0) -> None:
        self._services = services
        self._runs = Runs(services.documents, services.clock)
        told = JobEvents(services.emit, self._runs.find, services.clock, minute_s)
        self._runs.watchers += [self._tell_state, told.tell]
        self._bookmarks = Bookmarks(services.documents, self._runs.up_to)
        self._definitions = Definitions(services.documents, services.clock, self._forget_job)
        port = urlsplit(services.endpoint_url).port or 0

        @lru_cache(maxsize=1)
        def setup() -> SparkSetup:
            return SparkSetup(find_java(os.environ.get("JAVA_HOME")), find_spark_home(), port)

        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._warming = os.environ.get(WARM_DRIVER_SETTING, "on")
        rounds = FURTHER_ROUNDS if self._warming == "on" else 0
        self._pool = Pool(setup, services.scratch_dir / "jobs", environment, cache_dir(os.environ), rounds)
        self._execution = Execution(services, self._runs, self._pool, minute_s, cache_dir(os.environ))
        self._lock = threading.RLock()
        self._stopping = False

    @property
    def routes(self) -> dict[tuple[str, str], Handler]:
        """Handlers by service and action."""
        return {
            **self._definitions.routes,
            **self._bookmarks.routes,
            ("glue", "StartJobRun"): self.start_run,
            ("glue", "GetJobRun"): self.get_run,
            ("glue", "GetJobRuns"): self.get_runs,
            ("glue", "BatchStopJobRun"): self.stop_runs,
        }

    def start(self) -> None:
        """Recover, and warm a driver up in the background."""
        self.recover()
        if self._warming != "off" and not (self._warming == "archive" and self._pool.has_archive):
            self._pool.start()

    def recover(self) -> None:
        """Fail what was running when the process died, and start what waits."""
        for scope, run in self._runs.everywhere():
            if run["JobRunState"] in ACTIVE:
                self._runs.change(scope, run["Id"], JobRunState="FAILED", ErrorMessage=CLOUD_STOPPED)
                self._log_of(scope, run).write("error", [CLOUD_STOPPED])
        for scope, run in self._runs.everywhere():
            if run["JobRunState"] == "WAITING":
                self._start_waiting(scope, run["JobName"])

    def stop(self) -> None:
        """End every run; what was active is told FAILED at the next start."""
        self._stopping = True
        self._execution.stop_all()
        self._pool.stop()

    @property
    def is_warm(self) -> bool:
        """Whether a driver waits, warmed up."""
        return self._pool.is_warm

    @property
    def has_archive(self) -> bool | None:
        """Whether Java's classes of Spark lie ready; None while they may still be made."""
        made = self._pool.has_archive
        return made if made or self._pool.is_settled else None

    def access_key_of_driver(self, name: str) -> str | None:
        """The key of the role session that a driver's run has; None for anyone else (the administrator's tools)."""
        return self._execution.access_key_of(name)

    def run_of_key(self, access_key: str | None) -> str | None:
        """The run that is going on under a key of its role's session; None when the key is no run's."""
        return self._execution.run_of(access_key)

    def start_run(self, call: Call) -> dict[str, Any]:
        params = call.params
        job = self._definitions.get(call.scope, params.get("JobName", ""))
        kind = job["Command"]["Name"]
        if kind not in _RUNNABLE:
            raise AwsError(
                "InvalidInputException",
                f"Jobs of type {kind} are not run by the local cloud; it runs {' and '.join(_RUNNABLE)}.",
            )
        reason = refusal(job["GlueVersion"]) if kind == "glueetl" else ""
        if str(job["Command"].get("PythonVersion", "3")).startswith("2"):
            reason = "PythonVersion 2 is not run by the local cloud, which has Python 3 (as Glue 4.0 and later)."
        if reason:
            raise AwsError("InvalidInputException", reason)
        check_capacity({name: params.get(name) for name in ("WorkerType", "NumberOfWorkers", "MaxCapacity", "Timeout")})
        merge_arguments(job, params.get("Arguments"))
        check_trust(self._services, job["Role"], call.scope)
        with self._lock:
            state = self._state_of_new_run(call.scope, job, params)
            run = self._runs.create(call.scope, job, params, state, after=None)
        if state == "STARTING":
            self._carry_out(call.scope, job, run)
        return {"JobRunId": run["Id"]}

    def get_run(self, call: Call) -> dict[str, Any]:
        run = self._runs.find(call.scope, call.params.get("RunId", ""))
        if run is None or run["JobName"] != call.params.get("JobName"):
            message = f"Job Run {call.params.get('RunId')} of job {call.params.get('JobName')} not found."
            raise AwsError("EntityNotFoundException", message)
        return {"JobRun": self._with_time(run)}

    def get_runs(self, call: Call) -> dict[str, Any]:
        name = call.params.get("JobName", "")
        self._definitions.get(call.scope, name)
        runs = [self._with_time(run) for run in self._runs.of_job(call.scope, name)]
        start = int(call.params.get("NextToken") or 0)
        end = start + int(call.params.get("MaxResults") or 200)
        more = {"NextToken": str(end)} if end < len(runs) else {}
        return {"JobRuns": runs[start:end], **more}

    def stop_runs(self, call: Call) -> dict[str, Any]:
        name = call.params.get("JobName", "")
        done, errors = [], []
        for run_id in call.params.get("JobRunIds", []):
            error = self._stop_run(call.scope, name, run_id)
            if error is None:
                done.append({"JobName": name, "JobRunId": run_id})
            else:
                detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
                errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": detail})
        return {"SuccessfulSubmissions": done, "Errors": errors}

    def bookmark(self, request: dict[str, Any]) -> dict[str, Any]:
        """The page `/_labkit/jobs/bookmark` that the Glue runtime in a run uses."""
        found = [(scope, run) for scope, run in self._runs.everywhere() if run["Id"] == request.get("RunId")]
        if not found:
            raise AwsError("EntityNotFoundException", f"No run {request.get('RunId')} of job {request.get('JobName')}.")
        scope, run = found[0]
        # A script may give job.init another name than its job's: the state is kept under that name, as on AWS.
        name = str(request.get("JobName") or run["JobName"])
        if request.get("Action") == "put":
            if run["JobRunState"] in ENDED or run["JobRunState"] == "STOPPING":
                message = f"Run {run['Id']} has ended or is being stopped; its bookmark is not saved."
                raise AwsError("InvalidInputException", message)
            if not isinstance(request.get("State"), dict):
                raise AwsError("InvalidInputException", "State must be an object.")
            expected = request.get("Version")
            version = self._bookmarks.save(scope, name, run["Id"], request["State"], expected, run["Attempt"])
            return {"State": request["State"], "Version": version}
        if request.get("Action") != "get":
            raise AwsError("InvalidInputException", f"Action {request.get('Action')} is not get or put.")
        if request.get("OfRun"):
            return {"State": self._bookmarks.state_of_run(scope, name, request["OfRun"])}
        state, version = self._bookmarks.state(scope, name)
        return {"State": state, "Version": version}

    def _log_of(self, scope: Scope, run: dict[str, Any]) -> RunLog:
        """The log of a run, as the role of its job may write it; a job that is gone has no role."""
        job = self._definitions.find(scope, run["JobName"]) or {"Role": ""}
        guard = self._services.role_guard(job["Role"], SESSION, scope)
        return RunLog(self._services.logs(scope), scope, run["Id"], self._arguments(scope, run).streams, guard)

    def _state_of_new_run(self, scope: Scope, job: dict[str, Any], params: Any) -> str:
        limit = int(job["ExecutionProperty"].get("MaxConcurrentRuns", 1))
        active = sum(run["JobRunState"] in ACTIVE for run in self._runs.of_job(scope, job["Name"]))
        if active < limit:
            return "STARTING"
        if params.get("JobRunQueuingEnabled", job.get("JobRunQueuingEnabled")):
            return "WAITING"
        raise AwsError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}")

    def _carry_out(self, scope: Scope, job: dict[str, Any], run: dict[str, Any]) -> None:
        name = f"run-{run['Id'][:11]}"
        threading.Thread(target=self._run_to_end, args=(scope, job, run), name=name, daemon=True).start()

    def _run_to_end(self, scope: Scope, job: dict[str, Any], run: dict[str, Any]) -> None:
        ended = self._execution.run(scope, job, run, self._arguments(scope, run, job))
        if self._stopping:
            return
        if ended is not None and ended["JobRunState"] == "FAILED" and ended["Attempt"] < int(job.get("MaxRetries", 0)):
            with self._lock:
                again = self._runs.create(scope, job, {name: run.get(name) for name in _OF_A_RUN}, "STARTING", ended)
            self._carry_out(scope, job, again)
            return
        self._start_waiting(scope, job["Name"])

    def _arguments(self, scope: Scope, run: dict[str, Any], job: dict[str, Any] | None = None) -> RunArguments:
        job = job or self._definitions.find(scope, run["JobName"]) or {"Command": {}}
        location = job["Command"].get("ScriptLocation", "")
        return run_arguments(merge_arguments(job, run["Arguments"]), run["JobName"], run["Id"], location)

    def _start_waiting(self, scope: Scope, job_name: str) -> None:
        """Start the oldest waiting run of a job when there is room for it."""
        job = self._definitions.find(scope, job_name)
        if job is None:
            return
        with self._lock:
            runs = self._runs.of_job(scope, job_name)
            room = int(job["ExecutionProperty"].get("MaxConcurrentRuns", 1)) - sum(
                r["JobRunState"] in ACTIVE for r in runs
            )
            waiting = [run for run in runs[::-1] if run["JobRunState"] == "WAITING"]
            if room <= 0 or not waiting:
                return
            begun = self._runs.change(scope, waiting[0]["Id"], JobRunState="STARTING")
        if begun is not None:
            self._carry_out(scope, job, begun)

    def _stop_run(self, scope: Scope, job_name: str, run_id: str) -> AwsError | None:
        run = self._runs.find(scope, run_id)
        if run is None or run["JobName"] != job_name:
            return AwsError("EntityNotFoundException", f"Job Run {run_id} not found.")
        if run["JobRunState"] == "WAITING":
            self._runs.change(scope, run_id, JobRunState="STOPPED")
        elif run["JobRunState"] in ENDED:
            return AwsError("IllegalStateException", f"The run {run_id} is {run['JobRunState']} and cannot be stopped.")
        else:
            self._runs.change(scope, run_id, JobRunState="STOPPING")
            self._execution.stop(run_id)
        return None

    def _tell_state(self, scope: Scope, run: dict[str, Any]) -> None:
        facts = {"run": run["Id"], "seconds": run["ExecutionTime"]} | (
            {"reason": e} if (e := run.get("ErrorMessage")) else {}
        )
        self._services.happenings.note("job-run", scope, run["JobName"], run["JobRunState"], **facts)

    def _with_time(self, run: dict[str, Any]) -> dict[str, Any]:
        """ExecutionTime goes on while a run is going on."""
        if run["JobRunState"] in ACTIVE and "_Began" in run:
            run = {**run, "ExecutionTime": round(self._services.clock().timestamp() - run["_Began"])}
        return shown(run)

    def _forget_job(self, scope: Scope, name: str) -> None:
        for run in self._runs.of_job(scope, name):
            if run["JobRunState"] not in ENDED:
                self._stop_run(scope, name, run["Id"])
        self._runs.delete_of_job(scope, name)
        self._bookmarks.forget(scope, name)
