"""Archives: events of a bus that are kept, and given back by replays."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.documents import Documents
from labkit.cloud.event_bus.events import Event
from labkit.cloud.event_bus.inputs import compact
from labkit.cloud.event_bus.patterns import parse_pattern
from labkit.cloud.event_bus.records import Archive

ARCHIVE = "event-archive"
KEPT = "event-archived"
_DAY_S = 86_400
_MOST_ARCHIVES = 100


class Archives:
    """The archives of every account and region; what is archived is on disk when `keep` returns."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lock = threading.RLock()
        self._known: dict[tuple[Scope, str], Archive] = {}
        for scope, name, kept in documents.list(ARCHIVE):
            self._known[scope, name] = Archive.read(scope, kept)
        for scope, _, kept in documents.list(KEPT):
            self._count(scope, kept["Archive"], 1, kept["Size"])

    def find(self, scope: Scope, name: str) -> Archive:
        """The archive; ResourceNotFoundException."""
        found = self._known.get((scope, name))
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Archive {name} does not exist.")
        return found

    def all(self, scope: Scope) -> list[Archive]:
        """Every archive, by name."""
        with self._lock:
            return sorted((one for (owner, _), one in self._known.items() if owner == scope), key=lambda one: one.name)

    def create(self, archive: Archive) -> None:
        """ResourceAlreadyExistsException, LimitExceededException."""
        with self._lock:
            if (archive.scope, archive.name) in self._known:
                raise AwsError("ResourceAlreadyExistsException", f"Archive {archive.name} already exists.")
            if len(self.all(archive.scope)) >= _MOST_ARCHIVES:
                raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
            self.save(archive)

    def save(self, archive: Archive) -> None:
        """Keep a new or changed archive."""
        with self._lock:
            self._documents.put(ARCHIVE, archive.scope, archive.name, archive.document())
            self._known[archive.scope, archive.name] = archive

    def delete(self, scope: Scope, name: str) -> None:
        """Forget an archive and its events; ResourceNotFoundException."""
        with self._lock:
            self.find(scope, name)
            gone = [(KEPT, kept_name) for kept_name, _ in self._events(scope, name)]
            self._documents.change(scope, [], [*gone, (ARCHIVE, name)])
            del self._known[scope, name]

    def keep(self, scope: Scope, bus: str, event: Event, leaves: Mapping[str, Any]) -> None:
        """Put an event into every archive of the bus whose pattern it fits; a replayed event is in one already."""
        if event.replay is not None:
            return
        for archive in self.all(scope) if self._known else ():
            if archive.bus != bus or (archive.pattern and not parse_pattern(archive.pattern).matches_leaves(leaves)):
                continue
            size = len(compact(event.document).encode("utf-8", "replace"))
            kept = {"Archive": archive.name, "Received": event.received, "Event": dict(event.document), "Size": size}
            self._documents.put(KEPT, scope, f"{archive.name}/{event.document['id']}", kept)
            with self._lock:
                self._count(scope, archive.name, 1, size)

    def between(self, scope: Scope, name: str, start: float, end: float) -> list[Mapping[str, Any]]:
        """What an archive holds of a time (epoch seconds, the end not included), oldest first."""
        kept = [one for _, one in self._events(scope, name) if start <= one["Received"] < end]
        return sorted(kept, key=lambda one: float(one["Received"]))

    def prune(self, now: float) -> None:
        """Drop what is older than its archive keeps."""
        for (scope, name), archive in list(self._known.items()):
            if not archive.days:
                continue
            oldest = now - archive.days * _DAY_S
            old = [(kept_name, one) for kept_name, one in self._events(scope, name) if one["Received"] < oldest]
            if old:
                self._documents.change(scope, [], [(KEPT, kept_name) for kept_name, _ in old])
                with self._lock:
                    self._count(scope, name, -len(old), -sum(one["Size"] for _, one in old))

    def _events(self, scope: Scope, archive: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for _, name, kept in self._documents.list(KEPT, scope):
            if kept["Archive"] == archive:
                yield name, kept

    def _count(self, scope: Scope, name: str, events: int, size_bytes: int) -> None:
        found = self._known.get((scope, name))
        if found is not None:
            counted = replace(found, events=found.events + events, size_bytes=found.size_bytes + size_bytes)
            self._known[scope, name] = counted
