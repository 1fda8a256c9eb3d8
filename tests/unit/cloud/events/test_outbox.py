from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.events.outbox import KIND, Message, Outbox

ARN = "arn:aws:sqs:us-east-1:123456789012:q"


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(Database(tmp_path / "cloud.db"))


class Sent:
    """Takes messages; `wait(n)` returns once n have come."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self._state = threading.Condition()

    def __call__(self, message: Message) -> None:
        with self._state:
            self.bodies.append(message.body)
            self._state.notify_all()
        if message.body == "refused":
            raise AwsError("QueueDoesNotExist", "gone")
        if message.body == "broken":
            raise RuntimeError("a bug")

    def wait(self, count: int) -> list[str]:
        with self._state:
            assert self._state.wait_for(lambda: len(self.bodies) >= count, 10)
            return list(self.bodies)


def test_messages_are_sent_in_order_and_forgotten(documents: Documents) -> None:
    sent = Sent()
    outbox = Outbox(documents, sent)
    for number in range(5):
        outbox.put(Message(ARN, "sqs", str(number)))
    assert len(documents.list(KIND)) == 5
    outbox.start()
    assert sent.wait(5) == ["0", "1", "2", "3", "4"]
    outbox.stop()
    assert documents.list(KIND) == []


def test_a_message_that_is_refused_or_breaks_does_not_hold_up_the_others(documents: Documents) -> None:
    sent = Sent()
    outbox = Outbox(documents, sent)
    outbox.start()
    for body in ("refused", "broken", "fine"):
        outbox.put(Message(ARN, "sqs", body))
    assert sent.wait(3) == ["refused", "broken", "fine"]
    outbox.stop()
    assert documents.list(KIND) == []


def test_a_late_message_waits_and_survives_a_restart(documents: Documents) -> None:
    clock = [100.0]
    first = Outbox(documents, Sent(), lambda: clock[0])
    first.start()
    first.put(Message(ARN, "sqs", "late", due=200.0))
    first.stop()
    assert len(documents.list(KIND)) == 1
    sent = Sent()
    clock[0] = 201.0
    second = Outbox(documents, sent, lambda: clock[0])
    second.start()
    assert sent.wait(1) == ["late"]
    second.stop()
    assert documents.list(KIND) == []


def test_a_waiting_message_can_be_hastened_once(documents: Documents) -> None:
    sent = Sent()
    outbox = Outbox(documents, sent)
    outbox.start()
    name = outbox.put(Message(ARN, "sqs", "held", due=time.time() + 3600))
    assert outbox.hasten(ARN, name, time.time())
    assert sent.wait(1) == ["held"]
    outbox.stop()
    assert not outbox.hasten(ARN, name, time.time())
    assert sent.bodies == ["held"]
