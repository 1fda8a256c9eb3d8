"""Subscription filters: lines that match are handed to a Lambda function, in batches, gzipped as AWS does."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Grants
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.resource_policies import find_resource_policy
from labkit.cloud.logs.checks import bounded, check_text, group_name, invalid
from labkit.cloud.logs.filters import FilterShelf
from labkit.cloud.logs.groups import get_group
from labkit.cloud.logs.pages import page

log = logging.getLogger(__name__)
_MOST_PER_GROUP = 2
_GATHER_S = 0.1
# An asynchronous invocation takes 1 MB; gzip and base64 leave room for this much of messages at least.
_MAX_BATCH_BYTES = 512_000
_NOT_ALLOWED = "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function."
InvokeAsync = Callable[[str, str, Scope], object]
Waiting = tuple[Scope, str, str, str, str, tuple[int, str]]


class Subscriptions:
    """The calls, `wrote` for the writer of events, and a thread that hands over."""

    def __init__(
        self, shelf: FilterShelf, find_function: Callable[[Scope, str], Any], invoke_async: InvokeAsync
    ) -> None:
        self._shelf = shelf
        self._find_function = find_function
        self._invoke_async = invoke_async
        self._waiting: deque[Waiting] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="log-subscriptions", daemon=True)

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls about subscription filters."""
        return {
            "PutSubscriptionFilter": self.put,
            "DeleteSubscriptionFilter": self.delete,
            "DescribeSubscriptionFilters": self.describe,
        }

    def start(self) -> None:
        """Begin to hand over."""
        self._thread.start()

    def stop(self) -> None:
        """Hand over what waits, then end."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def wrote(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Take what matches; returns at once."""
        for one in self._shelf.of(scope, group):
            for event in events:
                if one.matcher.matches(event[1]):
                    self._waiting.append((scope, group, stream, one.name, one.document["destinationArn"], event))
        if self._waiting:
            self._wake.set()

    def put(self, call: Call) -> dict[str, Any]:
        """PutSubscriptionFilter; the function must exist and let CloudWatch Logs in."""
        params, scope = call.params, call.scope
        group = group_name(params.get("logGroupName"))
        name = check_text(params.get("filterName"), "filterName", 1, 512, r"[^:*]*")
        pattern = check_text(params.get("filterPattern"), "filterPattern", 0, 1024)
        arn = check_text(params.get("destinationArn"), "destinationArn", 1, 2048)
        get_group(scope, group)
        if params.get("applyOnTransformedLogs") or params.get("fieldSelectionCriteria"):
            raise invalid(
                "labkit's local cloud transforms no logs, so it refuses applyOnTransformedLogs and fieldSelectionCriteria."
            )
        self._check_destination(arn, group, scope)
        others = [one for one in self._shelf.of(scope, group) if one.name != name]
        if len(others) >= _MOST_PER_GROUP:
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        document = {
            "filterName": name,
            "logGroupName": group,
            "filterPattern": pattern,
            "destinationArn": arn,
            "distribution": params.get("distribution") or "ByLogStream",
            "applyOnTransformedLogs": False,
            "creationTime": int(time.time() * 1000),
        }
        self._shelf.put(scope, document)
        return {}

    def _check_destination(self, arn: str, group: str, scope: Scope) -> None:
        if ":lambda:" not in arn:
            raise invalid(
                f"labkit's local cloud hands log events to Lambda functions only, so it refuses the destination {arn}."
            )
        try:
            spec = self._find_function(scope, arn)
        except AwsError:
            raise invalid(_NOT_ALLOWED) from None
        if not _allowed(arn, group, scope):
            raise invalid(_NOT_ALLOWED)
        if group == spec.log_group:
            raise invalid(
                f"labkit's local cloud refuses to send the log of {spec.name} to {spec.name}: each line would bring the next, for ever."
            )

    def delete(self, call: Call) -> dict[str, Any]:
        """DeleteSubscriptionFilter."""
        group = group_name(call.params.get("logGroupName"))
        name = check_text(call.params.get("filterName"), "filterName", 1, 512, r"[^:*]*")
        get_group(call.scope, group)
        self._shelf.remove(call.scope, group, name)
        return {}

    def describe(self, call: Call) -> dict[str, Any]:
        """DescribeSubscriptionFilters of a group."""
        group = group_name(call.params.get("logGroupName"))
        get_group(call.scope, group)
        prefix, limit = call.params.get("filterNamePrefix") or "", bounded(call.params, "limit", 50, 50)
        found = [one for one in self._shelf.of(call.scope, group) if one.name.startswith(prefix)]
        shown, more = page(found, lambda one: one.name, call.params.get("nextToken"), limit)
        return {"subscriptionFilters": [one.document for one in shown], **more}

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait()
            self._wake.clear()
            if not self._stopping:
                time.sleep(_GATHER_S)
            try:
                self._hand_over()
            except Exception:
                log.exception("log events could not be handed to a subscription")

    def _hand_over(self) -> None:
        batches: dict[tuple[Scope, str, str, str, str], list[tuple[int, str]]] = defaultdict(list)
        while self._waiting:
            *key, event = self._waiting.popleft()
            batches[tuple(key)].append(event)  # type: ignore[index]
        for (scope, group, stream, name, arn), events in batches.items():
            for batch in _split(events):
                try:
                    self._invoke_async(arn, build_payload(scope, group, stream, name, batch), scope)
                except AwsError as error:
                    log.warning("Log events of %s were not delivered to %s: %s", group, arn, error.message)


def build_payload(scope: Scope, group: str, stream: str, name: str, events: Sequence[tuple[int, str]]) -> str:
    """The event that the function gets."""
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": scope.account,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": [
            {"id": f"{at:018d}{number:038d}", "timestamp": at, "message": text}
            for number, (at, text) in enumerate(events)
        ],
    }
    data = gzip.compress(json.dumps(document, ensure_ascii=False).encode())
    return json.dumps({"awslogs": {"data": base64.b64encode(data).decode()}})


def _split(events: Sequence[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    batches: list[list[tuple[int, str]]] = [[]]
    size = 0
    for event in events:
        size += len(event[1].encode()) + 120
        if size > _MAX_BATCH_BYTES and batches[-1]:
            batches.append([])
            size = len(event[1].encode())
        batches[-1].append(event)
    return batches


def _allowed(arn: str, group: str, scope: Scope) -> bool:
    """Whether the function's policy lets CloudWatch Logs invoke it for this group."""
    source = f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{group}:*"
    for name in ("logs.amazonaws.com", f"logs.{scope.region}.amazonaws.com"):
        principal = Principal("service", "", name, name, name)
        context = {
            "aws:sourcearn": (source,),
            "aws:sourceaccount": (scope.account,),
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (name,),
        }
        access = Access("lambda:InvokeFunction", arn, context)
        found = find_resource_policy(access, scope.account)
        if evaluate(principal, access, Grants(resource=found.policy, resource_must_allow=True)).allowed:
            return True
    return False
