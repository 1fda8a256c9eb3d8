"""The ledger: what this lab created, written down before each call, so that teardown can delete that and nothing else.

One JSON file: {"version": 1, "entries": [Entry …]} in order of creation.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from labkit.aws.call import AwsCall
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.settings import Target

VERSION = 1
FILE_NAME = "ledger.json"


@dataclass(frozen=True)
class Entry:
    """One resource of one account and region. `state`: "calling" (the call may or may not have arrived), "made" or "refused"."""

    account: str
    region: str
    target: str
    step: int
    kind: str
    name: str
    state: str
    at: str

    @property
    def identity(self) -> tuple[str, str, str, str, str]:
        return self.target, self.account, self.region, self.kind, self.name


def name_place(target: Target) -> str:
    """What an entry calls the target: a rehearsal's resources are on this computer, not on AWS."""
    return "rehearsal" if target.rehearsal else target.name


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Only one process of this folder at a time is in the block; the others wait. Two notebooks may be opened at once."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / name).open("a")
    except OSError:
        # Where nothing can be written the ledger itself will say so.
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Ledger:
    """The file and its entries. Every change is on disk when the method returns; a crash leaves the old file or the new one."""

    def __init__(self, state_dir: Path, target: Target, clock: Callable[[], datetime] | None = None) -> None:
        self.path = state_dir / FILE_NAME
        self._target = target
        self._clock = clock or (lambda: datetime.now(timezone.utc))

    def entries(self) -> list[Entry]:
        """Every entry, oldest first. LabError if the file is not a ledger."""
        if not self.path.exists():
            return []
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            return [_read_entry(item) for item in document["entries"]]
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise build_lesson(LabError, "error.ledger_broken", file=str(self.path), reason=str(error)) from error

    def announce(self, step: int, call: AwsCall) -> None:
        """Write down that `call` is about to create its resource; a resource already known keeps its entry."""
        if call.verb != "create":
            return
        place = self._target
        now = self._clock().isoformat(timespec="seconds")
        entry = Entry(place.account, place.region, name_place(place), step, call.kind, call.name, "calling", now)
        with alone(self.path.parent, "ledger.lock"):
            kept = [item for item in self.entries() if item.identity != entry.identity]
            self._write([*kept, entry])

    def settle(self, call: AwsCall, made: bool) -> None:
        """Write down how the announced call ended."""
        if call.verb != "create":
            return
        place = self._target
        identity = (name_place(place), place.account, place.region, call.kind, call.name)
        state = "made" if made else "refused"
        with alone(self.path.parent, "ledger.lock"):
            self._write([replace(item, state=state) if item.identity == identity else item for item in self.entries()])

    def is_here(self, entry: Entry) -> bool:
        """True for an entry of this ledger's target, account and region."""
        place = self._target
        return (entry.target, entry.account, entry.region) == (name_place(place), place.account, place.region)

    def forget(self, gone: Callable[[Entry], bool]) -> None:
        """Drop the entries of this target, account and region whose resources were seen gone (`labkit teardown`)."""
        with alone(self.path.parent, "ledger.lock"):
            before = self.entries()
            kept = [entry for entry in before if not (self.is_here(entry) and gone(entry))]
            if len(kept) != len(before):
                self._write(kept)

    def forget_targets(self, *targets: str) -> None:
        """Drop every entry of targets whose resources are all gone (`labkit reset`)."""
        before = self.entries()
        kept = [entry for entry in before if entry.target not in targets]
        if len(kept) != len(before):
            self._write(kept)

    def _write(self, entries: list[Entry]) -> None:
        document = {"version": VERSION, "entries": [asdict(entry) for entry in entries]}
        temporary = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".ledger-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except OSError as error:
            if temporary:  # half a file, on a disk that is full
                Path(temporary).unlink(missing_ok=True)
            raise build_lesson(LabError, "error.ledger_unwritable", file=str(self.path), reason=str(error)) from error


def _read_entry(item: dict[str, Any]) -> Entry:
    """One entry of the file. TypeError or ValueError for fields or a date that are not of this version's form."""
    entry = Entry(**item)
    datetime.fromisoformat(entry.at)
    return entry
