"""Job bookmarks: which files a source has processed, kept by the service so that its API can reset them."""

from __future__ import annotations

import json
import os
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from ._files import InputFile

# Glue remembers the files of the last 15 minutes by name (maxBand), because a listing may miss a file just written.
_BAND_MS = 900_000


def exchange(message: dict[str, Any]) -> dict[str, Any]:
    """Send one bookmark message to the service that runs the job, and get its answer."""
    endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
    request = urllib.request.Request(
        f"{endpoint}/_labkit/jobs/bookmark",
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        answer: dict[str, Any] = json.loads(reply.read() or b"{}")
    return answer


@dataclass
class Bookmark:
    """The bookmark of one run. `state` is what was saved; `reached` what this run has read so far.

    `until`: the state that bounds a paused run from above, when it was given a range of runs.
    """

    job_name: str
    run_id: str
    option: str
    state: dict[str, Any] = field(default_factory=dict)
    reached: dict[str, Any] = field(default_factory=dict)
    until: dict[str, Any] | None = None

    @property
    def filters(self) -> bool:
        return self.option in ("job-bookmark-enable", "job-bookmark-pause")


_current: list[Bookmark] = []


def _saved_state(bookmark: Bookmark, of_run: str | None = None) -> dict[str, Any]:
    message = {"JobName": bookmark.job_name, "RunId": bookmark.run_id, "Action": "get"}
    answer = exchange({**message, "OfRun": of_run} if of_run else message)
    return dict(answer.get("State") or {})


def start(job_name: str, run_id: str, option: str, between: tuple[str, str] | None = None) -> Bookmark:
    """Begin a run: load the saved state unless bookmarks are off.

    `between` are two runs: what came after the state of the first, up to that of the second, is read again.
    """
    bookmark = Bookmark(job_name, run_id, option)
    if bookmark.filters:
        bookmark.state = _saved_state(bookmark, between[0] if between else None)
    if between:
        bookmark.until = _saved_state(bookmark, between[1])
    _current[:] = [bookmark]
    return bookmark


def save(bookmark: Bookmark) -> None:
    """Save what the run has read, in one message; a paused or disabled bookmark saves nothing."""
    if bookmark.option == "job-bookmark-enable":
        state = {**bookmark.state, **bookmark.reached}
        exchange({"JobName": bookmark.job_name, "RunId": bookmark.run_id, "Action": "put", "State": state})
        bookmark.state = state


def end() -> None:
    _current.clear()


def _identity(file: InputFile) -> list[Any]:
    return [file.path, file.modified_ms, file.etag]


def is_new(file: InputFile, saved: dict[str, Any]) -> bool:
    """True for a file that the saved point does not cover: modified later, or inside the band and not seen."""
    latest = saved.get("modified_ms")
    if latest is None or file.modified_ms > latest:
        return True
    return file.modified_ms > latest - _BAND_MS and _identity(file) not in saved.get("seen", [])


def advance(saved: dict[str, Any], files: list[InputFile]) -> dict[str, Any]:
    """The point after also reading `files`."""
    latest = max([saved.get("modified_ms") or 0, *(file.modified_ms for file in files)])
    seen = [*saved.get("seen", []), *(_identity(file) for file in files)]
    recent = [one for one in seen if one[1] > latest - _BAND_MS]
    return {"modified_ms": latest, "seen": recent}


def select_new(files: list[InputFile], transformation_ctx: str) -> list[InputFile]:
    """The files that this run should read for a source; all of them without a context or with bookmarks off."""
    bookmark = _current[0] if _current else None
    if bookmark is None or not transformation_ctx or bookmark.option == "job-bookmark-disable":
        return files
    saved = bookmark.state.get(transformation_ctx, {})
    new = [file for file in files if is_new(file, saved)]
    if bookmark.until is not None:
        new = [file for file in new if not is_new(file, bookmark.until.get(transformation_ctx, {}))]
    before = bookmark.reached.get(transformation_ctx, saved)
    if new:
        bookmark.reached[transformation_ctx] = advance(before, new)
    return new
