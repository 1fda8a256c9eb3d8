"""Job bookmarks: GetJobBookmark, ResetJobBookmark, and the page where a run reads and saves its state.

Sources: docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html and aws-glue-api-jobs-runs.html. A run that commits names the
version it began with, so of two runs that overlap the second to commit fails with VersionMismatchException.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.documents import Documents

_KIND = "glue-bookmark"
# What each run saved, beside the entry: an entry names a hundred of them, and a state may hold thousands of files.
_STATE_KIND = "glue-bookmark-state"
_KEPT_STATES = 100
# Ids of a run and of those before it, newest first; None for a run that there is not.
RunsUpTo = Callable[[Scope, str, str], Sequence[str] | None]


class Bookmarks:
    """One entry a job: a version, the run that saved it, and the state as the Glue runtime wrote it."""

    def __init__(self, documents: Documents, runs_up_to: RunsUpTo) -> None:
        self._documents = documents
        self._runs_up_to = runs_up_to
        self._lock = threading.Lock()

    @property
    def routes(self) -> dict[tuple[str, str], Handler]:
        """Handlers by service and action."""
        return {
            ("glue", "GetJobBookmark"): lambda call: {"JobBookmarkEntry": self.get(call)},
            ("glue", "ResetJobBookmark"): lambda call: {"JobBookmarkEntry": self.reset(call)},
        }

    def get(self, call: Call) -> dict[str, Any]:
        name, run_id = call.params.get("JobName", ""), call.params.get("RunId")
        entry = self._find(call.scope, name)
        if run_id and run_id != entry.get("RunId"):
            saved = self._saved(call.scope, name, entry, run_id)
            entry = {**entry, **{key: value for key, value in saved.items() if key != "State"}, "State": saved["State"]}
        return _shown(name, entry)

    def reset(self, call: Call) -> dict[str, Any]:
        """Forget the state, or go back to the one that a run (RunId) left: what came after that run is processed again."""
        name, run_id = call.params.get("JobName", ""), call.params.get("RunId")
        with self._lock:
            entry = self._find(call.scope, name)
            version = entry["Version"] + 1
            if run_id:
                entry = {**entry, "PreviousRunId": None, **self._saved(call.scope, name, entry, run_id)}
            else:
                entry = {**entry, "State": {}, "Run": 0, "Attempt": 0, "RunId": None, "PreviousRunId": None}
            entry["Version"] = version
            self._documents.put(_KIND, call.scope, name, entry)
        return _shown(name, entry)

    def state(self, scope: Scope, job_name: str) -> tuple[dict[str, Any], int]:
        """The state that a run begins with and its version; an empty one and 0 when there is none."""
        entry = self._documents.find(_KIND, scope, job_name)
        return (dict(entry["State"]), int(entry["Version"])) if entry else ({}, 0)

    def state_of_run(self, scope: Scope, job_name: str, run_id: str) -> dict[str, Any]:
        """All that was processed until the last run that saved a state, before and including the given one.

        AwsError when there is no such run. (AWS's words for --job-bookmark-from and --job-bookmark-to.)
        """
        entry = self._documents.find(_KIND, scope, job_name) or {"History": []}
        return dict(self._saved(scope, job_name, entry, run_id, or_nothing=True)["State"])

    def save(
        self, scope: Scope, job_name: str, run_id: str, state: dict[str, Any], expected: int | None, attempt: int = 0
    ) -> int:
        """Save the state of a run in one step, and return its version; AwsError when `expected` is not the version any more."""
        with self._lock:
            old = self._documents.find(_KIND, scope, job_name) or {"Version": 0, "Attempt": 0, "Run": 0, "History": []}
            if expected is not None and expected != old["Version"]:
                message = (
                    "Continuation update failed due to version mismatch. "
                    f"Expected version {expected} but found version {old['Version']}"
                )
                raise AwsError("VersionMismatchException", message)
            again = old.get("RunId") == run_id
            entry = {
                "Version": old["Version"] + 1,
                "Run": old["Run"] + (0 if again else 1),
                "Attempt": attempt,
                "RunId": run_id,
                "PreviousRunId": old.get("PreviousRunId") if again else old.get("RunId"),
                "State": state,
            }
            history = [*(one for one in old["History"] if one != run_id), run_id]
            saved = {"RunId": run_id, "State": state, "Run": entry["Run"], "Attempt": attempt}
            self._documents.put(_STATE_KIND, scope, _name_of_state(job_name, run_id), saved)
            self._documents.put(_KIND, scope, job_name, {**entry, "History": history[-_KEPT_STATES:]})
            self._forget_states(scope, job_name, history[:-_KEPT_STATES])
            return int(entry["Version"])

    def forget(self, scope: Scope, job_name: str) -> None:
        """Delete the bookmark; it goes with its job."""
        entry = self._documents.find(_KIND, scope, job_name)
        if entry is not None:
            self._documents.delete(_KIND, scope, job_name)
            self._forget_states(scope, job_name, entry["History"])

    def _forget_states(self, scope: Scope, job_name: str, run_ids: Sequence[str]) -> None:
        for run_id in run_ids:
            self._documents.delete(_STATE_KIND, scope, _name_of_state(job_name, run_id))

    def _find(self, scope: Scope, name: str) -> dict[str, Any]:
        entry = self._documents.find(_KIND, scope, name)
        if entry is None:
            raise AwsError("EntityNotFoundException", f"Continuation for job {name} not found.")
        return entry

    def _saved(
        self, scope: Scope, job_name: str, entry: dict[str, Any], run_id: str, or_nothing: bool = False
    ) -> dict[str, Any]:
        """What a run saved, or else the last run before it."""
        saved = set(entry["History"])
        runs = [run_id] if run_id in saved else self._runs_up_to(scope, job_name, run_id)
        for one in runs or ():
            found = self._documents.find(_STATE_KIND, scope, _name_of_state(job_name, one)) if one in saved else None
            if found is not None:
                return found
        if runs is not None and or_nothing:
            return {"RunId": run_id, "State": {}}
        raise AwsError("EntityNotFoundException", f"Run {run_id} of job {job_name} saved no bookmark.")


def _name_of_state(job_name: str, run_id: str) -> str:
    return f"{job_name}\n{run_id}"


def _shown(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "JobName": name,
        "Version": entry["Version"],
        "Run": entry.get("Run", 0),
        "Attempt": entry.get("Attempt", 0),
        "RunId": entry.get("RunId"),
        "PreviousRunId": entry.get("PreviousRunId"),
        "JobBookmark": json.dumps(entry["State"]),
    }
    return {key: value for key, value in shown.items() if value is not None}
