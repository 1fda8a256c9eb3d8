"""The EventBridge engine over a SQLite file, with moto's queues and topics in this process and a Lambda engine that notes its calls."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents

SCOPE = Scope("123456789012", "us-east-1")


class Metrics:
    """Counts what is recorded, by name and dimensions."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}

    def record(self, namespace: str, name: str, dimensions: dict[str, str], value: float, unit: str) -> None:
        assert namespace == "AWS/Events"
        key = (name, tuple(sorted(dimensions.items())))
        self.kept[key] = self.kept.get(key, 0) + value

    def of(self, name: str, **dimensions: str) -> float:
        return self.kept.get((name, tuple(sorted(dimensions.items()))), 0)


class Events:
    """`events("PutRule", Name=…)` is the call; `events.error(…)` its error; `receive(arn)` what came into a queue."""

    def __init__(self, path: Path, *, start: bool = True) -> None:
        from labkit.cloud import hooks

        hooks.set_environment()
        from labkit.cloud.event_bus.engine import EventBusEngine

        self.now = datetime(2026, 5, 1, 12, 0, tzinfo=timezone.utc)
        self.metrics, self.invoked = Metrics(), []
        self.broken: Exception | None = None
        self.documents = Documents(Database(path))
        services: Any = SimpleNamespace(
            documents=self.documents, clock=lambda: self.now, metrics=lambda _scope: self.metrics,
            changed=lambda *_where: None, role_trusts=lambda *_asked: True, written_until=time.monotonic, logs=None,
        )  # fmt: skip
        functions: Any = SimpleNamespace(invoke_async=self._invoke)
        self.engine = EventBusEngine(services, functions, scale=0.0)
        if start:
            self.engine.start()

    def _invoke(self, function: str, payload: str, scope: Scope, trace: str | None = None) -> str:
        if self.broken is not None:
            raise self.broken
        self.invoked.append((function, json.loads(payload), trace))
        return "id"

    def __call__(self, action: str, **params: Any) -> dict[str, Any]:
        return self.engine.routes["events", action](Call("events", action, params, SCOPE))

    def error(self, action: str, **params: Any) -> AwsError:
        with pytest.raises(AwsError) as failure:
            self(action, **params)
        return failure.value

    def rule(self, name: str, pattern: dict[str, Any] | None, *targets: dict[str, Any], bus: str = "default") -> str:
        """A rule and its targets; its ARN."""
        text = json.dumps(pattern if pattern is not None else {"source": ["app"]})
        arn: str = self("PutRule", Name=name, EventPattern=text, EventBusName=bus)["RuleArn"]
        named = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        if named:
            self("PutTargets", Rule=name, EventBusName=bus, Targets=named)
        return arn

    def put(self, detail: Any = None, source: str = "app", **more: Any) -> dict[str, Any]:
        """One entry's result."""
        entry = {"Source": source, "DetailType": "thing", "Detail": json.dumps(detail or {}), **more}
        found: dict[str, Any] = self("PutEvents", Entries=[entry])["Entries"][0]
        return found

    def queue(self, name: str, *, allowed: bool = True, source: str | None = None, **attributes: str) -> str:
        """An SQS queue that lets EventBridge in; its ARN."""
        from moto.sqs.models import sqs_backends

        arn = f"arn:aws:sqs:{SCOPE.region}:{SCOPE.account}:{name}"
        made = sqs_backends[SCOPE.account][SCOPE.region].create_queue(name, {}, **attributes)
        statement: dict[str, Any] = {
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
        }  # fmt: skip
        if source:
            statement["Condition"] = {"ArnEquals": {"aws:SourceArn": source}}
        if allowed:
            made.policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return arn

    def messages(self, arn: str, count: int = 1) -> list[Any]:
        """At least so many messages of a queue, as moto keeps them; fails when they do not come."""
        from moto.sqs.models import sqs_backends

        queue = sqs_backends[SCOPE.account][SCOPE.region].queues[arn.rsplit(":", 1)[1]]
        until(lambda: len(queue._messages) >= count)
        return list(queue._messages)

    def bodies(self, arn: str, count: int = 1) -> list[Any]:
        """The messages' bodies, read as JSON."""
        return [json.loads(message.body) for message in self.messages(arn, count)]

    def settle(self) -> None:
        """Every delivery that was accepted is made."""
        until(lambda: not self.documents.list("event-delivery"))

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def until(holds: Callable[[], bool], patience_s: float = 10.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.002)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cloud.db"


@pytest.fixture
def events(path: Path) -> Iterator[Events]:
    made = Events(path)
    yield made
    made.engine.stop()
    from moto.sns.models import sns_backends
    from moto.sqs.models import sqs_backends

    sqs_backends[SCOPE.account][SCOPE.region].queues.clear()
    sns_backends[SCOPE.account][SCOPE.region].topics.clear()
