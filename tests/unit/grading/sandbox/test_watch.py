"""Ceilings of memory, processes and disk."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labkit.grading.sandbox import tree
from labkit.grading.sandbox.watch import Ceiling, Watch, end_children, is_larger, watch_kernel

_SLEEP = "import time; time.sleep(60)"


def _watch(source: str, ceiling: Ceiling, folder: Path) -> str:
    """Which ceiling a program breaks; it must break one."""
    process = subprocess.Popen([sys.executable, "-c", source], cwd=folder)
    try:
        with Watch(process.pid, folder, ceiling, process.kill) as watch:
            process.wait(timeout=30)
    finally:
        process.kill()
        process.wait()
    return watch.broken


def test_memory(tmp_path: Path) -> None:
    source = f"hoard = bytearray(200_000_000); {_SLEEP}"
    assert _watch(source, Ceiling(memory_bytes=100_000_000), tmp_path) == "limit.memory"


def test_processes(tmp_path: Path) -> None:
    source = f"import os\nfor _ in range(3): os.fork()\n{_SLEEP}"
    assert _watch(source, Ceiling(processes=5), tmp_path) == "limit.processes"


def test_a_process_and_all_below_it_are_seen_and_no_other() -> None:
    other = subprocess.Popen([sys.executable, "-c", _SLEEP])
    nested = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1, flush=True); {_SLEEP}'])"
    top = subprocess.Popen([sys.executable, "-c", nested], stdout=subprocess.PIPE)
    try:
        assert top.stdout is not None
        top.stdout.readline()
        assert len(tree.list_memory(top.pid)) == len(tree._list_anywhere(top.pid)) == 2
        assert min(tree.list_memory(top.pid)) > 1_000_000
    finally:
        end_children(top.pid)
        top.communicate()
        other.kill()
        other.wait()
    assert tree.list_memory(top.pid) == []


def test_disk(tmp_path: Path) -> None:
    source = f"open('big', 'wb').write(b'x' * 3_000_000); {_SLEEP}"
    assert _watch(source, Ceiling(disk_bytes=2_000_000), tmp_path) == "limit.disk"


def test_many_files_and_deep_folders_are_looked_through(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(150):
        deep /= "a"
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"x" * 50_000)
    (tmp_path / "round").symlink_to(tmp_path)
    assert is_larger(tmp_path, 40_000)
    assert not is_larger(tmp_path, 10_000_000)
    assert is_larger(tmp_path, 10_000_000, most_files=100)


def test_a_kernel_is_ended_and_what_runs_it_goes_on(tmp_path: Path) -> None:
    runner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys\ncode = subprocess.run([sys.executable, '-c', {_SLEEP!r}]).returncode\nprint(code)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(0.5, end_children, (runner.pid,))
    timer.start()
    with watch_kernel(runner.pid, tmp_path) as watch:
        told, _ = runner.communicate(timeout=30)
    assert (told.strip(), runner.returncode, watch.broken) == ("-9", 0, "")


def test_a_breach_that_is_over_at_the_next_look_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labkit.grading.sandbox.watch._STEP_S", 0.001)
    seen = iter([[300], [300], [1], [300], [300], [300], [300]])
    looks: list[int] = []

    def list_memory(_pid: int) -> list[int]:
        looks.append(len(looks))
        return next(seen)

    monkeypatch.setattr("labkit.grading.sandbox.watch.list_memory", list_memory)
    ended = threading.Event()
    with Watch(1, tmp_path, Ceiling(memory_bytes=200), ended.set, looks=3) as watch:
        assert ended.wait(10)
    assert (watch.broken, len(looks)) == ("limit.memory", 6)
