"""Unit tests open no connection and start no Java: both are refused here, so the lane stays fast on every machine."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def no_sockets_no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_socket(self: socket.socket, address: Any, *_: object) -> NoReturn:
        message = f"A unit test wanted the network at {address!r}. Tests that need a server stand in tests/cloud."
        raise RuntimeError(message)

    start = subprocess.Popen.__init__

    def refuse_java(self: subprocess.Popen[Any], args: Any, *rest: Any, **options: Any) -> None:
        program = args if isinstance(args, str | bytes | Path) else next(iter(args), "")
        if Path(str(program).split(" ", 1)[0]).name in {"java", "spark-submit"}:
            message = f"A unit test wanted to start {program!r}. Tests that need Spark stand in tests/cloud."
            raise RuntimeError(message)
        start(self, args, *rest, **options)

    for method in ("connect", "connect_ex", "bind"):
        original = getattr(socket.socket, method)

        def guarded(self: socket.socket, address: Any, *rest: Any, _original: Any = original) -> Any:
            # A path is a local pipe between two processes of one test, not the network.
            return refuse_socket(self, address) if isinstance(address, tuple) else _original(self, address, *rest)

        monkeypatch.setattr(socket.socket, method, guarded)
    monkeypatch.setattr(subprocess.Popen, "__init__", refuse_java)
