"""Reads SQS queues for the functions that event source mappings name, as Lambda's pollers do."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.mappings import Mappings
from labkit.cloud.functions.api.settings import may
from labkit.cloud.functions.configuration import FunctionSpec, scope_of, split_name
from labkit.cloud.functions.filters import passes
from labkit.cloud.functions.reply import Invocation, Outcome
from labkit.cloud.functions.sqs_records import build_record, failed_ids, trace_of

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_log = logging.getLogger(__name__)
# Long polling is for the network; a look at a queue in memory takes microseconds.
_LOOK_S = 0.05
# Batches of one mapping at a time: enough to overlap waiting, few enough for two cores. A FIFO queue gets one.
_BATCHES = 4
_MAX_PAYLOAD_BYTES = 6_000_000
Run = Callable[[Invocation], Outcome]
Find = Callable[[Scope, str, "str | None"], FunctionSpec]
Gathering = dict[str, tuple[float, list[Any]]]


class QueuePoller:
    """A thread that looks at the queues of enabled mappings, and one for each batch that is being worked on."""

    def __init__(self, services: Services, mappings: Mappings, find: Find, run: Run) -> None:
        self._services = services
        self._mappings = mappings
        self._find = find
        self._run = run
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()
        self._gathering: Gathering = {}
        self._thread = threading.Thread(target=self._poll, daemon=True, name="queue-poller")

    def start(self) -> None:
        """Begin polling."""
        self._thread.start()

    def stop(self) -> None:
        """Start no more batches; messages in flight become visible again in their time."""
        self._stopping.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def wake(self) -> None:
        """The mappings have changed."""
        self._changed.set()

    def _poll(self) -> None:
        enabled: list[tuple[Scope, dict[str, Any]]] = []
        self._changed.set()
        while not self._stopping.is_set():
            if self._changed.is_set():
                self._changed.clear()
                enabled = [pair for pair in self._mappings.list_all() if pair[1]["State"] == "Enabled"]
            for scope, mapping in enabled:
                try:
                    self._look(scope, mapping)
                except Exception:  # noqa: BLE001 - one broken queue must not stop the others
                    _log.exception("The queue of mapping %s could not be read", mapping["UUID"])
            self._changed.wait(_LOOK_S if enabled else None)

    def _look(self, scope: Scope, mapping: Mapping[str, Any]) -> None:
        """Take what the queue has, and start a batch when it is full or its window is over."""
        key, arn = mapping["UUID"], mapping["EventSourceArn"]
        fifo = arn.endswith(".fifo")
        limit = 1 if fifo else int((mapping.get("ScalingConfig") or {}).get("MaximumConcurrency") or _BATCHES)
        while True:
            with self._lock:
                if self._busy[key] >= min(limit, _BATCHES):
                    return
            batch = self._gather(scope, mapping)
            if not batch:
                return
            with self._lock:
                self._busy[key] += 1
            threading.Thread(target=self._work, args=(scope, mapping, batch), daemon=True, name="queue-batch").start()

    def _gather(self, scope: Scope, mapping: Mapping[str, Any]) -> list[Any]:
        key, size, window_s = mapping["UUID"], mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]
        began, found = self._gathering.get(key, (time.monotonic(), []))
        if len(found) < size:
            found = [*found, *self._receive(scope, mapping, size - len(found))]
        full = len(found) >= size or sum(len(one.body) for one in found) > _MAX_PAYLOAD_BYTES
        if found and (full or time.monotonic() - began >= window_s):
            self._gathering.pop(key, None)
            return found
        if found:
            self._gathering[key] = (began, found)
        return []

    def _receive(self, scope: Scope, mapping: Mapping[str, Any], count: int) -> list[Any]:
        queue = _find_queue(mapping["EventSourceArn"])
        if queue is None:
            self._mappings.note_result(scope, mapping["UUID"], "PROBLEM: The specified queue does not exist.")
            return []
        if not queue.messages:
            return []
        spec = self._spec(mapping, scope)
        if spec is None or not self._may_read(spec, mapping):
            return []
        found = _backend(mapping["EventSourceArn"]).receive_message(
            queue.name, min(count, 10), 0, queue.visibility_timeout, ["All"]
        )
        self._services.changed("sqs", scope.account, scope.region)
        return list(found)

    def _spec(self, mapping: Mapping[str, Any], scope: Scope) -> FunctionSpec | None:
        name, qualifier = split_name(mapping["FunctionArn"])
        try:
            return self._find(scope_of(mapping["FunctionArn"], scope), name, qualifier)
        except AwsError:
            self._mappings.note_result(scope, mapping["UUID"], "PROBLEM: Function not found")
            return None

    def _may_read(self, spec: FunctionSpec, mapping: Mapping[str, Any]) -> bool:
        actions = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        allowed = all(may(self._services, spec.role_arn, one, mapping["EventSourceArn"], spec.scope) for one in actions)
        if not allowed:
            result = "PROBLEM: Lambda failed to access the queue; the execution role lacks SQS permissions"
            self._mappings.note_result(spec.scope, mapping["UUID"], result)
        return allowed

    def _work(self, scope: Scope, mapping: Mapping[str, Any], messages: Sequence[Any]) -> None:
        try:
            self._run_batch(scope, mapping, messages)
        except Exception:  # noqa: BLE001 - the messages stay in their queue whatever breaks
            _log.exception("A batch of mapping %s broke; its messages become visible again", mapping["UUID"])
        finally:
            with self._lock:
                self._busy[mapping["UUID"]] -= 1

    def _run_batch(self, scope: Scope, mapping: Mapping[str, Any], messages: Sequence[Any]) -> None:
        arn, criteria = mapping["EventSourceArn"], mapping.get("FilterCriteria") or {}
        records = [build_record(one, arn) for one in messages]
        wanted = [record for record in records if passes(record, criteria)]
        filtered = {record["messageId"] for record in records} - {record["messageId"] for record in wanted}
        self._delete(arn, [one for one in messages if one.id in filtered])
        if not wanted:
            return
        name, qualifier = split_name(mapping["FunctionArn"])
        place = scope_of(mapping["FunctionArn"], scope)
        payload = json.dumps({"Records": wanted}, ensure_ascii=False)
        trace = next(filter(None, map(trace_of, messages)), None)
        try:
            outcome = self._run(Invocation(str(uuid.uuid4()), name, qualifier, payload, place, trace=trace))
        except AwsError as error:
            self._mappings.note_result(scope, mapping["UUID"], f"PROBLEM: Function call failed ({error.code})")
            return
        partial = "ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or [])
        ids = [record["messageId"] for record in wanted]
        failed = set(ids) if outcome.error else failed_ids(outcome.document, ids) if partial else set()
        self._delete(arn, [one for one in messages if one.id in set(ids) - failed])
        self._mappings.note_result(scope, mapping["UUID"], "PROBLEM: Function call failed" if outcome.error else "OK")

    def _delete(self, arn: str, messages: Sequence[Any]) -> None:
        from moto.core.exceptions import ServiceException

        for message in messages:
            try:
                _backend(arn).delete_message(arn.rpartition(":")[2], message.receipt_handle)
            except ServiceException as error:
                _log.warning("Message %s of %s could not be deleted: %s", message.id, arn, error)
        if messages:
            parts = arn.split(":")
            self._services.changed("sqs", parts[4], parts[3])


def _backend(arn: str) -> Any:
    from moto.sqs.models import sqs_backends

    parts = arn.split(":")
    return sqs_backends[parts[4]][parts[3]]


def _find_queue(arn: str) -> Any:
    return _backend(arn).queues.get(arn.rpartition(":")[2])
