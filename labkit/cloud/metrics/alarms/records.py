"""What is kept of alarms: their settings and states, and their history."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.documents import Documents

KIND = "cloudwatch-alarm"
_HISTORY = "cloudwatch-alarm-history"
OK, ALARM, UNKNOWN = "OK", "ALARM", "INSUFFICIENT_DATA"
STATES = (OK, ALARM, UNKNOWN)
ACTIONS_OF = {OK: "OKActions", ALARM: "AlarmActions", UNKNOWN: "InsufficientDataActions"}
# AWS keeps 30 days of history; here so many entries of an alarm, whatever their age.
_MOST_HISTORY = 200


@dataclass(frozen=True)
class Alarm:
    """`settings` are PutMetricAlarm's parameters; times are epoch seconds. A state that was set by hand holds until `held_until`."""

    name: str
    settings: dict[str, Any]
    configured: float
    state: str = UNKNOWN
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    state_updated: float = 0.0
    transitioned: float = 0.0
    tags: dict[str, str] | None = None
    held_until: float = 0.0

    def arn(self, scope: Scope) -> str:
        """Its ARN."""
        return f"arn:aws:cloudwatch:{scope.region}:{scope.account}:alarm:{self.name}"

    @property
    def acts(self) -> bool:
        """Whether its actions are carried out."""
        return bool(self.settings.get("ActionsEnabled", True))


class Alarms:
    """The alarms of all accounts and regions, durable when a call returns; thread-safe."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lock = threading.RLock()
        self._known: dict[Scope, dict[str, Alarm]] = {}
        for scope, name, told in documents.list(KIND):
            self._known.setdefault(scope, {})[name] = Alarm(**told)

    def scopes(self) -> list[Scope]:
        """Where there are alarms."""
        with self._lock:
            return [scope for scope, found in self._known.items() if found]

    def all(self, scope: Scope) -> list[Alarm]:
        """By name."""
        with self._lock:
            found = self._known.get(scope, {})
            return [found[name] for name in sorted(found)]

    def find(self, scope: Scope, name: str) -> Alarm | None:
        """One, or None."""
        with self._lock:
            return self._known.get(scope, {}).get(name)

    def put(self, scope: Scope, alarm: Alarm) -> None:
        """Keep one."""
        with self._lock:
            self._documents.put(KIND, scope, alarm.name, asdict(alarm))
            self._known.setdefault(scope, {})[alarm.name] = alarm

    def change(self, scope: Scope, seen: Alarm, **fields: Any) -> Alarm | None:
        """Change an alarm that is still as it was seen; None when it is not."""
        with self._lock:
            if self.find(scope, seen.name) is not seen:
                return None
            after = replace(seen, **fields)
            self.put(scope, after)
            return after

    def delete(self, scope: Scope, name: str) -> None:
        """Forget one; its history stays, as on AWS."""
        with self._lock:
            self._documents.delete(KIND, scope, name)
            self._known.get(scope, {}).pop(name, None)

    def note(self, scope: Scope, name: str, entry: Mapping[str, Any]) -> None:
        """Add an entry (as DescribeAlarmHistory shows it, with its time in epoch seconds) to an alarm's history."""
        with self._lock:
            found = self._documents.find(_HISTORY, scope, name) or {"entries": []}
            entries = [*found["entries"], dict(entry)][-_MOST_HISTORY:]
            self._documents.put(_HISTORY, scope, name, {"entries": entries})

    def history(self, scope: Scope, name: str | None = None) -> list[dict[str, Any]]:
        """Entries of one alarm or of all, oldest first."""
        told = [entries for _, its_name, entries in self._documents.list(_HISTORY, scope) if name in (None, its_name)]
        return sorted((entry for one in told for entry in one["entries"]), key=lambda entry: float(entry["Timestamp"]))
