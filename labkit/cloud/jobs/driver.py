"""The process of one run, seen from the cloud: started warm, given one order, ended with all its children."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from labkit.cloud.children import child_prefix
from labkit.cloud.jobs.names import new_driver_name

CHILD = Path(__file__).parent / "child" / "main.py"
ROUNDS = CHILD.with_name("rounds.py")
SITE = Path(__file__).parents[1] / "site"
OnLines = Callable[[list[str]], None]
OnProgress = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Ending:
    """How a process ended: `message` is the script's error, empty when it went well."""

    ok: bool
    message: str


class Driver:
    """One single-use process. `name` is what it calls itself at the gateway."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        spark: Callable[[str, Path], dict[str, Any]] | None,
        python_path: Sequence[str] = (),
    ) -> None:
        self.name = new_driver_name()
        self.folder = folder / self.name
        self.folder.mkdir(parents=True)
        self._events: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._on_lines: dict[str, OnLines] = {}
        self._on_progress: OnProgress | None = None
        self._pumps: list[threading.Thread] = []
        self._start(environment, spark(self.name, self.folder) if spark else None, python_path)

    def _start(self, environment: Mapping[str, str], spark: dict[str, Any] | None, python_path: Sequence[str]) -> None:
        orders_out, orders_in = os.pipe()
        report_out, report_in = os.pipe()
        settings = {
            "LABKIT_DRIVER": json.dumps(spark),
            "LABKIT_ORDERS": str(orders_out),
            "LABKIT_REPORT_FD": str(report_in),
        }
        self._process = subprocess.Popen(
            [*child_prefix(), sys.executable, "-u", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            start_new_session=True,
            pass_fds=(orders_out, report_in),
            env={
                **environment,
                **settings,
                "HADOOP_USER_NAME": self.name,
                "PYTHONPATH": os.pathsep.join([str(SITE), *python_path]),
                "TZ": "UTC",
                "SPARK_LOCAL_DIRS": str(self.folder / "spark"),
            },
        )
        os.close(orders_out)
        os.close(report_in)
        self._orders: IO[str] = os.fdopen(orders_in, "w", encoding="utf-8")
        threading.Thread(
            target=self._read_reports, args=(os.fdopen(report_out, encoding="utf-8"),), daemon=True
        ).start()
        for stream, pipe in (("output", self._process.stdout), ("error", self._process.stderr)):
            pump = threading.Thread(target=self._pump, args=(stream, pipe), daemon=True)
            pump.start()
            self._pumps.append(pump)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_warm(self) -> bool:
        """Whether it is through with its rounds, and as quick as it will be."""
        return any(event["event"] == "warm" for event in self._events) and self._process.poll() is None

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone (killed from outside, or broken while warming up)."""
        return self._process.poll() is not None

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until it is warm; False when it broke, ended, or took too long."""
        return self._wait_for(("ready", "broken"), timeout_s) == "ready"

    def wait_warm(self, timeout_s: float) -> bool:
        """Wait until it is through with its rounds; False as for `wait_ready`."""
        return self._wait_for(("warm", "broken"), timeout_s) == "warm"

    def broken_message(self) -> str:
        """Why the warm-up failed."""
        told = [event["message"] for event in self._events if event["event"] == "broken"]
        return told[0] if told else f"it ended with {_exit_words(self._process.poll())}"

    def begin(
        self, order: Mapping[str, Any], on_lines: Mapping[str, OnLines], on_progress: OnProgress | None = None
    ) -> None:
        """Give it its one order; from now on its output goes to `on_lines` ("output", "error")."""
        self._on_lines = dict(on_lines)
        self._on_progress = on_progress
        try:
            self._orders.write(json.dumps(order) + "\n")
            self._orders.close()
        except BrokenPipeError:
            return

    def wait_end(self, timeout_s: float | None) -> Ending | None:
        """Wait for the end of the script; None when the time is over first."""
        event = self._wait_for(("finished", "gone"), timeout_s)
        if event is None:
            return None
        for told in self._events:
            if told["event"] == "finished":
                return Ending(told["ok"], told["message"])
        return Ending(False, f"The driver process ended without a result ({_exit_words(self._process.wait())}).")

    def kill(self) -> None:
        """End the process and all that it started, then drain its output and delete its folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pump in self._pumps:
            pump.join(timeout=2)
        for pipe in (self._process.stdin, self._orders):
            with contextlib.suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait_for(self, names: tuple[str, ...], timeout_s: float | None) -> str | None:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._changed:
            while True:
                for event in self._events:
                    if event["event"] in names:
                        return str(event["event"])
                    if event["event"] == "gone":
                        return "gone"
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._changed.wait(left)

    def _read_reports(self, reports: IO[str]) -> None:
        with reports:
            for line in reports:
                told = json.loads(line)
                if told["event"] in ("progress", "measured"):
                    if self._on_progress is not None:
                        self._on_progress(told)
                    continue
                with self._changed:
                    self._events.append(told)
                    self._changed.notify_all()
        with self._changed:
            self._events.append({"event": "gone"})
            self._changed.notify_all()

    def _pump(self, stream: str, pipe: IO[bytes] | None) -> None:
        """Hand output on in lines as it comes; before the order there is no one to hand it to."""
        assert pipe is not None
        rest = b""
        while data := os.read(pipe.fileno(), 1 << 16):
            *lines, rest = (rest + data).split(b"\n")
            self._hand_on(stream, lines)
            if len(rest) > 1 << 20:
                self._hand_on(stream, [rest])
                rest = b""
        self._hand_on(stream, [rest] if rest else [])
        pipe.close()

    def _hand_on(self, stream: str, lines: list[bytes]) -> None:
        take = self._on_lines.get(stream)
        if take is not None and lines:
            take([line.decode("utf-8", "replace") for line in lines])


def _exit_words(code: int | None) -> str:
    if code is None:
        return "no exit code yet"
    hint = ": ended from outside, or by the system for want of memory" if code == -signal.SIGKILL else ""
    return f"killed by signal {-code}{hint}" if code < 0 else f"exit code {code}"
