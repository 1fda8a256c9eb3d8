"""The receipt that `labkit submit` puts into its file, and whether what arrived is what it was made for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = 1
_LONGEST = 200_000


@dataclass(frozen=True)
class Receipt:
    """`student` as they wrote it; `files`: place in the file handed in → SHA-256; `code` is what was shown to the student."""

    student: str
    seed: str
    made: str
    files: Mapping[str, str]

    @property
    def code(self) -> str:
        """SHA-256 over names and hashes: the same for the same work, whenever it is packed."""
        listed = json.dumps([self.student, sorted(self.files.items())], ensure_ascii=False)
        return hashlib.sha256(listed.encode("utf-8", "replace")).hexdigest()

    def as_document(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "labkit_submission": FORMAT,
            "student": self.student,
            "seed": self.seed,
            "made": self.made,
            "files": dict(sorted(self.files.items())),
            "code": self.code,
        }


def hash_file(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def read_receipt(path: Path) -> Receipt | None:
    """The receipt in a file; None when it is none. Whatever it says is the student's word."""
    try:
        if path.stat().st_size > _LONGEST:
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
        files = document["files"]
        if document["labkit_submission"] != FORMAT or not isinstance(files, dict):
            return None
        listed = {str(name): str(digest) for name, digest in files.items()}
        return Receipt(str(document["student"])[:200], str(document["seed"])[:200], str(document["made"])[:40], listed)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def list_changed(receipt: Receipt, folder: Path) -> Iterator[str]:
    """Files that the receipt lists and that are not there, or not as they were when it was made."""
    for name, digest in receipt.files.items():
        parts = name.split("/")
        path = folder.joinpath(*parts)
        is_inside = ".." not in parts and not name.startswith("/") and path.resolve().is_relative_to(folder.resolve())
        if not is_inside or not path.is_file() or hash_file(path) != digest:
            yield name
