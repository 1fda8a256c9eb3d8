from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

from labkit.cloud.functions.pool import WorkerPool
from labkit.cloud.functions.spawner import provided_folders
from labkit.cloud.functions.worker import BOOTSTRAP

PID = "import os, time\ndef lambda_handler(e, c):\n    time.sleep(e.get('s', 0))\n    return os.getpid()\n"


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_dead(pid: int, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


def test_stop_ends_every_worker(lab: Any) -> None:
    lab.add(PID)
    pid = json.loads(lab.invoke().payload)
    assert alive(pid)
    lab.engine.stop()
    assert wait_dead(pid)


def test_idle_workers_end_after_a_while(lab: Any) -> None:
    lab.add(PID)
    pid = json.loads(lab.invoke().payload)
    lab.engine._pool.drop_idle(3600)
    assert alive(pid)
    lab.engine._pool.drop_idle(0)
    assert wait_dead(pid)


def test_parallel_calls_get_workers_of_their_own(lab: Any) -> None:
    lab.add(PID, timeout_s=10)
    pids: list[int] = []
    threads = [
        threading.Thread(target=lambda: pids.append(json.loads(lab.invoke(payload=b'{"s": 1}').payload)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(pids)) == 3


def test_calls_beyond_the_local_bound_wait_their_turn(lab: Any) -> None:
    lab.add(PID, timeout_s=10)
    lab.engine._pool = WorkerPool(max_workers=1)
    pids: list[int] = []
    threads = [
        threading.Thread(target=lambda: pids.append(json.loads(lab.invoke(payload=b'{"s": 0.2}').payload)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 3
    assert len(set(pids)) == 1


def test_a_worker_dies_with_a_cloud_that_is_killed_even_in_the_middle_of_its_handler(tmp_path: Path) -> None:
    code = """
    import json, pathlib, sys, time
    from labkit.cloud.functions.spawner import Spawner
    worker = Spawner(pathlib.Path(sys.argv[1])).take(may_be_preloaded=False)
    print(worker.pid, flush=True)
    time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as cloud:
        pid = int(cloud.stdout.readline())
        assert alive(pid)
        os.kill(cloud.pid, signal.SIGKILL)
    assert wait_dead(pid)


def test_a_worker_ends_itself_and_its_children_when_its_input_ends(tmp_path: Path) -> None:
    code = """
import subprocess, time
def h(e, c):
    child = subprocess.Popen(["sleep", "60"])
    print("child", child.pid, flush=True)
    time.sleep(60)
"""
    (tmp_path / "m.py").write_text(code)
    command = [sys.executable, "-I", "-S", str(BOOTSTRAP), "0" * 16, "0", *provided_folders()]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as worker:
        start = {
            "type": "init",
            "request_id": "r",
            "env": {"PATH": "/usr/bin:/bin"},
            "cwd": str(tmp_path),
            "paths": [str(tmp_path)],
            "shown": [],
            "handler": "m.h",
            "json_logs": False,
            "level": "INFO",
        }
        event = {
            "type": "invoke",
            "request_id": "r",
            "payload": "{}",
            "arn": "a",
            "deadline_ms": 0,
            "client_context": None,
            "trace": None,
        }
        worker.stdin.write(json.dumps(start).encode() + b"\n" + json.dumps(event).encode() + b"\n")
        worker.stdin.flush()
        line = b""
        while b"child" not in line:
            line = worker.stderr.readline()
        child = int(line.split(b"child")[1].split()[0])
        worker.stdin.close()
        assert wait_dead(worker.pid)
        assert wait_dead(child)
