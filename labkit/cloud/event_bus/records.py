"""What EventBridge keeps: buses, rules, targets, archives, replays; each a frozen record with its document on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.event_bus.patterns import Pattern, parse_pattern

DEFAULT_BUS = "default"
Document = dict[str, Any]


def _arn(scope: Scope, resource: str) -> str:
    return f"arn:aws:events:{scope.region}:{scope.account}:{resource}"


@dataclass(frozen=True)
class Bus:
    """An event bus; times in epoch seconds (the default bus has none); `policy` is a policy document."""

    scope: Scope
    name: str
    created: float | None = None
    modified: float | None = None
    description: str | None = None
    policy: Document | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return _arn(self.scope, f"event-bus/{self.name}")

    def document(self) -> Document:
        """JSON values only."""
        return {
            "Name": self.name, "Created": self.created, "Modified": self.modified, "Description": self.description,
            "Policy": self.policy, "Tags": dict(self.tags),
        }  # fmt: skip

    @classmethod
    def read(cls, scope: Scope, kept: Document) -> Bus:
        """The bus of a document."""
        return cls(
            scope, kept["Name"], kept["Created"], kept["Modified"], kept["Description"], kept["Policy"], kept["Tags"]
        )  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A rule; `targets` are Target structures as the API spells them, in the order they were put."""

    scope: Scope
    bus: str
    name: str
    pattern: str | None = None
    schedule: str | None = None
    state: str = "ENABLED"
    description: str | None = None
    role_arn: str | None = None
    targets: tuple[Document, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    since: float = 0.0
    """When the schedule began or was changed, in epoch seconds: a rate counts from there."""

    @property
    def arn(self) -> str:
        inside = "" if self.bus == DEFAULT_BUS else f"{self.bus}/"
        return _arn(self.scope, f"rule/{inside}{self.name}")

    @property
    def enabled(self) -> bool:
        return self.state != "DISABLED"

    @property
    def compiled(self) -> Pattern | None:
        """The pattern, ready to be asked; None for a rule that only has a schedule."""
        return parse_pattern(self.pattern) if self.pattern else None

    def shown(self) -> Document:
        """As ListRules shows it."""
        found = {
            "Name": self.name, "Arn": self.arn, "EventPattern": self.pattern, "State": self.state,
            "Description": self.description, "ScheduleExpression": self.schedule, "RoleArn": self.role_arn,
            "EventBusName": self.bus,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value}

    def changed(self, **values: Any) -> Rule:
        """The rule with other values."""
        return replace(self, **values)

    def document(self) -> Document:
        """JSON values only."""
        return {
            "Bus": self.bus, "Name": self.name, "Pattern": self.pattern, "Schedule": self.schedule, "State": self.state,
            "Description": self.description, "RoleArn": self.role_arn, "Targets": list(self.targets),
            "Tags": dict(self.tags), "Since": self.since,
        }  # fmt: skip

    @classmethod
    def read(cls, scope: Scope, kept: Document) -> Rule:
        """The rule of a document."""
        return cls(
            scope, kept["Bus"], kept["Name"], kept["Pattern"], kept["Schedule"], kept["State"], kept["Description"],
            kept["RoleArn"], tuple(kept["Targets"]), kept["Tags"], kept["Since"],
        )  # fmt: skip


@dataclass(frozen=True)
class Archive:
    """An archive of a bus's events; `days` 0 keeps them for ever; times in epoch seconds."""

    scope: Scope
    name: str
    bus: str
    created: float
    pattern: str | None = None
    description: str | None = None
    days: int = 0
    events: int = 0
    size_bytes: int = 0

    @property
    def arn(self) -> str:
        return _arn(self.scope, f"archive/{self.name}")

    @property
    def bus_arn(self) -> str:
        return _arn(self.scope, f"event-bus/{self.bus}")

    def document(self) -> Document:
        """JSON values only."""
        return {
            "Name": self.name, "Bus": self.bus, "Created": self.created, "Pattern": self.pattern,
            "Description": self.description, "Days": self.days,
        }  # fmt: skip

    @classmethod
    def read(cls, scope: Scope, kept: Document) -> Archive:
        """The archive of a document; its counts are those of what is kept, 0 here."""
        return cls(
            scope, kept["Name"], kept["Bus"], kept["Created"], kept["Pattern"], kept["Description"], kept["Days"]
        )  # fmt: skip


@dataclass(frozen=True)
class Replay:
    """A replay of an archive; times in epoch seconds; `rules` are the ARNs it is restricted to (none: every rule)."""

    scope: Scope
    name: str
    archive: str
    bus: str
    start: float
    end: float
    begun: float
    description: str | None = None
    rules: tuple[str, ...] = ()
    state: str = "STARTING"
    last_event: float | None = None
    ended: float | None = None

    @property
    def arn(self) -> str:
        return _arn(self.scope, f"replay/{self.name}")

    def changed(self, **values: Any) -> Replay:
        """The replay with other values."""
        return replace(self, **values)

    def document(self) -> Document:
        """JSON values only."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("scope", "rules")}
        return {**kept, "rules": list(self.rules)}

    @classmethod
    def read(cls, scope: Scope, kept: Document) -> Replay:
        """The replay of a document."""
        return cls(scope=scope, **{**kept, "rules": tuple(kept["rules"])})
