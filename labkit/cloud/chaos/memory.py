"""The S3 events that were sent lately, so that one can be sent again: lines of a file that is kept small."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# An event is about 900 bytes: each of the two files holds some nine thousand.
_LIMIT_BYTES = 8 << 20


class Memory:
    """Appends one line an event; the older half is given up when the file is full. Survives a killed server."""

    def __init__(self, folder: Path, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._path = folder / "s3-events.jsonl"
        self._older = folder / "s3-events.1.jsonl"
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        if self._path.exists() and not self._path.read_bytes().endswith(b"\n"):
            with self._path.open("ab") as file:
                file.write(b"\n")  # a kill cut the last line short
        self._size_bytes = self._path.stat().st_size if self._path.exists() else 0

    def add(self, entry: dict[str, Any]) -> None:
        """Remember one event: {"bucket", "key", "arn", "service", "event"}."""
        line = json.dumps(entry).encode() + b"\n"
        with self._lock:
            if self._size_bytes + len(line) > self._limit_bytes and self._size_bytes:
                os.replace(self._path, self._older)
                self._size_bytes = 0
            with self._path.open("ab") as file:
                file.write(line)
            self._size_bytes += len(line)

    def find_last(self, bucket: str, key: str) -> list[dict[str, Any]]:
        """The newest event of a key, once for each target that it was sent to; empty when it is not remembered."""
        found: dict[str, dict[str, Any]] = {}
        newest: tuple[str, str] | None = None
        for entry in self._backwards():
            if entry.get("key") != key or entry.get("bucket") != bucket:
                continue
            record = entry["event"]["Records"][0]
            # A configuration may send one change to several targets: same moment, same request.
            mark = (record["eventName"], record["responseElements"]["x-amz-request-id"])
            newest = newest or mark
            if mark != newest:
                break
            found.setdefault(entry["arn"], entry)
        return list(found.values())

    def _backwards(self) -> Iterator[dict[str, Any]]:
        with self._lock:
            texts = [path.read_bytes() for path in (self._path, self._older) if path.exists()]
        for text in texts:
            for line in reversed(text.splitlines()):
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue  # cut short by a kill
                if isinstance(entry, dict):
                    yield entry
