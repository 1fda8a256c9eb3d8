"""Log streams: making, listing, deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.logs.checks import bounded, group_name, invalid, not_found, stream_name
from labkit.cloud.logs.groups import get_group, invalid_enum, named_group
from labkit.cloud.logs.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkit.cloud.logs.storage import LogStorage, Stream

_ORDERS = ("LogStreamName", "LastEventTime")


class Streams:
    """CreateLogStream and its like."""

    def __init__(self, storage: LogStorage, now_ms: Callable[[], int]) -> None:
        self._storage = storage
        self._now_ms = now_ms

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls about streams."""
        return {"CreateLogStream": self.create, "DeleteLogStream": self.delete, "DescribeLogStreams": self.describe}

    def get(self, scope: Scope, group: str, name: str) -> Stream:
        """The stream; AwsError ResourceNotFoundException."""
        found = self._storage.find_stream(scope, group, name)
        if found is None:
            raise not_found("stream")
        return found

    def create(self, call: Call) -> dict[str, Any]:
        """CreateLogStream."""
        group = group_name(call.params.get("logGroupName"))
        name = stream_name(call.params.get("logStreamName"))
        get_group(call.scope, group)
        if not self._storage.create_stream(call.scope, group, name, self._now_ms()):
            raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")
        return {}

    def delete(self, call: Call) -> dict[str, Any]:
        """DeleteLogStream: the stream and its events."""
        group = group_name(call.params.get("logGroupName"))
        name = stream_name(call.params.get("logStreamName"))
        get_group(call.scope, group)
        self._storage.delete_stream(call.scope, group, self.get(call.scope, group, name))
        return {}

    def describe(self, call: Call) -> dict[str, Any]:
        """DescribeLogStreams, by name or by the time of the last event."""
        params = call.params
        group = named_group(params, call.scope)
        order, prefix = params.get("orderBy") or "LogStreamName", params.get("logStreamNamePrefix")
        if order not in _ORDERS:
            raise invalid_enum(order, "orderBy", _ORDERS)
        if prefix is not None:
            stream_name(prefix, "logStreamNamePrefix")
            if order == "LastEventTime":
                raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        limit, descending = bounded(params, "limit", 50, 50), bool(params.get("descending"))
        key = _by_time if order == "LastEventTime" else _by_name
        streams = sorted(self._storage.list_streams(call.scope, group, prefix or ""), key=key, reverse=descending)
        found, more = page(streams, key, params.get("nextToken"), limit, descending=descending)
        return {"logStreams": [_describe(call.scope, group, stream) for stream in found], **more}


def _by_name(stream: Stream) -> tuple[int, str]:
    return (0, stream.name)


def _by_time(stream: Stream) -> tuple[int, str]:
    return (stream.last or 0, stream.name)


def _describe(scope: Scope, group: str, stream: Stream) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "arn": f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{group}:log-stream:{stream.name}",
        # Deprecated for streams in June 2019: AWS reports zero, the group's storedBytes tells.
        "storedBytes": 0,
    }
    if stream.ingested is not None:
        shown |= {
            "firstEventTimestamp": stream.first,
            "lastEventTimestamp": stream.last,
            "lastIngestionTime": stream.ingested,
            "uploadSequenceToken": f"{stream.ingested:056d}",
        }
    return shown
