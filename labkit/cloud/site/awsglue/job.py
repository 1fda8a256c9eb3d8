"""`Job`: the run's name and its bookmark."""

from __future__ import annotations

import sys
from typing import Any

from . import _bookmarks


class Job:
    """A run; takes a GlueContext or a SparkSession. Without init and commit there is no bookmark."""

    def __init__(self, glue_context_or_spark_session: Any) -> None:
        self._context = glue_context_or_spark_session
        self._bookmark: _bookmarks.Bookmark | None = None

    @classmethod
    def continuation_options(cls) -> list[str]:
        return ["continuation-enabled", "continuation-ignore", "continuation-readonly"]

    @classmethod
    def job_bookmark_options(cls) -> list[str]:
        return ["job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause"]

    @classmethod
    def job_bookmark_range_options(cls) -> list[str]:
        return ["job-bookmark-from", "job-bookmark-to"]

    @classmethod
    def id_params(cls) -> list[str]:
        return ["JOB_NAME", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION"]

    @classmethod
    def encryption_type_options(cls) -> list[str]:
        return ["none", "sse-s3"]

    @classmethod
    def data_lineage_options(cls) -> list[str]:
        return ["true", "false"]

    def init(self, job_name: str, args: dict[str, Any] = {}) -> None:
        """Begin: load the bookmark that the arguments ask for (`getResolvedOptions` gives them)."""
        option = args.get("job_bookmark_option") or "job-bookmark-disable"
        if option not in self.job_bookmark_options():
            raise ValueError(f"job_bookmark_option {option!r} is not one of {', '.join(self.job_bookmark_options())}.")
        first, last = args.get("job_bookmark_from"), args.get("job_bookmark_to")
        if bool(first) != bool(last) or (first and option != "job-bookmark-pause"):
            raise ValueError("A bookmark range needs job_bookmark_from and job_bookmark_to, and job-bookmark-pause.")
        between = (str(first), str(last)) if first else None
        self._bookmark = _bookmarks.start(job_name, str(args.get("JOB_RUN_ID") or _own_run_id()), option, between)

    def isInitialized(self) -> bool:
        return self._bookmark is not None

    def commit(self) -> None:
        """Save the bookmark: what this run's sources have read."""
        if self._bookmark is not None:
            _bookmarks.save(self._bookmark)


def _own_run_id() -> str:
    """The id of this run, for scripts that make the arguments of `init` by hand."""
    given = dict(zip(sys.argv, sys.argv[1:], strict=False))
    return given.get("--JOB_RUN_ID", "")
