"""Running a student's handler outside their kernel: in a process of its own, against an endpoint that starts nothing."""

from __future__ import annotations

import io
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.checks.step_5.fake_endpoint import FakeEndpoint, serve_account
from labkit.checks.step_5.fake_glue import FakeAccount

# Generous for a slow laptop; a handler that is not done by then does not end.
PATIENCE_S = 15.0
_CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Code:
    """What a Lambda function runs: its zip, "module.function", and its environment variables."""

    archive: bytes
    handler: str
    environment: Mapping[str, str]
    timeout_s: float = 3.0


@dataclass(frozen=True)
class Reply:
    """What one order to the process gave: a value or "TypeName: message"; seconds asked to sleep; files written."""

    value: Any = None
    error: str = ""
    slept_s: float = 0.0
    wrote: tuple[str, ...] = ()


class Sandbox:
    """One process with one handler. `account` is what the handler's AWS looks like; set another one for another scenario."""

    def __init__(self, code: Code, endpoint: FakeEndpoint, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self._code = code
        self._endpoint = endpoint
        self._folder = folder
        self._process = process
        self._number = 0

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone: the handler ended it, or never came back."""
        return self._process.stdin is None or self._process.stdin.closed or self._process.poll() is not None

    @property
    def account(self) -> FakeAccount:
        return self._endpoint.account

    def set_account(self, account: FakeAccount) -> FakeAccount:
        """Another scenario."""
        self._endpoint.account = account
        return account

    def start_environment(self) -> Reply:
        """Import the handler anew, as a cold start does."""
        module, _, function = self._code.handler.rpartition(".")
        return ask(self._process, {"do": "load", "folder": str(self._folder), "module": module, "function": function})

    def invoke(self, event: Any) -> Reply:
        """One invocation, with a request id of its own."""
        self._number += 1
        order = {"do": "invoke", "event": event, "request_id": f"00000000-0000-4000-8000-{self._number:012d}"}
        return ask(self._process, {**order, "timeout_s": self._code.timeout_s})


@contextmanager
def open_sandbox(code: Code, account: FakeAccount) -> Iterator[Sandbox]:
    """Unpack the code beside nothing else, start the process, and end it whatever happens."""
    with tempfile.TemporaryDirectory(prefix="labkit-handler-") as place, serve_account(account) as endpoint:
        folder = Path(place).resolve() / "task"
        with zipfile.ZipFile(io.BytesIO(code.archive)) as archive:
            archive.extractall(folder)
        variables = {name: value for name, value in code.environment.items() if not name.startswith(("AWS_", "PYTHON"))}
        with start_child(
            {**variables, "GLUE_JOB_NAME": account.job, "AWS_ENDPOINT_URL": endpoint.url}, Path(place)
        ) as process:
            yield Sandbox(code, endpoint, folder, process)


@contextmanager
def start_child(variables: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process that `ask` talks to, with these environment variables and no credentials of anybody."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "NO_PROXY": "*",
        "AWS_ACCESS_KEY_ID": "check",
        "AWS_SECRET_ACCESS_KEY": "check",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "check",
        **variables,
    }
    process = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def ask(process: subprocess.Popen[bytes], order: dict[str, Any], patience_s: float = PATIENCE_S) -> Reply:
    """Give one order and wait for its answer; a process that dies or does not answer gives a Reply that says so."""
    assert process.stdin is not None
    assert process.stdout is not None
    if process.stdin.closed:
        return Reply(error="Runtime.ExitError: the process has ended")
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
    except OSError:
        return Reply(error="Runtime.ExitError: the process has ended")
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(patience_s):
            _end(process)
            return Reply(error=f"Sandbox.Timedout: no answer within {patience_s:g} seconds")
    line = process.stdout.readline()
    if not line:
        return Reply(error="Runtime.ExitError: the process ended before it answered")
    try:
        document = json.loads(line)
        return Reply(document.get("value"), document.get("error", ""), document["slept_s"], tuple(document["wrote"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        # The handler wrote where only answers belong: whatever comes after it cannot be told apart.
        _end(process)
        return Reply(error="Runtime.ExitError: the process wrote what is no answer")


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
