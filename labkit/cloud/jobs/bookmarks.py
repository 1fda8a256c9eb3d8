"""Job bookmarks: GetJobBookmark, ResetJobBookmark, and the page where a run reads and saves its state."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.documents import Documents

_KIND = "glue-bookmark"


class Bookmarks:
    """One entry a job: a version, the run that saved it, and the state as the Glue runtime wrote it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    @property
    def routes(self) -> dict[tuple[str, str], Handler]:
        """Handlers by service and action."""
        return {
            ("glue", "GetJobBookmark"): lambda call: {"JobBookmarkEntry": self.get(call)},
            ("glue", "ResetJobBookmark"): lambda call: {"JobBookmarkEntry": self.reset(call)},
        }

    def get(self, call: Call) -> dict[str, Any]:
        name = call.params.get("JobName", "")
        entry = self._documents.find(_KIND, call.scope, name)
        if entry is None:
            raise AwsError("EntityNotFoundException", f"Continuation for job {name} not found.")
        return _shown(name, entry)

    def reset(self, call: Call) -> dict[str, Any]:
        """Forget the state, or go back to the one that a run (RunId) began with."""
        name, run_id = call.params.get("JobName", ""), call.params.get("RunId")
        entry = self._documents.find(_KIND, call.scope, name)
        if entry is None:
            raise AwsError("EntityNotFoundException", f"Continuation for job {name} not found.")
        state = {}
        if run_id:
            saved = [old for old in entry["History"] if old["RunId"] == run_id]
            if not saved:
                raise AwsError("EntityNotFoundException", f"Run {run_id} of job {name} saved no bookmark.")
            state = saved[-1]["State"]
        entry = {**entry, "State": state, "Version": entry["Version"] + 1}
        self._documents.put(_KIND, call.scope, name, entry)
        return _shown(name, entry)

    def state(self, scope: Scope, job_name: str) -> dict[str, Any]:
        """The state that a run begins with; empty when there is none."""
        entry = self._documents.find(_KIND, scope, job_name)
        return dict(entry["State"]) if entry else {}

    def state_of_run(self, scope: Scope, job_name: str, run_id: str) -> dict[str, Any]:
        """The state that a run saved; AwsError when it saved none."""
        entry = self._documents.find(_KIND, scope, job_name) or {"History": []}
        for saved in entry["History"]:
            if saved["RunId"] == run_id:
                return dict(saved["State"])
        raise AwsError("EntityNotFoundException", f"Run {run_id} of job {job_name} saved no bookmark.")

    def save(self, scope: Scope, job_name: str, run_id: str, state: dict[str, Any]) -> None:
        """Save the state of a run in one step."""
        old = self._documents.find(_KIND, scope, job_name) or {"Version": 0, "Attempt": 0, "Run": 0, "History": []}
        saved = {"RunId": run_id, "State": state}
        entry = {
            "Version": old["Version"] + 1,
            "Run": old["Run"] + 1,
            "Attempt": 0,
            "RunId": run_id,
            "PreviousRunId": old.get("RunId"),
            "State": state,
            "History": [*old["History"], saved][-100:],
        }
        self._documents.put(_KIND, scope, job_name, entry)

    def forget(self, scope: Scope, job_name: str) -> None:
        """Delete the bookmark; it goes with its job."""
        self._documents.delete(_KIND, scope, job_name)


def _shown(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    import json

    shown = {
        "JobName": name,
        "Version": entry["Version"],
        "Run": entry["Run"],
        "Attempt": entry["Attempt"],
        "RunId": entry.get("RunId"),
        "PreviousRunId": entry.get("PreviousRunId"),
        "JobBookmark": json.dumps(entry["State"]),
    }
    return {key: value for key, value in shown.items() if value is not None}
