"""The local cloud of one submission, behind the same wall as the student's code: what they wrote runs in its jobs and functions."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from labkit.errors import CloudError
from labkit.i18n import build_lesson

_POLL_S = 0.05
_START_S = 120.0


class WalledCloud:
    """Started on an empty folder, and ended with everything that runs in it; `endpoint_url` once it answers."""

    def __init__(self, prefix: Sequence[str], state_dir: Path, environ: Mapping[str, str], log: Path) -> None:
        self._prefix = list(prefix)
        self._environ = dict(environ)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.state_dir = state_dir
        self.endpoint_url = ""

    def start(self) -> None:
        """Start it and wait until it answers. CloudError when it does not."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        words = ["-m", "labkit.cloud.server", "--ephemeral", "--state", str(self.state_dir)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._prefix, sys.executable, *words],
                env=self._environ,
                cwd=self.state_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise build_lesson(CloudError, "error.graded_cloud", log=str(self._log))
            time.sleep(_POLL_S)

    def wait_for_archive(self, most_s: float, poll_s: float) -> bool:
        """Wait until Spark's classes are laid out; False when that could not be done, or took too long."""
        deadline = time.monotonic() + most_s
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            made = self._ask("/_labkit/engines").get("has_archive")
            if made is not None:
                return bool(made)
            time.sleep(poll_s)
        return False

    @property
    def pid(self) -> int:
        """Its wall's process, which ends with it; 0 when it does not run."""
        return 0 if self._process is None else self._process.pid

    def stop(self) -> None:
        """End it at once; nothing in it is needed any more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.endpoint_url = ""

    def _answers(self) -> bool:
        try:
            info = json.loads((self.state_dir / "cloud.json").read_text(encoding="utf-8"))
            self.endpoint_url = f"http://127.0.0.1:{int(info['port'])}"
        except (OSError, ValueError, KeyError):
            return False
        return bool(self._ask("/_labkit/health"))

    def _ask(self, page: str) -> dict[str, Any]:
        """What one of the cloud's own pages says; nothing when it does not answer."""
        import urllib.request

        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{self.endpoint_url}{page}", timeout=2) as answer:
                return dict(json.loads(answer.read()))
        except (OSError, ValueError):
            return {}
