"""The state of a Glue job and of a few objects as a handler under test sees them: nothing runs, everything is written down."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from typing import Any

BUSY = "ConcurrentRunsExceededException"


@dataclass(frozen=True)
class Call:
    """One call that a handler made: `refused` is the error code it got ("" for none)."""

    service: str
    operation: str
    params: dict[str, Any]
    refused: str = ""


class Refused(Exception):
    """The answer is an error of AWS."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass
class FakeAccount:
    """One job, its runs and the objects of every bucket; a scenario of a check sets it up and reads it afterwards.

    `failing` are error codes that the next StartJobRuns get. `blind` makes every reading of an object miss, as it does for one of
    two invocations at the same moment: only a conditional write sees what is there.
    """

    job: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    failing: list[str] = field(default_factory=list)
    blind: bool = False
    calls: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_run(self, state: str) -> str:
        """A run that is there already; return its id."""
        return self._add(state, {}, queued=state == "WAITING")

    @property
    def started(self) -> list[Call]:
        """The StartJobRuns that were accepted."""
        return [call for call in self.calls if call.operation == "StartJobRun" and not call.refused]

    @property
    def unknown(self) -> list[Call]:
        """Calls that this account does not answer."""
        return [call for call in self.calls if call.refused == "NotAnsweredHere"]

    def glue(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer one Glue call, or raise Refused."""
        answers = {
            "StartJobRun": self._start,
            "GetJobRuns": self._list,
            "GetJobRun": self._get,
            "GetJob": self._describe,
        }
        if operation not in answers:
            raise Refused("NotAnsweredHere", f"glue {operation} is not answered while a handler is checked")
        if params.get("JobName", params.get("Name")) != self.job:
            raise Refused("EntityNotFoundException", f"Failed to find job: {params.get('JobName')}")
        return answers[operation](params)

    def _start(self, params: dict[str, Any]) -> dict[str, Any]:
        if self.failing:
            raise Refused(self.failing.pop(0), "the check made this call fail")
        arguments = params.get("Arguments", {})
        if any(not isinstance(value, str) for value in arguments.values()):
            raise Refused("InvalidInputException", "arguments are texts")
        busy = any(run["JobRunState"] in ("RUNNING", "STARTING") for run in self.runs)
        if busy and not params.get("JobRunQueuingEnabled"):
            raise Refused(BUSY, f"Concurrent runs exceeded for {self.job}")
        return {"JobRunId": self._add("WAITING" if busy else "RUNNING", arguments, queued=busy)}

    def _add(self, state: str, arguments: dict[str, str], queued: bool) -> str:
        run_id = "jr_" + hashlib.sha256(f"{self.job}{len(self.runs)}".encode()).hexdigest()
        run = {"Id": run_id, "JobName": self.job, "JobRunState": state, "Arguments": arguments, "Attempt": 0}
        self.runs.insert(0, {**run, "JobRunQueuingEnabled": queued, "StartedOn": 1_790_000_000 + len(self.runs)})
        return run_id

    def _list(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"JobRuns": self.runs[: int(params.get("MaxResults", 200))]}

    def _get(self, params: dict[str, Any]) -> dict[str, Any]:
        for run in self.runs:
            if run["Id"] == params.get("RunId"):
                return {"JobRun": run}
        raise Refused("EntityNotFoundException", "Job run not found")

    def _describe(self, _params: dict[str, Any]) -> dict[str, Any]:
        return {"Job": {"Name": self.job, "ExecutionProperty": {"MaxConcurrentRuns": 1}}}

    # ---- objects: names are "bucket/key" ---------------------------------------------------------------------------------

    def put(self, name: str, body: bytes, if_none_match: str, if_match: str) -> str:
        """Write an object as PutObject does with its conditions; return its ETag."""
        if if_none_match and if_none_match != "*":
            raise Refused("NotImplemented", "If-None-Match takes * only", 501)
        held = self.objects.get(name)
        if if_none_match and held is not None:
            raise Refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
        if if_match and (held is None or compute_etag(held) != if_match.strip('"')):
            raise Refused(
                "PreconditionFailed" if held else "NoSuchKey", "the object is another one", 412 if held else 404
            )
        self.objects[name] = body
        return compute_etag(body)

    def read(self, name: str) -> bytes:
        """The bytes of an object. Refused (NoSuchKey) when there is none, or when the scenario is blind."""
        if self.blind or name not in self.objects:
            raise Refused("NoSuchKey", "The specified key does not exist.", 404)
        return self.objects[name]

    def list_keys(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        """(key, size) of a bucket's objects under a prefix, sorted."""
        if self.blind:
            return []
        found = [(name.partition("/")[2], body) for name, body in self.objects.items() if name.startswith(f"{bucket}/")]
        return sorted((key, len(body)) for key, body in found if key.startswith(prefix))

    def note(self, service: str, operation: str, params: dict[str, Any], refused: str = "") -> None:
        """Write a call down."""
        with self.lock:
            self.calls.append(Call(service, operation, params, refused))


def compute_etag(body: bytes) -> str:
    """The ETag of an object that was put in one piece."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def read_paths(call: Call) -> list[str] | None:
    """The paths that a StartJobRun told the run in `--input_paths` (a JSON list, or one path); None if it told none."""
    told = call.params.get("Arguments", {}).get("--input_paths")
    if told is None:
        return None
    try:
        found = json.loads(told)
    except ValueError:
        return [told]
    return [str(item) for item in found] if isinstance(found, list) else [str(found)]
