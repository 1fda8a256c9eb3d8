"""What is known of a running cloud, and where its state lies."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class CloudInfo:
    """A running local cloud; `started_at` is an ISO time in UTC."""

    pid: int
    port: int
    endpoint_url: str
    state_dir: Path
    version: str
    started_at: str
    ephemeral: bool = False


INFO_FILE = "cloud.json"
LOCK_FILE = "cloud.lock"
LOG_FILE = "cloud.log"
FAILURE_FILE = "start-failed.json"
# All that a cloud writes into its state folder: `reset` deletes these names and nothing else.
OWN_NAMES = (
    "aws", "objects", "work", "home", "scratch", "functions", "athena", "spark", "tmp",
    "cloud.db", "cloud.db-wal", "cloud.db-shm", "metrics.db", "metrics.db-wal", "metrics.db-shm",
    "trail.db", "trail.db-wal", "trail.db-shm", "logs.db", "logs.db-wal", "logs.db-shm",
    INFO_FILE, LOG_FILE, FAILURE_FILE,
)  # fmt: skip


def read_info(state_dir: Path) -> CloudInfo | None:
    """What the last cloud of this folder wrote about itself, running or not; None when there is nothing readable."""
    try:
        fields = json.loads((state_dir / INFO_FILE).read_text(encoding="utf-8"))
        return CloudInfo(**{**fields, "state_dir": state_dir})
    except (OSError, ValueError, TypeError):
        return None


def write_info(info: CloudInfo) -> None:
    """Write it in one step, so that a reader sees all of it or the one before."""
    path = info.state_dir / INFO_FILE
    partial = path.with_suffix(".part")
    fields = {**asdict(info), "state_dir": str(info.state_dir)}
    partial.write_text(json.dumps(fields, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(partial, path)
