"""moto's SQS made safe for many threads: none of them takes a message that another one has, and none loses one that comes meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

# moto rebuilds a queue's list of messages to delete one, and looks for visible messages in a loop.
_LOCK = threading.RLock()
_LOOK_S = 0.02


def install_queues(trace: Callable[[], str | None]) -> None:
    """Put these in moto's place; `trace` is the header of the request that is being answered."""
    from moto.sqs.models import Queue, SQSBackend

    send, receive = _of_moto(SQSBackend.send_message), _of_moto(SQSBackend.receive_message)
    delete, change = _of_moto(Queue.delete_message), _of_moto(SQSBackend.change_message_visibility)

    def send_message(backend: Any, *args: Any, **more: Any) -> Any:
        """Each message carries the trace header of its request, as in SQS: Lambda finds loops through queues by it."""
        if header := trace():
            attribute = {"AWSTraceHeader": {"DataType": "String", "StringValue": header}}
            more["system_attributes"] = {**attribute, **(more.get("system_attributes") or {})}
        with _LOCK:
            return send(backend, *args, **more)

    def receive_message(
        backend: Any, queue_name: str, count: int, wait_s: Any, visibility_s: Any, names: list[str] | None = None
    ) -> list[Any]:
        end = time.monotonic() + float(wait_s or 0)
        while True:
            with _LOCK:
                found: list[Any] = receive(backend, queue_name, count, 0, visibility_s, names)
            if found or time.monotonic() >= end:
                return found
            time.sleep(_LOOK_S)

    def delete_message(queue: Any, receipt_handle: str) -> None:
        with _LOCK:
            delete(queue, receipt_handle)

    def change_visibility(backend: Any, *args: Any, **more: Any) -> None:
        with _LOCK:
            change(backend, *args, **more)

    mark: Any = setattr
    for ours, original in (
        (send_message, send),
        (receive_message, receive),
        (delete_message, delete),
        (change_visibility, change),
    ):
        mark(ours, "of_moto", original)
    SQSBackend.send_message, SQSBackend.receive_message = send_message, receive_message
    Queue.delete_message, SQSBackend.change_message_visibility = delete_message, change_visibility
    SQSBackend.is_message_valid_based_on_retention_period = _is_kept


def _of_moto(method: Any) -> Any:
    """moto's own method, also when a second cloud is built in one process, as tests do."""
    return getattr(method, "of_moto", method)


def _is_kept(backend: Any, queue_name: str, message: Any) -> bool:
    """One number of a queue; moto counts all its messages to find it, for each message that it hands out."""
    kept_s = int(backend.get_queue(queue_name).message_retention_period)
    return bool(kept_s + message.sent_timestamp / 1000 > time.time())
