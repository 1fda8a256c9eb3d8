"""What the six steps are built from: names, place, and the files to send."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labkit.names import Names

# The metadata under which an uploaded file carries its digest, so that a second run sees whether the content changed.
# (An ETag is no digest once a file went up in parts or encrypted.)
DIGEST_KEY = "labkit-sha256"


@dataclass(frozen=True)
class Upload:
    """A local file and the object it becomes."""

    path: Path
    bucket: str
    key: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Lab:
    """Everything the steps need: where, which names, which files, and extra arguments of the Glue job.

    `least_privilege` gives the roles only what the steps use, in place of the managed policies of the lab's text. `tags` go on
    everything that takes them. `log_retention_days` 0 leaves log groups to those who write to them; `query_cutoff_bytes` is
    what a query may scan in the lab's own workgroup.
    """

    account: str
    region: str
    names: Names
    samples: tuple[Upload, ...]
    script: Path
    handler: Path
    job_arguments: Mapping[str, str] = field(default_factory=dict)
    least_privilege: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    log_retention_days: int = 0
    query_cutoff_bytes: int = 1_000_000_000


def compute_digest(path: Path) -> str:
    """SHA-256 of a file as hex digits, read in pieces so that size does not matter."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
