"""A Lambda engine over fakes: real worker processes, no server, no sockets."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.functions.configuration import FunctionSpec
from labkit.cloud.functions.engine import FunctionsEngine
from labkit.cloud.functions.kept import Archive
from labkit.cloud.functions.reply import InvokeReply
from labkit.cloud.functions.spawner import Spawner

SCOPE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/lambda-role"


def make_zip(files: Mapping[str, str]) -> Archive:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return Archive(hashlib.sha256(buffer.getvalue()).hexdigest(), buffer.getvalue())


class FakeLogs:
    def __init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []
        self._lock = threading.Lock()

    def write(self, group: str, stream: str, messages: list[str], timestamp_ms: int | None = None) -> None:
        with self._lock:
            self.events += [(group, stream, message) for message in messages]

    def has_group(self, group: str) -> bool:
        return any(event[0] == group for event in self.events)

    @property
    def text(self) -> str:
        return "".join(message for _, _, message in self.events)


class FakeMetrics:
    def __init__(self) -> None:
        self.recorded: list[tuple[str, dict[str, str], float]] = []

    def record(self, namespace: str, name: str, dimensions: Mapping[str, str], value: float, unit: str) -> None:
        assert (namespace, unit) in {("AWS/Lambda", "Count"), ("AWS/Lambda", "Milliseconds")}
        self.recorded.append((name, dict(dimensions), value))

    def total(self, name: str, **dimensions: str) -> float:
        return sum(value for metric, found, value in self.recorded if (metric, found) == (name, dimensions))


class FakeGuard:
    def __init__(self, denied: set[str]) -> None:
        self._denied = denied

    def may(self, action: str, resource: str) -> bool:
        return action not in self._denied and bool(resource)

    def require(self, action: str, resource: str) -> None:
        if not self.may(action, resource):
            raise AwsError("AccessDeniedException", f"not authorized to perform: {action} on resource: {resource}", 403)


class FakeDocuments:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, Scope, str], dict[str, Any]] = {}

    def put(self, kind: str, scope: Scope, name: str, document: dict[str, Any]) -> None:
        self.kept[kind, scope, name] = document

    def find(self, kind: str, scope: Scope, name: str) -> dict[str, Any] | None:
        return self.kept.get((kind, scope, name))

    def list(self, kind: str, scope: Scope | None = None) -> list[tuple[Scope, str, dict[str, Any]]]:
        return [(key[1], key[2], document) for key, document in list(self.kept.items()) if key[0] == kind]

    def delete(self, kind: str, scope: Scope, name: str) -> bool:
        return self.kept.pop((kind, scope, name), None) is not None


class Lab:
    """Functions by name, the engine that runs them, and what they left behind."""

    def __init__(self, state_dir: Any) -> None:
        self.functions: dict[str, FunctionSpec] = {}
        self.logs = FakeLogs()
        self.documents = FakeDocuments()
        self.metrics = FakeMetrics()
        self.denied: set[str] = set()
        self.trusted = True
        self.services = SimpleNamespace(
            state_dir=state_dir,
            documents=self.documents,
            logs=lambda scope: self.logs,
            metrics=lambda scope: self.metrics,
            role_guard=lambda role, session, scope: FakeGuard(self.denied),
            role_trusts=lambda role, service, scope: self.trusted,
            role_credentials=self._credentials,
            child_env=lambda credentials, region: {"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": credentials},
            changed=lambda *names: None,
            happenings=SimpleNamespace(note=lambda *_told, **_facts: None),
            emit=lambda *_told, **_facts: None,
            clock=lambda: datetime.now(timezone.utc),
        )
        self.engine = self.new_engine()

    def new_engine(self) -> FunctionsEngine:
        return FunctionsEngine(self.services, self._find, scale=0.001)  # type: ignore[arg-type]

    def add(self, code: str | Mapping[str, str], name: str = "fn", **changes: Any) -> FunctionSpec:
        files = {"lambda_function.py": code} if isinstance(code, str) else code
        spec = FunctionSpec(
            scope=SCOPE,
            name=name,
            arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
            version="$LATEST",
            handler="lambda_function.lambda_handler",
            runtime="python3.11",
            role_arn=ROLE,
            memory_mb=128,
            timeout_s=3,
            code=make_zip(files),
        )
        self.functions[name] = dataclasses.replace(spec, **changes)
        return self.functions[name]

    def invoke(self, name: str = "fn", payload: bytes = b"{}", **params: Any) -> InvokeReply:
        call = Call("lambda", "Invoke", {"FunctionName": name, "Payload": payload, **params}, SCOPE)
        return self.engine.invoke(call)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"nothing after {seconds} s; the log:\n{self.logs.text}"
            time.sleep(0.01)

    def _find(self, scope: Scope, name: str, qualifier: str | None = None) -> FunctionSpec:
        if name not in self.functions:
            raise AwsError("ResourceNotFoundException", f"Function not found: {name}", 404)
        return self.functions[name]

    def _credentials(self, role: str, session: str, scope: Scope) -> str:
        if role != ROLE:
            raise AwsError("NoSuchEntity", f"The role {role} cannot be found.", 404)
        return "AKIAROLE"


@pytest.fixture
def lab(tmp_path: Any, monkeypatch: Any) -> Iterator[Lab]:
    # Spare workers import boto3 ahead of need, half a second of processor for each: no test of these needs one.
    monkeypatch.setattr(Spawner, "warm_up", lambda spawner: None)
    lab = Lab(tmp_path)
    lab.engine.start()
    yield lab
    lab.engine.stop()
