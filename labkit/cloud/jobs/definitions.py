"""Job definitions: CreateJob, UpdateJob, GetJob and their relatives (docs.aws.amazon.com/glue, "Jobs API")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.documents import Documents
from labkit.cloud.jobs.versions import DEFAULT_VERSION, check_version
from labkit.cloud.tags import clear_tags, get_tags, set_tags

KIND = "glue-job"
_DPU = {
    "Standard": 1.0,
    "G.025X": 0.25,
    "G.1X": 1.0,
    "G.2X": 2.0,
    "G.4X": 4.0,
    "G.8X": 8.0,
    "G.12X": 12.0,
    "G.16X": 16.0,
}
_DPU |= {"R.1X": 1.0, "R.2X": 2.0, "R.4X": 4.0, "R.8X": 8.0, "Z.2X": 2.0}
_MAX_TIMEOUT_MIN = 7 * 24 * 60


class Definitions:
    """The job definitions of all accounts and regions."""

    def __init__(
        self, documents: Documents, clock: Callable[[], datetime], on_delete: Callable[[Scope, str], None]
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._on_delete = on_delete

    @property
    def routes(self) -> dict[tuple[str, str], Handler]:
        """Handlers by service and action."""
        return {
            ("glue", "CreateJob"): self.create,
            ("glue", "UpdateJob"): self.update,
            ("glue", "GetJob"): lambda call: {"Job": _shown(self.get(call.scope, call.params.get("JobName", "")))},
            ("glue", "GetJobs"): self.get_many,
            ("glue", "ListJobs"): self.list_names,
            ("glue", "BatchGetJobs"): self.batch_get,
            ("glue", "DeleteJob"): self.delete,
        }

    def find(self, scope: Scope, name: str) -> dict[str, Any] | None:
        """The Job document, or None."""
        return self._documents.find(KIND, scope, name)

    def get(self, scope: Scope, name: str) -> dict[str, Any]:
        """The Job document; AwsError EntityNotFoundException."""
        found = self.find(scope, name)
        if found is None:
            raise AwsError("EntityNotFoundException", f"Job with name: {name} not found.")
        return found

    def create(self, call: Call) -> dict[str, Any]:
        params = dict(call.params)
        tags = params.pop("Tags", None)
        name = params.get("Name") or _missing("Name")
        if self.find(call.scope, name) is not None:
            raise AwsError("AlreadyExistsException", f"Job {name} already exists.")
        now = self._clock().timestamp()
        job = {**_complete(params), "CreatedOn": now, "LastModifiedOn": now}
        self._documents.put(KIND, call.scope, name, job)
        set_tags(call.scope, "job", name, tags or {})
        return {"Name": name}

    def update(self, call: Call) -> dict[str, Any]:
        """UpdateJob overwrites the whole definition ("the previous job definition is completely overwritten")."""
        name = call.params.get("JobName", "")
        old = self.get(call.scope, name)
        job = _complete({**call.params.get("JobUpdate", {}), "Name": name})
        times = {"CreatedOn": old["CreatedOn"], "LastModifiedOn": self._clock().timestamp()}
        self._documents.put(KIND, call.scope, name, {**job, **times})
        return {"JobName": name}

    def get_many(self, call: Call) -> dict[str, Any]:
        jobs = [_shown(job) for _, _, job in self._documents.list(KIND, call.scope)]
        return _page("Jobs", jobs, call.params)

    def list_names(self, call: Call) -> dict[str, Any]:
        wanted = (call.params.get("Tags") or {}).items()
        names = [
            name
            for _, name, _ in self._documents.list(KIND, call.scope)
            if wanted <= get_tags(call.scope, "job", name).items()
        ]
        return _page("JobNames", names, call.params)

    def batch_get(self, call: Call) -> dict[str, Any]:
        names = call.params.get("JobNames", [])
        found = {name: self.find(call.scope, name) for name in names}
        jobs = [_shown(job) for job in found.values() if job is not None]
        return {"Jobs": jobs, "JobsNotFound": [name for name, job in found.items() if job is None]}

    def delete(self, call: Call) -> dict[str, Any]:
        """Bookmark and runs go with the job. AWS: "If the job definition is not found, no exception is thrown"."""
        name = call.params.get("JobName", "")
        self._documents.delete(KIND, call.scope, name)
        clear_tags(call.scope, "job", name)
        self._on_delete(call.scope, name)
        return {"JobName": name}


def _shown(job: dict[str, Any]) -> dict[str, Any]:
    """A definition as GetJob shows it; names that begin with an underscore are ours."""
    return {name: value for name, value in job.items() if not name.startswith("_")}


def dpus(job: dict[str, Any]) -> float:
    """The capacity of a run in DPUs, as AWS bills it."""
    if job.get("WorkerType") and job.get("NumberOfWorkers"):
        return _DPU[job["WorkerType"]] * float(job["NumberOfWorkers"])
    if job.get("MaxCapacity") is not None:
        return float(job["MaxCapacity"])
    return float(job.get("AllocatedCapacity") or (0.0625 if is_shell(job) else 10))


def is_shell(job: dict[str, Any]) -> bool:
    """Whether this is a Python shell job, which has no Spark."""
    return bool(job.get("Command", {}).get("Name") == "pythonshell")


def check_capacity(params: dict[str, Any]) -> None:
    """What AWS refuses about workers and timeouts; AwsError InvalidInputException."""
    worker = params.get("WorkerType")
    if worker is not None and worker not in _DPU:
        raise AwsError("InvalidInputException", f"Worker type {worker} is not one of {', '.join(_DPU)}.")
    if params.get("MaxCapacity") is not None and (worker or params.get("NumberOfWorkers")):
        raise AwsError(
            "InvalidInputException", "Please do not set Max Capacity if using Worker Type and Number of Workers."
        )
    if (worker is None) != (params.get("NumberOfWorkers") is None):
        raise AwsError("InvalidInputException", "WorkerType and NumberOfWorkers must be set together.")
    timeout = params.get("Timeout")
    if timeout is not None and not 1 <= timeout <= _MAX_TIMEOUT_MIN:
        raise AwsError(
            "InvalidInputException", f"Timeout must be between 1 and {_MAX_TIMEOUT_MIN} minutes, not {timeout}."
        )


def _complete(params: dict[str, Any]) -> dict[str, Any]:
    """A definition with the defaults that AWS fills in."""
    command = params.get("Command") or _missing("Command")
    if not params.get("Role"):
        _missing("Role")
    if command.get("Name") not in ("glueetl", "pythonshell", "gluestreaming", "glueray"):
        raise AwsError(
            "InvalidInputException",
            f"Command name {command.get('Name')} is not glueetl, pythonshell, gluestreaming or glueray.",
        )
    check_capacity(params)
    version = params.get("GlueVersion") or DEFAULT_VERSION
    check_version(version)
    job = {
        "JobMode": "SCRIPT",
        "JobRunQueuingEnabled": False,
        "Description": "",
        "ExecutionProperty": {"MaxConcurrentRuns": 1},
        "DefaultArguments": {},
        "MaxRetries": 0,
        "Timeout": 480 if version >= "5.0" else 2880,
        **params,
        "GlueVersion": version,
        "Command": {"PythonVersion": "3", **command},
        "_VersionChosen": not params.get("GlueVersion"),
    }
    if not job["Description"]:
        del job["Description"]
    capacity = dpus(job)
    return {**job, "MaxCapacity": capacity, "AllocatedCapacity": int(capacity)}


def _missing(name: str) -> Any:
    raise AwsError("InvalidInputException", f"{name} is required.")


def _page(key: str, items: list[Any], params: Any) -> dict[str, Any]:
    start = int(params.get("NextToken") or 0)
    size = int(params.get("MaxResults") or 100)
    page: dict[str, Any] = {key: items[start : start + size]}
    return {**page, "NextToken": str(start + size)} if start + size < len(items) else page
