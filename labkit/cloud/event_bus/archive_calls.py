"""The calls over archives and replays."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.documents import Documents
from labkit.cloud.event_bus.archives import Archives
from labkit.cloud.event_bus.events import Event
from labkit.cloud.event_bus.names import not_here, page, read_bus, scope_of_arn
from labkit.cloud.event_bus.patterns import parse_pattern
from labkit.cloud.event_bus.records import Archive, Replay
from labkit.cloud.event_bus.registry import Registry

REPLAY = "event-replay"
_ACTIVE = ("STARTING", "RUNNING", "CANCELLING")
_log = logging.getLogger(__name__)
Publish = Callable[[Scope, str, Event], None]


class ArchiveCalls:
    """CreateArchive, StartReplay and what belongs to them; ``publish`` puts a replayed event on its bus."""

    def __init__(self, registry: Registry, archives: Archives, documents: Documents, publish: Publish) -> None:
        self._registry, self._archives, self._documents, self._publish = registry, archives, documents, publish
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self.calls: dict[str, Handler] = {
            "CreateArchive": self._create, "UpdateArchive": self._update, "DescribeArchive": self._describe,
            "ListArchives": self._list, "DeleteArchive": self._delete, "StartReplay": self._start,
            "DescribeReplay": self._describe_replay, "ListReplays": self._list_replays, "CancelReplay": self._cancel,
        }  # fmt: skip

    def start(self) -> None:
        """Take up the replays that were going on when the process ended, from their beginning."""
        self._archives.prune(self._registry.now())
        for scope, _, kept in self._documents.list(REPLAY):
            replay = Replay.read(scope, kept)
            if replay.state in _ACTIVE:
                self._begin(replay)

    def stop(self) -> None:
        """Leave replays where they are."""
        self._stopping.set()

    def _create(self, call: Call) -> dict[str, Any]:
        params = call.params
        if params.get("KmsKeyIdentifier"):
            raise not_here("encrypts no archives: KmsKeyIdentifier is refused.")
        bus = self._registry.bus(scope_of_arn(params["EventSourceArn"], call.scope), read_bus(params["EventSourceArn"]))
        pattern = params.get("EventPattern") or None
        if pattern:
            parse_pattern(pattern)
        archive = Archive(
            call.scope, params["ArchiveName"], bus.name, self._registry.now(), pattern,
            params.get("Description") or None, int(params.get("RetentionDays") or 0),
        )  # fmt: skip
        self._archives.create(archive)
        return {"ArchiveArn": archive.arn, "State": "ENABLED", "CreationTime": archive.created}

    def _update(self, call: Call) -> dict[str, Any]:
        params = call.params
        archive = self._archives.find(call.scope, params["ArchiveName"])
        if params.get("EventPattern"):
            parse_pattern(params["EventPattern"])
            archive = replace(archive, pattern=params["EventPattern"])
        if params.get("Description") is not None:
            archive = replace(archive, description=params["Description"] or None)
        if params.get("RetentionDays") is not None:
            archive = replace(archive, days=int(params["RetentionDays"]))
        self._archives.save(archive)
        return {"ArchiveArn": archive.arn, "State": "ENABLED", "CreationTime": archive.created}

    def _describe(self, call: Call) -> dict[str, Any]:
        archive = self._archives.find(call.scope, call.params["ArchiveName"])
        more = {"Description": archive.description, "EventPattern": archive.pattern}
        return {
            "ArchiveArn": archive.arn, **_shown(archive), **{name: value for name, value in more.items() if value}
        }  # fmt: skip

    def _list(self, call: Call) -> dict[str, Any]:
        prefix, state = call.params.get("NamePrefix") or "", call.params.get("State")
        source = call.params.get("EventSourceArn")
        if source:
            self._registry.bus(call.scope, read_bus(source))
        found = [
            _shown(one) for one in self._archives.all(call.scope)
            if one.name.startswith(prefix) and source in (None, one.bus_arn) and state in (None, "ENABLED")
        ]  # fmt: skip
        return page(found, call, "Archives")

    def _delete(self, call: Call) -> dict[str, Any]:
        self._archives.delete(call.scope, call.params["ArchiveName"])
        return {}

    def _start(self, call: Call) -> dict[str, Any]:
        params, destination = call.params, call.params["Destination"]
        name = params["EventSourceArn"].rsplit("/", 1)[-1]
        try:
            archive = self._archives.find(call.scope, name)
        except AwsError:
            raise _invalid("EventSourceArn", f"Archive {name} does not exist.") from None
        bus = self._registry.bus(call.scope, read_bus(destination["Arn"]))
        if bus.name != archive.bus:
            raise _invalid("Destination.Arn", "Cross event bus replay is not permitted.")
        start, end = _moment(params["EventStartTime"]), _moment(params["EventEndTime"])
        if start >= end:
            raise _invalid("EventEndTime", "EventStartTime must be before EventEndTime.")
        with self._lock:
            if self._documents.find(REPLAY, call.scope, params["ReplayName"]) is not None:
                raise AwsError("ResourceAlreadyExistsException", f"Replay {params['ReplayName']} already exists.")
            replay = Replay(
                call.scope, params["ReplayName"], archive.name, bus.name, start, end, self._registry.now(),
                params.get("Description") or None, tuple(destination.get("FilterArns") or ()),
            )  # fmt: skip
            self._save(replay)
        self._begin(replay)
        return {"ReplayArn": replay.arn, "State": replay.state, "ReplayStartTime": replay.begun}

    def _describe_replay(self, call: Call) -> dict[str, Any]:
        replay = self._replay(call.scope, call.params["ReplayName"])
        destination: dict[str, Any] = {
            "Arn": f"arn:aws:events:{call.scope.region}:{call.scope.account}:event-bus/{replay.bus}"
        }
        if replay.rules:
            destination["FilterArns"] = list(replay.rules)
        described = {"Description": replay.description} if replay.description else {}
        return {"ReplayArn": replay.arn, "Destination": destination, **described, **_shown_replay(replay)}

    def _list_replays(self, call: Call) -> dict[str, Any]:
        prefix, state = call.params.get("NamePrefix") or "", call.params.get("State")
        source = call.params.get("EventSourceArn")
        replays = [Replay.read(scope, kept) for scope, _, kept in self._documents.list(REPLAY, call.scope)]
        found = [_shown_replay(one) for one in sorted(replays, key=lambda one: one.name) if one.name.startswith(prefix)]
        found = [one for one in found if state in (None, one["State"]) and source in (None, one["EventSourceArn"])]
        return page(found, call, "Replays")

    def _cancel(self, call: Call) -> dict[str, Any]:
        with self._lock:
            replay = self._replay(call.scope, call.params["ReplayName"])
            if replay.state not in ("STARTING", "RUNNING"):
                text = f"Replay {replay.name} is not in a valid state for this operation."
                raise AwsError("IllegalStatusException", text)
            self._save(replay.changed(state="CANCELLING"))
        return {"ReplayArn": replay.arn, "State": "CANCELLING"}

    def _replay(self, scope: Scope, name: str) -> Replay:
        kept = self._documents.find(REPLAY, scope, name)
        if kept is None:
            raise AwsError("ResourceNotFoundException", f"Replay {name} does not exist.")
        return Replay.read(scope, kept)

    def _save(self, replay: Replay) -> None:
        self._documents.put(REPLAY, replay.scope, replay.name, replay.document())

    def _begin(self, replay: Replay) -> None:
        threading.Thread(target=self._run, args=(replay.scope, replay.name), name="event-replay", daemon=True).start()

    def _run(self, scope: Scope, name: str) -> None:
        try:
            replay = self._replay(scope, name)
            self._advance(scope, name, "RUNNING")
            for kept in self._archives.between(scope, replay.archive, replay.start, replay.end):
                if self._stopping.is_set() or not self._advance(scope, name, "RUNNING", last_event=kept["Received"]):
                    break
                document = _with_name(kept["Event"], name)
                now = self._registry.now()
                self._publish(scope, replay.bus, Event(document, now, replay=name, only_rules=replay.rules))
            if not self._stopping.is_set():
                ended = "COMPLETED" if self._replay(scope, name).state != "CANCELLING" else "CANCELLED"
                self._advance(scope, name, ended, ended=self._registry.now(), even_if_cancelling=True)
        except Exception:  # noqa: BLE001 - a replay must end in a state, whatever went wrong
            _log.exception("replay %s", name)
            self._advance(scope, name, "FAILED", ended=self._registry.now(), even_if_cancelling=True)

    def _advance(self, scope: Scope, name: str, state: str, *, even_if_cancelling: bool = False, **values: Any) -> bool:
        """Change a replay; False, and no change, when it is being cancelled."""
        with self._lock:
            replay = self._replay(scope, name)
            if replay.state == "CANCELLING" and not even_if_cancelling:
                return False
            self._save(replay.changed(state=state, **values))
            return True


def _shown(archive: Archive) -> dict[str, Any]:
    return {
        "ArchiveName": archive.name, "EventSourceArn": archive.bus_arn, "State": "ENABLED", "RetentionDays": archive.days,
        "SizeBytes": archive.size_bytes, "EventCount": archive.events, "CreationTime": archive.created,
    }  # fmt: skip


def _shown_replay(replay: Replay) -> dict[str, Any]:
    scope = replay.scope
    found = {
        "ReplayName": replay.name, "State": replay.state,
        "EventSourceArn": f"arn:aws:events:{scope.region}:{scope.account}:archive/{replay.archive}",
        "EventStartTime": replay.start, "EventEndTime": replay.end, "EventLastReplayedTime": replay.last_event,
        "ReplayStartTime": replay.begun, "ReplayEndTime": replay.ended,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def _with_name(event: dict[str, Any], replay: str) -> dict[str, Any]:
    """The event with its replay's name, where AWS puts it: behind the region."""
    found: dict[str, Any] = {}
    for name, value in event.items():
        found[name] = value
        if name == "region":
            found["replay-name"] = replay
    return found


def _moment(value: Any) -> float:
    if isinstance(value, str):
        from datetime import datetime

        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return float(value)


def _invalid(name: str, reason: str) -> AwsError:
    return AwsError("ValidationException", f"Parameter {name} is not valid. Reason: {reason}")
