"""Job bookmarks: which files a source has processed, kept by the service so that its API can reset them."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._files import InputFile

# Glue remembers the files of the last 15 minutes by name (maxBand), because a listing may miss a file just written.
_BAND_MS = 900_000


class BookmarkError(Exception):
    """The service refused to give or to save a bookmark; its text begins with AWS's error code."""


def exchange(message: dict[str, Any]) -> dict[str, Any]:
    """Send one bookmark message to the service that runs the job, and get its answer; BookmarkError when it refuses."""
    endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
    request = urllib.request.Request(
        f"{endpoint}/_labkit/jobs/bookmark",
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer: dict[str, Any] = json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as error:
        raise BookmarkError(_refusal(error)) from None
    return answer


def _refusal(error: urllib.error.HTTPError) -> str:
    told = error.read()
    try:
        document = json.loads(told)
        return f"{document['__type']}: {document['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{error}: {told[:200]!r}"


@dataclass
class Bookmark:
    """The bookmark of one run. `state` is what was saved; `reached` what this run has read so far.

    `version` is the service's number of that state: of two runs that overlap, the second to save is refused.
    `until`: the state that bounds a paused run from above, when it was given a range of runs.
    """

    job_name: str
    run_id: str
    option: str
    state: dict[str, Any] = field(default_factory=dict)
    reached: dict[str, Any] = field(default_factory=dict)
    until: dict[str, Any] | None = None
    version: int | None = None

    @property
    def filters(self) -> bool:
        return self.option in ("job-bookmark-enable", "job-bookmark-pause")


_current: list[Bookmark] = []


def _get(bookmark: Bookmark, **of_run: str) -> tuple[dict[str, Any], int | None]:
    answer = exchange({"JobName": bookmark.job_name, "RunId": bookmark.run_id, "Action": "get", **of_run})
    return dict(answer.get("State") or {}), answer.get("Version")


def start(job_name: str, run_id: str, option: str, between: tuple[str, str] | None = None) -> Bookmark:
    """Begin a run: load the saved state unless bookmarks are off.

    `between` are two runs: what came after the state of the first, up to that of the second, is read again.
    """
    bookmark = Bookmark(job_name, run_id, option)
    if between:
        bookmark.state, _ = _get(bookmark, OfRun=between[0])
        bookmark.until, _ = _get(bookmark, OfRun=between[1])
    elif bookmark.filters:
        bookmark.state, bookmark.version = _get(bookmark)
    _current[:] = [bookmark]
    return bookmark


def save(bookmark: Bookmark) -> None:
    """Save what the run has read, in one message; a paused or disabled bookmark saves nothing."""
    if bookmark.option == "job-bookmark-enable":
        state = {**bookmark.state, **bookmark.reached}
        message: dict[str, Any] = {
            "JobName": bookmark.job_name,
            "RunId": bookmark.run_id,
            "Action": "put",
            "State": state,
        }
        if bookmark.version is not None:
            message["Version"] = bookmark.version
        bookmark.version = exchange(message).get("Version")


def end() -> None:
    _current.clear()


def _identity(file: InputFile) -> tuple[str, int, str]:
    return file.path, file.modified_ms, file.etag


class _Point:
    """How far a source has been read: the latest time of a file, and the files of the band before it by name."""

    def __init__(self, saved: dict[str, Any]) -> None:
        self._latest: int | None = saved.get("modified_ms")
        self._seen = {(path, modified_ms, etag) for path, modified_ms, etag in saved.get("seen", [])}

    def covers(self, file: InputFile) -> bool:
        """False for a file that was modified later, or inside the band and is not one of those seen."""
        if self._latest is None or file.modified_ms > self._latest:
            return False
        return file.modified_ms <= self._latest - _BAND_MS or _identity(file) in self._seen

    def after(self, files: list[InputFile]) -> dict[str, Any]:
        """The point after also reading `files`."""
        latest = max([self._latest or 0, *(file.modified_ms for file in files)])
        seen = self._seen | {_identity(file) for file in files}
        return {"modified_ms": latest, "seen": sorted(list(one) for one in seen if one[1] > latest - _BAND_MS)}


def select_new(
    files: list[InputFile],
    transformation_ctx: str,
    bound: Callable[[list[InputFile]], list[InputFile]] | None = None,
) -> list[InputFile]:
    """The files that this run should read for a source; all of them without a context or with bookmarks off.

    `bound` limits what one run takes (boundedFiles, boundedSize). It gets the new files, the oldest first, so that a bookmark goes
    on where the bound cut.
    """
    bookmark = _current[0] if _current else None
    limit = bound or (lambda chosen: chosen)
    if bookmark is None or not transformation_ctx or not bookmark.filters:
        return limit(files)
    saved = bookmark.state.get(transformation_ctx, {})
    point = _Point(saved)
    new = [file for file in files if not point.covers(file)]
    if bookmark.until is not None:
        end = _Point(bookmark.until.get(transformation_ctx, {}))
        new = [file for file in new if end.covers(file)]
    if bound is not None:
        new = bound(sorted(new, key=lambda file: (file.modified_ms, file.path)))
    if new:
        before = bookmark.reached.get(transformation_ctx, saved)
        bookmark.reached[transformation_ctx] = _Point(before).after(new)
    return new
