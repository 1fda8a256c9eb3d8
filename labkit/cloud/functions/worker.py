"""One worker process and the three pipes to it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from labkit.cloud.children import child_prefix
from labkit.cloud.functions.memory import descendants, peak_bytes, resident_bytes
from labkit.cloud.functions.output import EndMark, Message, OutputSplitter

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
# How often a running function's memory is looked at: a look takes about 20 µs.
_LOOK_S = 0.025
# A worker sends its last log bytes before its answer, so they are here within microseconds unless the machine is swamped.
_DRAIN_S = 5.0
# An answer holds at most 6 MB, which escapes make six times as long; whatever is longer was not written by the runtime.
_MAX_ANSWER_BYTES = 64_000_000
_MIB = 1_048_576

Sink = Callable[[Sequence[str]], None]


class WorkerDied(Exception):
    """The process ended before it answered; `return_code` as subprocess gives it (negative: a signal)."""

    def __init__(self, return_code: int | None) -> None:
        super().__init__(f"the worker process ended with {return_code}")
        self.return_code = return_code


class WorkerTooSlow(Exception):
    """No answer before the deadline; the process has been killed."""


class WorkerTooBig(Exception):
    """More memory than the function has; the process has been killed."""


class Worker:
    """A child process that runs one function version at a time; not for two threads at once.

    Start it from a thread that lives as long as the cloud: on Linux the kernel kills it when that thread ends.
    """

    def __init__(self, folders: Sequence[str], home: Path, *, preload: bool) -> None:
        token = secrets.token_hex(8)
        home.mkdir(parents=True, exist_ok=True)
        self.preloaded = preload
        self.tmp = Path(tempfile.mkdtemp(prefix="tmp-", dir=home))
        self.started_at = time.monotonic()
        self.last_used_at = self.started_at
        self.log_stream = ""
        self.fingerprint = ""
        self.version = ""
        # The most memory it was seen to have, in bytes; kept after its end for the REPORT line.
        self.last_peak_bytes = 0
        self._sink: Sink = lambda _: None
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._process = self._spawn(token, folders, preload)
        self._readers = [
            threading.Thread(target=self._read_log, args=(OutputSplitter(token),), daemon=True, name="function-log"),
            threading.Thread(target=self._read_answers, daemon=True, name="function-answers"),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def listen(self, sink: Sink) -> None:
        """Send what the function writes from now on to `sink`."""
        self._sink = sink

    def ask(self, request: dict[str, Any], deadline: float, limit_bytes: int) -> dict[str, Any]:
        """Send a request and wait for its answer until `deadline` (time.monotonic); WorkerDied, WorkerTooSlow, WorkerTooBig."""
        stdin = _pipe(self._process.stdin)
        try:
            stdin.write(json.dumps(request).encode("ascii") + b"\n")
            stdin.flush()
        except (BrokenPipeError, OSError):
            raise self._death() from None
        answer = self._wait(request["request_id"], deadline, limit_bytes)
        self._drain(request["request_id"])
        self.last_used_at = time.monotonic()
        self.last_peak_bytes = max(peak_bytes(self.pid), self.last_peak_bytes)
        if self.last_peak_bytes > limit_bytes:
            self.kill()
            raise WorkerTooBig
        return answer

    def freeze(self) -> None:
        """Stop the process and its children until `thaw`, as AWS does between invocations: threads that go on after the answer wait."""
        self._signal_all("SIGSTOP")

    def thaw(self) -> None:
        """Let them go on."""
        self._signal_all("SIGCONT")

    def storage_note(self, storage_mb: int) -> str | None:
        """A line for the log when the temporary folder holds more than the function has on AWS; None when it does not."""
        used = _folder_bytes(self.tmp)
        if used <= storage_mb * _MIB:
            return None
        return (
            f"[labkit] The temporary folder holds {used // _MIB} MB; on AWS this function has {storage_mb} MB in /tmp, and the "
            "write would have ended in OSError: [Errno 28] No space left on device."
        )

    def kill(self) -> None:
        """End the process and what it started, and remove its temporary folder."""
        if os.name == "posix":
            self._kill_family()
        else:
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()
        self._readers[0].join(1)
        shutil.rmtree(self.tmp, ignore_errors=True)

    def _kill_family(self) -> None:
        """Children that made a session of their own are found by their parents, which must still be there: they go first."""
        if self._process.poll() is None:
            _send(self.pid, signal.SIGSTOP)  # it starts no more
            for child in descendants(self.pid):
                _send(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _signal_all(self, name: str) -> None:
        if not sys.platform.startswith("linux") or self._process.poll() is not None:
            return  # elsewhere a stopped process would outlive a cloud that was killed
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, getattr(signal, name))

    def _spawn(self, token: str, folders: Sequence[str], preload: bool) -> subprocess.Popen[bytes]:
        # -I and -S: nothing of this machine's Python environment is importable but what the bootstrap lets through.
        command = [
            *child_prefix(),
            sys.executable,
            "-I",
            "-S",
            "-X",
            "utf8",
            str(BOOTSTRAP),
            token,
            "1" if preload else "0",
            *folders,
        ]
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.tmp,
            env=kept,
            start_new_session=os.name == "posix",
        )

    def _wait(self, request_id: str, deadline: float, limit_bytes: int) -> dict[str, Any]:
        while True:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                self.kill()
                raise WorkerTooSlow
            try:
                answer = self._answers.get(timeout=min(left_s, _LOOK_S))
            except queue.Empty:
                self.last_peak_bytes = max(resident_bytes(self.pid), self.last_peak_bytes)
                if self.last_peak_bytes > limit_bytes:
                    self.kill()
                    raise WorkerTooBig from None
                continue
            if answer is None:
                raise self._death()
            if answer.get("id") == request_id:  # else a copy of an earlier handler wrote it
                return answer

    def _death(self) -> WorkerDied:
        """A process whose pipe has ended is gone in a moment; one that wrote nonsense into it lives, and is killed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        code = self._process.returncode
        self.kill()
        return WorkerDied(self._process.returncode if code is None else code)

    def _drain(self, request_id: str) -> None:
        end = time.monotonic() + _DRAIN_S
        while time.monotonic() < end:
            try:
                if self._ended.get(timeout=_DRAIN_S) == request_id:
                    return
            except queue.Empty:
                return

    def _read_log(self, splitter: OutputSplitter) -> None:
        source = _pipe(self._process.stderr)
        while data := os.read(source.fileno(), 65536):
            self._forward(splitter.feed(data))
        self._forward(splitter.finish())
        source.close()

    def _forward(self, found: Sequence[Message | EndMark]) -> None:
        lines: list[str] = []
        for item in found:
            if isinstance(item, Message):
                lines.append(item.text)
                continue
            if lines:
                self._sink(lines)
                lines = []
            self._ended.put(item.request_id)
        if lines:
            self._sink(lines)

    def _read_answers(self) -> None:
        """Whatever is no answer of the runtime ends the worker: a function has written into the pipe."""
        with _pipe(self._process.stdout) as source:
            while line := source.readline(_MAX_ANSWER_BYTES):
                try:
                    answer = json.loads(line)
                except (ValueError, RecursionError):
                    break
                if not isinstance(answer, dict):
                    break
                self._answers.put(answer)
        self._answers.put(None)


def _folder_bytes(folder: Path) -> int:
    """What the files below a folder hold; those that come and go meanwhile count or not."""
    try:
        return sum(path.lstat().st_size for path in folder.rglob("*"))
    except OSError:
        return 0


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # Popen was told to make all three
    return pipe
