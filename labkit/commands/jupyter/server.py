"""The JupyterLab process: start it, find the one that runs, wait for its first answer, end it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from labkit.commands.jupyter.configuration import Places
from labkit.errors import LabError
from labkit.i18n import build_lesson

DEFAULT_PORT = 8888
_TRIES = 50
_POLL_S = 0.05
# Half a minute on a school's slow computer with a cold disk; a start that failed is seen at once.
_START_S = 120.0


@dataclass(frozen=True)
class Server:
    """A JupyterLab that answers; `url` ends in a slash and lets nobody in without the token."""

    pid: int
    port: int
    url: str
    token: str

    def page(self, path: str) -> str:
        """The address to open: JupyterLab on the notebook `path`, which is relative to the server's root."""
        return f"{self.url}{path.lstrip('/')}?token={self.token}"


def find_port(wanted: int | None) -> int:
    """The port to listen on: the one asked for (an error when taken), else 8888 or the first free one after it."""
    if wanted is not None:
        if not _is_free(wanted):
            raise build_lesson(LabError, "error.lab_port", port=wanted)
        return wanted
    for port in range(DEFAULT_PORT, DEFAULT_PORT + _TRIES):
        if _is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def build_command(port: int, root: Path, origin: str) -> list[str]:
    """`jupyter lab` with this interpreter, on this computer only, with its token.

    `origin` is the address under which a tunnel (Codespaces) shows the port; "" when the browser is on this computer.
    """
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        # Something may take a port between our look and Jupyter's; the next one does as well.
        f"--ServerApp.port_retries={_TRIES}",
        f"--ServerApp.root_dir={root}",
        # A container's only user; the token and the loopback address guard it as they guard any other.
        *(["--ServerApp.allow_root=True"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
        *([f"--ServerApp.allow_origin={origin}", "--ServerApp.allow_remote_access=True"] if origin else []),
    ]


def start(command: Sequence[str], env: Mapping[str, str], places: Places) -> subprocess.Popen[bytes]:
    """Start it in a session of its own: Ctrl-C reaches us alone, and we end it in order."""
    places.log.parent.mkdir(parents=True, exist_ok=True)
    # It holds the token, so nobody else may read it.
    with os.fdopen(os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        return subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(env), start_new_session=True
        )


def wait_until_ready(process: subprocess.Popen[bytes], places: Places, timeout_s: float = _START_S) -> Server:
    """Return once its first page is served. LabError: it ended, or said nothing for `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        server = _read_server(process.pid)
        if server is not None and _answers(server):
            return server
        if process.poll() is not None:
            raise build_lesson(
                LabError, "error.lab_died", code=process.returncode, last=_last_line(places.log), log=str(places.log)
            )
        time.sleep(_POLL_S)
    stop(process)
    raise build_lesson(LabError, "error.lab_silent", seconds=f"{timeout_s:.0f}", log=str(places.log))


def stop(process: subprocess.Popen[bytes], timeout_s: float = 15.0) -> None:
    """End it and its kernels; returns once it is gone."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def remember(places: Places, server: Server) -> None:
    """Write down which process is the lab's, for the next `labkit lab`; the token stays in Jupyter's own file."""
    (places.root / "server.json").write_text(json.dumps({"pid": server.pid}), encoding="utf-8")


def find_running(places: Places, root: Path) -> Server | None:
    """The lab's JupyterLab if it runs and answers, else None; another server of the user's is never taken for it."""
    try:
        pid = int(json.loads((places.root / "server.json").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    server = _read_server(pid, root)
    return server if server is not None and _answers(server) else None


def _read_server(pid: int, root: Path | None = None) -> Server | None:
    """What a Jupyter server writes about itself into the user's runtime folder."""
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        told: dict[str, Any] = json.loads(
            (Path(jupyter_runtime_dir()) / f"jpserver-{pid}.json").read_text(encoding="utf-8")
        )
        if root is not None and Path(told["root_dir"]) != root:
            return None
        return Server(int(told["pid"]), int(told["port"]), str(told["url"]), quote(str(told["token"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _answers(server: Server) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{server.url}api/status?token={server.token}", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
