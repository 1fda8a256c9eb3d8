"""The filters of log groups as they are kept: JSON documents, and in memory by group, ready to match."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.logs.pattern.matcher import Matcher
from labkit.cloud.logs.pattern.parse import parse_pattern

if TYPE_CHECKING:
    from labkit.cloud.documents import Documents


@dataclass(frozen=True)
class Filter:
    """One filter: its document as the API shows it, and what it matches."""

    name: str
    document: dict[str, Any]
    matcher: Matcher


class FilterShelf:
    """Filters of one kind (`log-metric-filter`), by account, region and group."""

    def __init__(self, documents: Documents, kind: str, missing: str) -> None:
        self._documents = documents
        self._kind = kind
        self._missing = missing
        self._lock = threading.Lock()
        self._groups: dict[tuple[Scope, str], tuple[Filter, ...]] = {}
        for scope, _, document in documents.list(kind):
            self._keep(scope, document)

    def of(self, scope: Scope, group: str) -> tuple[Filter, ...]:
        """The filters of a group; costs a look into a dict."""
        return self._groups.get((scope, group), ())

    def all(self, scope: Scope) -> list[Filter]:
        """All filters of a scope, by group and name."""
        found = [(group, one) for (place, group), some in list(self._groups.items()) if place == scope for one in some]
        return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].name))]

    def put(self, scope: Scope, document: dict[str, Any]) -> None:
        """Insert or replace a filter (`logGroupName`, `filterName`, `filterPattern`, …)."""
        name = _name(document["logGroupName"], document["filterName"])
        with self._lock:
            self._keep(scope, document)
            self._documents.put(self._kind, scope, name, document)

    def remove(self, scope: Scope, group: str, name: str) -> None:
        """Take a filter away; AwsError ResourceNotFoundException."""
        with self._lock:
            left = tuple(one for one in self.of(scope, group) if one.name != name)
            if len(left) == len(self.of(scope, group)):
                raise AwsError("ResourceNotFoundException", self._missing)
            self._groups[(scope, group)] = left
            self._documents.delete(self._kind, scope, _name(group, name))

    def forget(self, scope: Scope, group: str) -> None:
        """Take all filters of a group away."""
        with self._lock:
            for one in self._groups.pop((scope, group), ()):
                self._documents.delete(self._kind, scope, _name(group, one.name))

    def _keep(self, scope: Scope, document: dict[str, Any]) -> None:
        made = Filter(document["filterName"], document, parse_pattern(document["filterPattern"]))
        group = document["logGroupName"]
        others = tuple(one for one in self.of(scope, group) if one.name != made.name)
        self._groups[(scope, group)] = tuple(sorted((*others, made), key=lambda one: one.name))


def _name(group: str, name: str) -> str:
    return f"{group}\n{name}"
