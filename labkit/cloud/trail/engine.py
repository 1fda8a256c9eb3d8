"""The trail of one cloud: its storage, its recorder, its calls and its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.cloud.call import Handler
from labkit.cloud.identity.principal import Principal
from labkit.cloud.trail.happenings import HappeningsPage
from labkit.cloud.trail.lookup import LookupEvents
from labkit.cloud.trail.recorder import Recorder
from labkit.cloud.trail.refused import refused_routes
from labkit.cloud.trail.storage import TrailStorage

FILE = "trail.db"
PAGE = "/_labkit/happenings"


@dataclass(frozen=True)
class Trail:
    """`recorder` is told what happens, `routes` and `internal` tell it again."""

    recorder: Recorder
    routes: dict[tuple[str, str], Handler]
    internal: dict[str, Callable[[dict[str, Any]], dict[str, Any]]]


def service_of_session(session: str) -> str:
    """Which service gives its role sessions this name."""
    if session.startswith("GlueJobRunnerSession"):
        return "glue.amazonaws.com"
    return "glue.amazonaws.com" if session == "AWS-Crawler" else "lambda.amazonaws.com"


def build_trail(state_dir: Path, account: str, find_caller: Callable[[str | None, str], Principal]) -> Trail:
    """Open the trail of a state folder."""
    storage = TrailStorage(state_dir / FILE)
    recorder = Recorder(storage, account, find_caller)
    routes: dict[tuple[str, str], Handler] = {
        ("cloudtrail", "LookupEvents"): LookupEvents(storage, recorder),
        **refused_routes(),
    }
    return Trail(recorder, routes, {PAGE: HappeningsPage(storage, recorder)})
