"""One run from STARTING to its end: files fetched, the driver ordered, output streamed, the state told truly."""

from __future__ import annotations

import logging
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.store import GuardedStore
from labkit.cloud.jobs.arguments import RunArguments
from labkit.cloud.jobs.definitions import is_shell
from labkit.cloud.jobs.driver import Driver, Ending
from labkit.cloud.jobs.inputs import Failure, Inputs, gather
from labkit.cloud.jobs.modules import Cancelled, install_modules, module_set
from labkit.cloud.jobs.pool import DriverParts, Pool
from labkit.cloud.jobs.role import SESSION, check_trust
from labkit.cloud.jobs.run_log import RunLog
from labkit.cloud.jobs.runs import Runs
from labkit.cloud.jobs.versions import refusal, run_note
from labkit.cloud.metrics.glue import JobMetrics
from labkit.cloud.roles import RoleCredentials
from labkit.cloud.services import Services

log = logging.getLogger(__name__)
_WARM_UP_S = 180.0
CLOUD_STOPPED = "The local cloud was stopped while this run was going on; its processes are gone."


class Execution:
    """Runs one job run in a thread of its own; `stop` and the timeout end the processes."""

    def __init__(self, services: Services, runs: Runs, pool: Pool, minute_s: float, cache: Path) -> None:
        self._services = services
        self._runs = runs
        self._pool = pool
        self._minute_s = minute_s
        self._cache = cache
        self._stop_asked: set[str] = set()
        self._drivers: dict[str, Driver] = {}
        self._keys: dict[str, str] = {}
        self._logs: dict[str, RunLog] = {}
        self._closing = False
        self._going_on = 0
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)

    def stop(self, run_id: str) -> None:
        """Ask a run to stop; its state becomes STOPPED once its processes are gone."""
        with self._lock:
            self._stop_asked.add(run_id)
            driver = self._drivers.get(run_id)
        if driver is not None:
            driver.kill()

    def access_key_of(self, driver_name: str) -> str | None:
        """The key of the run that a driver carries out, or None."""
        return self._keys.get(driver_name)

    def run_of(self, access_key: str | None) -> str | None:
        """The run that is going on under a key; None when the key is no run's."""
        names = {name for name, key in list(self._keys.items()) if key == access_key}
        with self._lock:
            return next((run_id for run_id, driver in self._drivers.items() if driver.name in names), None)

    def stop_all(self, timeout_s: float = 10.0) -> None:
        """End every driver (the cloud goes down) and wait until the runs have said so."""
        with self._lock:
            self._closing = True
            drivers = list(self._drivers.values())
        for driver in drivers:
            driver.kill()
        with self._idle:
            self._idle.wait_for(lambda: self._going_on == 0, timeout_s)

    def run(
        self, scope: Scope, job: dict[str, Any], run: dict[str, Any], arguments: RunArguments
    ) -> dict[str, Any] | None:
        """Carry a run out and set its final state; returns the ended run."""
        with self._lock:
            self._going_on += 1
        try:
            return self._run(scope, job, run, arguments)
        finally:
            with self._idle:
                self._going_on -= 1
                self._idle.notify_all()

    def _run(
        self, scope: Scope, job: dict[str, Any], run: dict[str, Any], arguments: RunArguments
    ) -> dict[str, Any] | None:
        run_id = run["Id"]
        guard = self._services.role_guard(job["Role"], SESSION, scope)
        self._logs[run_id] = RunLog(self._services.logs(scope), scope, run_id, arguments.streams, guard)
        try:
            outcome = self._attempt(scope, job, run, arguments)
        except Failure as failure:
            outcome = ("FAILED", str(failure))
        except AwsError as error:
            outcome = ("FAILED", f"{error.code}: {error.message}")
        except Exception as error:
            log.exception("job run %s", run_id)  # whatever went wrong here, the run must not stay RUNNING for ever
            outcome = ("FAILED", f"The local cloud could not run this job: {type(error).__name__}: {error}")
        state, message = outcome
        with self._lock:
            driver = self._drivers.pop(run_id, None)
            if driver is not None:
                self._keys.pop(driver.name, None)
            if self._closing and state == "FAILED":
                message = CLOUD_STOPPED
            if run_id in self._stop_asked:
                self._stop_asked.discard(run_id)
                state, message = "STOPPED", ""
        if message:
            self._log(run_id, "error", [message])
        self._logs.pop(run_id, None)
        fields = {"ErrorMessage": message} if message else {}
        return self._runs.change(scope, run_id, JobRunState=state, **fields)

    def _attempt(
        self, scope: Scope, job: dict[str, Any], run: dict[str, Any], arguments: RunArguments
    ) -> tuple[str, str]:
        credentials = self._begin(scope, job, run, arguments)
        folder = self._services.scratch_dir / "runs" / run["Id"]
        try:
            guard = self._services.guard(credentials.access_key, scope, None)
            inputs = gather(GuardedStore(guard, self._services.store), folder, arguments)
            return self._drive(scope, job, run, arguments, credentials, inputs, self._modules(run, arguments, inputs))
        except Cancelled:
            return "FAILED", CLOUD_STOPPED
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _drive(
        self,
        scope: Scope,
        job: dict[str, Any],
        run: dict[str, Any],
        arguments: RunArguments,
        credentials: RoleCredentials,
        inputs: Inputs,
        modules: list[str],
    ) -> tuple[str, str]:
        made_for_it = DriverParts(inputs.jars, arguments.jars_first, modules)
        with self._pool.driver(spark=not is_shell(job), parts=made_for_it) as driver:
            with self._lock:
                self._drivers[run["Id"]] = driver
                if run["Id"] in self._stop_asked or self._closing:
                    return "FAILED", CLOUD_STOPPED
            if not driver.wait_ready(_WARM_UP_S):
                hint = " The modules of --additional-python-modules come first, and do not fit." if modules else ""
                raise Failure(f"The Spark driver could not be started: {driver.broken_message()}.{hint}")
            order = self._order(scope, job, arguments, driver.folder, credentials, inputs, modules)
            begun = self._services.clock().timestamp()
            self._runs.change(scope, run["Id"], JobRunState="RUNNING", _Began=begun, _Driver=driver.name)
            self._keys[driver.name] = credentials.access_key
            writers = {stream: self._writer(run["Id"], stream) for stream in ("output", "error")}
            measures = self._measures(scope, job, run, arguments)
            driver.begin(order, writers, self._on_report(run["Id"], measures))
            state, message = _state(driver.wait_end(run["Timeout"] * self._minute_s), run["Timeout"])
            if measures is not None and not self._closing:
                measures.end("STOPPED" if run["Id"] in self._stop_asked else state, message)
            return state, message

    def _measures(
        self, scope: Scope, job: dict[str, Any], run: dict[str, Any], arguments: RunArguments
    ) -> JobMetrics | None:
        if is_shell(job) or not arguments.metrics.any:
            return None
        try:
            guard = self._services.role_guard(job["Role"], SESSION, scope)
            guard.require("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": ("Glue",)})
        except AwsError as error:  # as on AWS: the run goes on, and nobody sees a metric of it
            self._log(run["Id"], "error", [f"NOTE no job metrics are written: {error.message}"])
            return None
        return JobMetrics(self._services.metrics(scope), job["Name"], run["Id"], arguments.metrics)

    def _on_report(self, run_id: str, measures: JobMetrics | None) -> Callable[[dict[str, Any]], None]:
        write = self._logs[run_id].progress()

        def take(told: dict[str, Any]) -> None:
            if told["event"] == "progress":
                write(told)
            elif measures is not None:
                measures.take(told)

        return take

    def _begin(
        self, scope: Scope, job: dict[str, Any], run: dict[str, Any], arguments: RunArguments
    ) -> RoleCredentials:
        """What must hold before a process is used: a version we run, arguments we honour, a role that exists."""
        for reason in (refusal(job["GlueVersion"]) if not is_shell(job) else "", arguments.refused):
            if reason:
                raise Failure(reason)
        try:
            check_trust(self._services, job["Role"], scope)
            credentials = self._services.role_credentials(job["Role"], SESSION, scope)
        except AwsError as error:
            raise Failure(error.message) from error
        note = run_note(job, f"{sys.version_info[0]}.{sys.version_info[1]}")
        silent = self._logs[run["Id"]].refusal
        detail = " ".join(line for line in (note, f"The run's log is not written: {silent}." if silent else "") if line)
        if detail:
            self._runs.change(scope, run["Id"], StateDetail=detail)
        self._log(run["Id"], "error", [f"NOTE {line}" for line in (note, *arguments.notes) if line])
        return credentials

    def _order(
        self,
        scope: Scope,
        job: dict[str, Any],
        arguments: RunArguments,
        folder: Path,
        credentials: RoleCredentials,
        inputs: Inputs,
        modules: list[str],
    ) -> dict[str, Any]:
        work = folder / "work"
        work.mkdir()
        for file in inputs.files:
            # Python workers run in the driver's folder, the script in one of its own: open(name) works in both, as on AWS.
            shutil.copyfile(file, work / file.name)
            shutil.copyfile(file, folder / file.name)
        settings = {"spark.app.name": job["Name"], **arguments.spark_settings}
        if inputs.files:
            settings["spark.files"] = ",".join(file.as_uri() for file in inputs.files)
        return {
            "script": str(inputs.script),
            "arguments": arguments.argv,
            "python_path": [*modules, *inputs.python_path],
            "folder": str(work),
            "environment": self._services.child_env(credentials, scope.region),
            "spark_settings": settings,
            "catalog": arguments.catalog,
            "measured": arguments.metrics.any and not is_shell(job),
        }

    def _modules(self, run: dict[str, Any], arguments: RunArguments, inputs: Inputs) -> list[str]:
        """The folders of what pip installs for the run: none or one."""
        if not arguments.modules:
            return []
        wanted = module_set(inputs.modules, inputs.module_files, arguments.pip_options)

        def tell(lines: str) -> None:
            self._log(run["Id"], "error", lines.splitlines())

        def cancelled() -> bool:
            return run["Id"] in self._stop_asked or self._closing

        installed = install_modules(wanted, self._cache, cancelled, tell)
        what = ", ".join(installed.distributions) or "nothing, what is asked for is part of this environment"
        how = "from the cache" if installed.reused else "by pip"
        tell(f"NOTE --additional-python-modules, installed {how}: {what}.")
        return [str(installed.folder)]

    def _writer(self, run_id: str, stream: str) -> Callable[[Sequence[str]], None]:
        return lambda lines: self._log(run_id, stream, list(lines))

    def _log(self, run_id: str, kind: str, lines: list[str]) -> None:
        run_log = self._logs.get(run_id)
        if run_log is not None:
            run_log.write(kind, lines)


def _state(ending: Ending | None, timeout_min: int) -> tuple[str, str]:
    if ending is None:
        return "TIMEOUT", f"The job run did not end within its timeout of {timeout_min} minutes."
    return ("SUCCEEDED", "") if ending.ok else ("FAILED", ending.message)
