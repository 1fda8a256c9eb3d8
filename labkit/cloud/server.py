"""The server process: builds the cloud of a state folder, answers until it is told to stop, and saves what it holds."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.cloud.daemon import free_port
from labkit.cloud.hooks import set_environment
from labkit.cloud.info import FAILURE_FILE, CloudInfo, read_info, write_info
from labkit.cloud.lock import StateLock
from labkit.cloud.watch import watch_state
from labkit.errors import CloudError, LabError

if TYPE_CHECKING:
    from labkit.cloud.build import Cloud
    from labkit.cloud.http import HttpServer

log = logging.getLogger("labkit.cloud")
_TRIES = 20


def run(state_dir: Path, port: int | None, ephemeral: bool) -> None:
    """Serve until SIGTERM or SIGINT; LabError when the cloud cannot start."""
    lock = StateLock(state_dir)
    if not lock.acquire():
        raise CloudError(
            f"A local cloud already runs on {state_dir}",
            cause="Its lock is held by a living process.",
            next_step="Use that one (`labkit status`) or stop it with `labkit down`.",
            key="error.cloud_locked",
            facts={"folder": state_dir},
        )
    try:
        _serve(state_dir, port, ephemeral)
    finally:
        lock.release()


def _serve(state_dir: Path, port: int | None, ephemeral: bool) -> None:
    last = read_info(state_dir)
    set_environment()
    from labkit.cloud.build import build_cloud

    server, chosen = _take_port(port, last.port if last else None)
    try:
        endpoint = f"http://127.0.0.1:{chosen}"
        started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        info = CloudInfo(os.getpid(), chosen, endpoint, state_dir, _version(), started, ephemeral)
        cloud = build_cloud(info)
        server.wsgi_app = cloud.app
        _answer(server, cloud, info)
    finally:
        server.stop()  # its threads would keep a process that could not start alive, and its port taken


def _answer(server: HttpServer, cloud: Cloud, info: CloudInfo) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.stop).start())
    try:
        cloud.start()
        write_info(info)
        watch_state(info.state_dir, cloud.abandon)
        log.info("answering at %s, state in %s", info.endpoint_url, info.state_dir)
        server.serve()
    finally:
        cloud.stop()
        log.info("stopped")


def _take_port(wanted: int | None, last: int | None) -> tuple[HttpServer, int]:
    """A server that holds its port. Another cloud that starts at the same moment may be quicker: then the next free one."""
    from labkit.cloud.http import HttpServer

    for _ in range(_TRIES):
        port = free_port(wanted, last)
        server = HttpServer(port)
        try:
            server.prepare()
        except OSError:
            last = None
            time.sleep(0.05)
        else:
            return server, port
    message = f"No port could be taken in {_TRIES} tries"
    raise OSError(message)


def _version() -> str:
    try:
        return version("labkit")
    except PackageNotFoundError:
        return "0+unknown"


def _tell_failure(state_dir: Path, error: LabError) -> None:
    """Leave the reason for the process that started this one; it shows it in the user's language by key and facts."""
    facts = {name: str(value) for name, value in error.facts.items()}
    told = {"what": error.what, "cause": error.cause, "next_step": error.next_step, "key": error.key, "facts": facts}
    (state_dir / FAILURE_FILE).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def main() -> int:
    """Entry of the background process (`python -m labkit.cloud.server`)."""
    parser = argparse.ArgumentParser(prog="labkit.cloud.server")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--ephemeral", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        run(options.state, options.port, options.ephemeral)
    except LabError as error:
        _tell_failure(options.state, error)
        log.error("%s", error)  # noqa: TRY400 - an expected failure: its text is the lesson, a traceback is not
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
