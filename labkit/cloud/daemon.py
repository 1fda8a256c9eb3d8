"""Starting, finding and stopping a local cloud; nothing here imports moto, Spark or DuckDB."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from labkit.cloud.info import FAILURE_FILE, LOG_FILE, OWN_NAMES, CloudInfo, read_info
from labkit.cloud.lock import is_held
from labkit.errors import CloudError

DEFAULT_PORT = 4566
_POLL_S = 0.02


# A start takes 1 to 4 s; on a school's slow computer that does ten other things it took half a minute.
_START_S = 120.0


def up(state_dir: Path, port: int | None = None, ephemeral: bool = False, timeout_s: float = _START_S) -> CloudInfo:
    """Start the cloud of a state folder, or find the one that runs; returns once it answers.

    `port=None` means 4566, the folder's last port, or a free one when that is taken. `ephemeral` begins with an empty folder
    and leaves none behind. CloudError: port taken, folder not writable, start-up failed.
    """
    state_dir = state_dir.absolute()
    running = find_running(state_dir)
    if running is not None:
        return _same_port(running, port)
    _require_writable(state_dir)
    if ephemeral:
        _delete_state(state_dir)
    (state_dir / FAILURE_FILE).unlink(missing_ok=True)
    process = _spawn(state_dir, port, ephemeral)
    return _wait_until_ready(process, state_dir, timeout_s)


def find_running(state_dir: Path) -> CloudInfo | None:
    """The cloud that runs on this folder, or None; a stale `cloud.json` of a dead process counts as none."""
    state_dir = state_dir.absolute()
    info = read_info(state_dir)
    return info if info is not None and is_held(state_dir) and _answers(info) else None


def down(state_dir: Path, timeout_s: float = 20.0) -> bool:
    """Stop the cloud of a folder and wait until it is gone; False when none was running."""
    state_dir = state_dir.absolute()
    info = read_info(state_dir)
    if info is None or not is_held(state_dir):
        return False
    _signal(info.pid, signal.SIGTERM)
    if not _wait_until_free(state_dir, timeout_s):
        _signal(info.pid, signal.SIGKILL)
        _wait_until_free(state_dir, 5.0)
    if info.ephemeral:
        _delete_state(state_dir)
    return True


def reset(state_dir: Path) -> CloudInfo | None:
    """Delete all that the local cloud holds; one that was running is running again afterwards, on the same port."""
    running = find_running(state_dir)
    down(state_dir)
    _delete_state(state_dir.absolute())
    return up(state_dir, running.port, running.ephemeral) if running else None


def serve(state_dir: Path, port: int | None = None, ephemeral: bool = False) -> None:
    """Run the cloud in this process until SIGTERM or Ctrl-C (`labkit up --foreground`)."""
    state_dir = state_dir.absolute()
    running = find_running(state_dir)
    if running is not None:
        raise CloudError(
            f"A local cloud already runs on {state_dir}",
            cause=f"Process {running.pid} answers at {running.endpoint_url}.",
            next_step="Use it, or stop it first with `labkit down`.",
            key="error.cloud_running",
            facts={"folder": state_dir, "pid": running.pid, "endpoint": running.endpoint_url},
        )
    _require_writable(state_dir)
    from labkit.cloud.server import run

    run(state_dir, port, ephemeral)
    if ephemeral:
        _delete_state(state_dir)


def free_port(wanted: int | None, last: int | None) -> int:
    """The port to bind: the one asked for (CloudError when taken), else the last one, 4566, or any free one."""
    if wanted is not None:
        if not _is_free(wanted):
            raise CloudError(
                f"Port {wanted} is taken",
                cause="Another program listens there (another emulator, or a local cloud of another folder).",
                next_step="Leave `--port` out to get a free one, or name another.",
                key="error.port_taken",
                facts={"port": wanted},
            )
        return wanted
    for candidate in (last, DEFAULT_PORT):
        if candidate and _is_free(candidate):
            return candidate
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _same_port(running: CloudInfo, port: int | None) -> CloudInfo:
    if port is not None and port != running.port:
        raise CloudError(
            f"The local cloud of {running.state_dir} already runs on port {running.port}",
            cause=f"Process {running.pid}; a state folder has one cloud.",
            next_step=f"Use {running.endpoint_url}, run `labkit down` first, or give the other one its own `--state DIR`.",
            key="error.cloud_other_port",
            facts={
                "folder": running.state_dir,
                "port": running.port,
                "pid": running.pid,
                "endpoint": running.endpoint_url,
            },
        )
    return running


def _require_writable(state_dir: Path) -> None:
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = state_dir / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CloudError(
            f"The state folder {state_dir} cannot be written",
            cause=f"{error.strerror or error}",
            next_step="Choose another folder with `--state DIR` or LABKIT_STATE.",
            key="error.state_unwritable",
            facts={"folder": state_dir, "reason": error.strerror or error},
        ) from error


def _spawn(state_dir: Path, port: int | None, ephemeral: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "labkit.cloud.server", "--state", str(state_dir)]
    command += ["--port", str(port)] if port is not None else []
    command += ["--ephemeral"] if ephemeral else []
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    with (state_dir / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
    # A caller that lives on (a notebook's kernel) must not keep a zombie once the cloud is gone.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _wait_until_ready(process: subprocess.Popen[bytes], state_dir: Path, timeout_s: float) -> CloudInfo:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        info = read_info(state_dir)
        if info is not None and info.pid == process.pid and _answers(info):
            return info
        if process.poll() is not None:
            other = find_running(state_dir)  # another `up` was quicker
            if other is not None:
                return other
            if not is_held(state_dir):  # else the other one is still starting
                raise _start_failure(state_dir, process.returncode)
        time.sleep(_POLL_S)
    process.kill()
    raise CloudError(
        f"The local cloud did not answer within {timeout_s:.0f} s",
        cause=f"Its log is {state_dir / LOG_FILE}.",
        next_step="Read the log's end with `labkit logs --server`, then try again.",
        key="error.cloud_silent",
        facts={"seconds": f"{timeout_s:.0f}", "log": state_dir / LOG_FILE},
    )


def _start_failure(state_dir: Path, code: int | None) -> CloudError:
    try:
        told = json.loads((state_dir / FAILURE_FILE).read_text(encoding="utf-8"))
        return CloudError(told.pop("what"), **told)
    except (OSError, ValueError, KeyError, TypeError):
        last = (state_dir / LOG_FILE).read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        return CloudError(
            f"The local cloud stopped while starting (exit code {code})",
            cause=last[0] if last else "It wrote nothing to its log.",
            next_step=f"Read {state_dir / LOG_FILE}.",
            key="error.cloud_died" if last else "error.cloud_died_silent",
            facts={"code": code, "last": "".join(last), "log": state_dir / LOG_FILE},
        )


def _answers(info: CloudInfo) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{info.endpoint_url}/_labkit/health", timeout=5
        ) as reply:
            return bool(json.load(reply).get("pid") == info.pid)
    except (OSError, ValueError):
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _wait_until_free(state_dir: Path, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while is_held(state_dir):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _delete_state(state_dir: Path) -> None:
    """Delete what a cloud writes, by name; anything else in the folder stays (the lab's ledger lives there too)."""
    last = read_info(state_dir)
    for name in OWN_NAMES:
        path = state_dir / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if last is not None and last.ephemeral and not any(p for p in state_dir.iterdir() if p.name != "cloud.lock"):
        (state_dir / "cloud.lock").unlink(missing_ok=True)
        state_dir.rmdir()


__all__ = ["DEFAULT_PORT", "CloudInfo", "down", "find_running", "free_port", "reset", "serve", "up"]
