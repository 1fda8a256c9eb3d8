"""What teardown found: what is ours and why, what bears our names and is not, and where nobody may look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labkit.steps.ledger import Entry
from labkit.teardown.ownership import Verdict
from labkit.teardown.thing import Thing


@dataclass(frozen=True)
class Judged:
    """A resource and the verdict about it."""

    thing: Thing
    verdict: Verdict


@dataclass(frozen=True)
class Part:
    """Something of ours on a resource that stays, or a rule that must go first. `parent` is that resource's name."""

    entry: Entry
    parent: str


@dataclass(frozen=True)
class SharedGroup:
    """One of Glue's own log groups: `goes` when the ledger says that it was not there before the lab."""

    name: str
    goes: bool
    streams: int


@dataclass(frozen=True)
class Blind:
    """A kind of resource that the caller may not list, in AWS's words; not `reached` where no service answered at all."""

    kind: str
    reason: str
    reached: bool = True


@dataclass(frozen=True)
class Belongings:
    """All of it. `present` counts what exists of each kind, whoever's it is; `unread` counts tags that were not looked at."""

    ours: tuple[Judged, ...]
    strangers: tuple[Judged, ...]
    parts: tuple[Part, ...]
    shared: tuple[SharedGroup, ...]
    blind: tuple[Blind, ...]
    unknown: tuple[Entry, ...]
    gone: tuple[Entry, ...]
    present: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing of ours is left; a shared group with streams in it is somebody else's by now."""
        empty_groups = any(group.goes and not group.streams for group in self.shared)
        return not (self.ours or self.parts or self.unknown or empty_groups)
