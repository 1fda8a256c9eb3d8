"""Event source mappings: an SQS queue that a function is run for. Streams and brokers are refused; nothing would read them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.names import FunctionName, read_name
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_found, not_here, page, refuse
from labkit.cloud.functions.api.settings import may
from labkit.cloud.functions.filters import check_filters

if TYPE_CHECKING:
    from labkit.cloud.services import Services

KIND = "event-source-mapping"
_NEEDED = {
    "sqs:ReceiveMessage": "ReceiveMessage",
    "sqs:DeleteMessage": "DeleteMessage",
    "sqs:GetQueueAttributes": "GetQueueAttributes",
}
_KEPT = ("BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria", "FunctionResponseTypes", "ScalingConfig")
_REFUSED = ("ProvisionedPollerConfig", "MetricsConfig", "LoggingConfig", "KMSKeyArn", "SelfManagedEventSource")


@dataclass
class Mappings:
    """The mappings as they are stored; `changed` wakes those who read the queues."""

    services: Services
    changed: Callable[[], None] = lambda: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def list_all(self) -> list[tuple[Scope, dict[str, Any]]]:
        """Every mapping of every region."""
        return [(scope, document) for scope, _, document in self.services.documents.list(KIND)]

    def get(self, scope: Scope, mapping: str) -> dict[str, Any]:
        """One; ResourceNotFoundException."""
        found = self.services.documents.find(KIND, scope, mapping)
        if found is None:
            raise not_found("The resource you requested does not exist.")
        return found

    def save(self, scope: Scope, document: dict[str, Any]) -> None:
        """Write one."""
        self.services.documents.put(KIND, scope, document["UUID"], document)
        self.changed()

    def delete(self, scope: Scope, mapping: str) -> None:
        """Remove one."""
        self.services.documents.delete(KIND, scope, mapping)
        self.changed()

    def note_result(self, scope: Scope, mapping: str, result: str) -> None:
        """Remember how the last batch ended, if the mapping is still there."""
        with self._lock:
            found = self.services.documents.find(KIND, scope, mapping)
            if found is not None and found.get("LastProcessingResult") != result:
                self.services.documents.put(KIND, scope, mapping, {**found, "LastProcessingResult": result})


@dataclass(frozen=True)
class MappingCalls:
    """The EventSourceMapping calls."""

    services: Services
    mappings: Mappings

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateEventSourceMapping": self.create,
            "UpdateEventSourceMapping": self.update,
            "GetEventSourceMapping": self.get,
            "ListEventSourceMappings": self.list_mappings,
            "DeleteEventSourceMapping": self.delete,
        }

    def create(self, request: Request) -> Reply:
        params = request.params
        name = self._function(params["FunctionName"], request.scope)
        source = str(params.get("EventSourceArn") or "")
        _check_source(source, params)
        self._check_queue(source, name, request.scope)
        with store.CHANGES:
            self._refuse_second(request.scope, source, name)
            mapping = str(uuid.uuid4())
            document = {
                "UUID": mapping,
                "EventSourceArn": source,
                "EventSourceMappingArn": f"arn:aws:lambda:{request.scope.region}:{request.scope.account}:event-source-mapping:{mapping}",
                "FunctionArn": name.qualified_arn,
                "BatchSize": 10,
                "MaximumBatchingWindowInSeconds": 0,
                "FunctionResponseTypes": [],
                "State": "Disabled" if params.get("Enabled") is False else "Enabled",
                "StateTransitionReason": "USER_INITIATED",
                "LastProcessingResult": "No records processed",
                "Tags": dict(params.get("Tags") or {}),
                **_settings(params),
            }
            _check_batches(document)
            self._save(request.scope, document)
        return Reply({**_shown(self.mappings.get(request.scope, mapping)), "State": "Creating"}, 202)

    def update(self, request: Request) -> Reply:
        params, before = request.params, self.mappings.get(request.scope, request.params["UUID"])
        document = {**before, **_settings(params)}
        if params.get("FunctionName"):
            document["FunctionArn"] = self._function(params["FunctionName"], request.scope).qualified_arn
        if params.get("Enabled") is not None:
            document["State"] = "Enabled" if params["Enabled"] else "Disabled"
        if params.get("FilterCriteria") is not None and not params["FilterCriteria"].get("Filters"):
            document.pop("FilterCriteria", None)
        _check_source(document["EventSourceArn"], params)
        _check_batches(document)
        self._save(request.scope, document)
        shown = _shown(self.mappings.get(request.scope, params["UUID"]))
        return Reply({**shown, "State": "Updating"}, 202)

    def get(self, request: Request) -> Reply:
        return Reply(_shown(self.mappings.get(request.scope, request.params["UUID"])))

    def list_mappings(self, request: Request) -> Reply:
        params = request.params
        found = [document for scope, document in self.mappings.list_all() if scope == request.scope]
        if params.get("EventSourceArn"):
            found = [one for one in found if one["EventSourceArn"] == params["EventSourceArn"]]
        if params.get("FunctionName"):
            wanted = read_name(params["FunctionName"], request.scope).qualified_arn
            found = [one for one in found if one["FunctionArn"] == wanted]
        return Reply(page([_shown(one) for one in found], params, 100).document("EventSourceMappings"))

    def delete(self, request: Request) -> Reply:
        document = self.mappings.get(request.scope, request.params["UUID"])
        self.mappings.delete(request.scope, request.params["UUID"])
        return Reply({**_shown(document), "State": "Deleting"}, 202)

    def _save(self, scope: Scope, document: dict[str, Any]) -> None:
        self.mappings.save(scope, {**document, "LastModified": self.services.clock().timestamp()})

    def _function(self, text: str, scope: Scope) -> FunctionName:
        name = read_name(text, scope)
        try:
            store.get_version(name)
        except AwsError:
            raise refuse("Function does not exist") from None
        return name

    def _check_queue(self, source: str, name: FunctionName, scope: Scope) -> None:
        from moto.sqs.models import sqs_backends

        function = store.get_version(name)
        for action, call in _NEEDED.items():
            if not may(self.services, function.role, action, source, scope):
                raise refuse(f"The provided execution role does not have permissions to call {call} on SQS")
        parts = source.split(":")
        queue = sqs_backends[parts[4]][parts[3]].queues.get(parts[5])
        if queue is None:
            cause = "SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist."
            raise refuse(f"Error occurred while ReceiveMessage. {cause}")
        visible_after, timeout = int(queue.visibility_timeout or 0), int(function.timeout)
        if visible_after < timeout:
            cause = (
                f"Queue visibility timeout: {visible_after} seconds is less than Function timeout: {timeout} seconds"
            )
            raise refuse(cause)

    def _refuse_second(self, scope: Scope, source: str, name: FunctionName) -> None:
        for place, one in self.mappings.list_all():
            if place == scope and (one["EventSourceArn"], one["FunctionArn"]) == (source, name.qualified_arn):
                cause = f'An event source mapping with SQS arn (" {source} ") and function (" {name.name} ") already exists. '
                told = f"Please update or delete the existing mapping with UUID {one['UUID']}"
                raise refuse(cause + told, "ResourceConflictException", 409)


def _check_source(source: str, params: Mapping[str, Any]) -> None:
    for member in _REFUSED:
        if params.get(member):
            raise not_here(f"event source mappings with {member}")
    parts = source.split(":")
    if len(parts) < 6:
        raise refuse("Unrecognized event source.")
    if parts[2] != "sqs":
        raise not_here(f"event source mappings for {parts[2]} ({source}); it reads SQS queues only")
    if params.get("StartingPosition"):
        raise refuse("StartingPosition is not valid for SQS event sources.")
    check_filters(params.get("FilterCriteria") or {})


def _check_batches(document: Mapping[str, Any]) -> None:
    size, window = document["BatchSize"], document["MaximumBatchingWindowInSeconds"]
    if document["EventSourceArn"].endswith(".fifo"):
        if size > 10:
            raise refuse(f"BatchSize {size} exceeds the max of 10")
        if window:
            raise refuse("Batching window is not supported for FIFO queues")
    elif size > 10 and not window:
        raise refuse("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")


def _settings(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in _KEPT if params.get(name) is not None}


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "Tags"}
