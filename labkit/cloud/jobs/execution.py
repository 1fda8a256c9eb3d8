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
from labkit.cloud.jobs.arguments import RunArguments
from labkit.cloud.jobs.definitions import is_shell
from labkit.cloud.jobs.driver import Driver, Ending
from labkit.cloud.jobs.pool import Pool
from labkit.cloud.jobs.runs import LOG_GROUP, Runs
from labkit.cloud.jobs.versions import refusal, version_note
from labkit.cloud.roles import RoleCredentials
from labkit.cloud.services import Services

log = logging.getLogger(__name__)
_WARM_UP_S = 180.0
CLOUD_STOPPED = "The local cloud was stopped while this run was going on; its processes are gone."


class Failure(Exception):
    """Why a run could not begin; becomes its ErrorMessage."""


class Execution:
    """Runs one job run in a thread of its own; `stop` and the timeout end the processes."""

    def __init__(self, services: Services, runs: Runs, pool: Pool, minute_s: float) -> None:
        self._services = services
        self._runs = runs
        self._pool = pool
        self._minute_s = minute_s
        self._stop_asked: set[str] = set()
        self._drivers: dict[str, Driver] = {}
        self._keys: dict[str, str] = {}
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
            self._log(scope, run_id, "error", [message])
        fields = {"ErrorMessage": message} if message else {}
        return self._runs.change(scope, run_id, JobRunState=state, **fields)

    def _attempt(
        self, scope: Scope, job: dict[str, Any], run: dict[str, Any], arguments: RunArguments
    ) -> tuple[str, str]:
        credentials = self._begin(scope, job, run, arguments)
        with self._pool.driver(spark=not is_shell(job)) as driver:
            with self._lock:
                self._drivers[run["Id"]] = driver
                if run["Id"] in self._stop_asked or self._closing:
                    return "FAILED", CLOUD_STOPPED
            if not driver.wait_ready(_WARM_UP_S):
                raise Failure(f"The Spark driver could not be started: {driver.broken_message()}")
            order = self._order(scope, job, arguments, driver.folder, credentials)
            begun = self._services.clock().timestamp()
            self._runs.change(scope, run["Id"], JobRunState="RUNNING", _Began=begun, _Driver=driver.name)
            self._keys[driver.name] = credentials.access_key
            driver.begin(order, {stream: self._writer(scope, run["Id"], stream) for stream in ("output", "error")})
            return _state(driver.wait_end(run["Timeout"] * self._minute_s), run["Timeout"])

    def _begin(
        self, scope: Scope, job: dict[str, Any], run: dict[str, Any], arguments: RunArguments
    ) -> RoleCredentials:
        """What must hold before a process is used: a version we run, arguments we honour, a role that exists."""
        for stream in ("output", "error"):
            self._services.logs(scope).ensure(f"{LOG_GROUP}/{stream}", run["Id"])
        for reason in (refusal(job["GlueVersion"]) if not is_shell(job) else "", arguments.refused):
            if reason:
                raise Failure(reason)
        if arguments.note:
            self._log(scope, run["Id"], "error", [f"NOTE {arguments.note}"])
        note = version_note(job["GlueVersion"], f"{sys.version_info[0]}.{sys.version_info[1]}")
        if note and not is_shell(job):
            self._log(scope, run["Id"], "error", [f"NOTE {note}"])
            self._runs.change(scope, run["Id"], StateDetail=note)
        try:
            return self._services.role_credentials(job["Role"], f"GlueJobRunnerSession-{run['Id'][:16]}", scope)
        except AwsError as error:
            message = f"Role {job['Role']} does not exist or cannot be assumed by Glue ({error.message})"
            raise Failure(message) from error

    def _order(
        self,
        scope: Scope,
        job: dict[str, Any],
        arguments: RunArguments,
        folder: Path,
        credentials: RoleCredentials,
    ) -> dict[str, Any]:
        script = self._fetch(job["Command"].get("ScriptLocation", ""), folder / "script")
        python_path = [str(self._fetch(path, folder / "py-files")) for path in arguments.python_files]
        work = folder / "work"
        work.mkdir()
        for path in arguments.files:
            self._fetch(path, work)
        settings = {"spark.app.name": job["Name"], **arguments.spark_settings}
        return {
            "script": str(script),
            "arguments": arguments.argv,
            "python_path": [entry if not entry.endswith(".py") else str(Path(entry).parent) for entry in python_path],
            "folder": str(work),
            "environment": self._services.child_env(credentials, scope.region),
            "spark_settings": settings,
        }

    def _fetch(self, location: str, folder: Path) -> Path:
        """Copy an S3 object into a folder of the run."""
        scheme, _, rest = location.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme not in ("s3", "s3a", "s3n") or not key:
            raise Failure(f"LAUNCH ERROR | {location or 'ScriptLocation'} is not an s3:// location")
        try:
            stored = self._services.store.find(bucket, key)
        except AwsError as error:
            raise Failure(f"LAUNCH ERROR | {location} cannot be read: {error.code}: {error.message}") from error
        if stored is None:
            raise Failure(f"LAUNCH ERROR | {location} cannot be read: NoSuchKey: there is no object {key} in {bucket}")
        folder.mkdir(exist_ok=True)
        target = folder / Path(key).name
        shutil.copyfile(stored.path, target)
        return target

    def _writer(self, scope: Scope, run_id: str, stream: str) -> Callable[[Sequence[str]], None]:
        return lambda lines: self._log(scope, run_id, stream, list(lines))

    def _log(self, scope: Scope, run_id: str, stream: str, lines: list[str]) -> None:
        self._services.logs(scope).write(f"{LOG_GROUP}/{stream}", run_id, lines)


def _state(ending: Ending | None, timeout_min: int) -> tuple[str, str]:
    if ending is None:
        return "TIMEOUT", f"The job run did not end within its timeout of {timeout_min} minutes."
    return ("SUCCEEDED", "") if ending.ok else ("FAILED", ending.message)
