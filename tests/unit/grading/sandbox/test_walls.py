"""The commands that put a process behind walls, and what the walls of this machine keep in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.grading.sandbox.limits import Bounds, bound
from labkit.grading.sandbox.protections import (
    BUBBLEWRAP,
    NOTHING,
    UNSHARE,
    Protections,
    find_protections,
    narrow,
)
from labkit.grading.sandbox.walls import Room, wrap_room, wrap_run

NONE = Protections(NOTHING, network=False, files=False, processes=False)
WALLS = find_protections()
behind_walls = pytest.mark.skipif(WALLS.tool != BUBBLEWRAP, reason="no bubblewrap, or this kernel allows no namespaces")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="namespaces are Linux's")


@linux
def test_the_best_wall_that_works_is_taken() -> None:
    assert find_protections(lambda _command: True, lambda name: name).tool == BUBBLEWRAP
    assert find_protections(lambda command: command[0] != "bwrap", lambda name: name).tool == UNSHARE
    assert find_protections(lambda _command: True, lambda name: None if name == "bwrap" else name).tool == UNSHARE
    assert find_protections(lambda _command: False, lambda name: name) == NONE
    assert find_protections(lambda _command: True, lambda _name: None) == NONE


@linux
def test_a_kernel_that_refuses_the_wall_of_jobs_is_told() -> None:
    found = find_protections(lambda command: "--cap-drop" not in command, lambda name: name)
    assert (found.tool, found.files, found.cloud) == (BUBBLEWRAP, True, False)


def test_without_walls_a_command_is_bounded_and_no_more(tmp_path: Path) -> None:
    assert wrap_run(NONE, ["true"]) == ["true"]
    assert wrap_room(NONE, Room((tmp_path,)), ["true"]) == ["true"]


def test_bounds_hold_for_the_command(tmp_path: Path) -> None:
    source = (
        "import resource\n"
        "print(resource.getrlimit(resource.RLIMIT_FSIZE)[1], resource.getrlimit(resource.RLIMIT_CORE)[1])\n"
        "try:\n    open('big', 'wb').write(b'x' * 2_000_000)\nexcept OSError as error:\n    print(error.strerror)\n"
    )
    command = bound(Bounds(file_bytes=1_000_000), [sys.executable, "-c", source], is_apart=False)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1000000 0", "File too large"]


def test_a_bound_on_memory_is_an_error_of_the_command() -> None:
    command = bound(Bounds(memory_bytes=1 << 30), [sys.executable, "-c", "bytearray(2 << 30)"], is_apart=False)
    assert "MemoryError" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


def _in_a_room(tmp_path: Path, source: str, room: Room | None = None) -> str:
    room = room or Room((tmp_path,))
    command = wrap_run(WALLS, wrap_room(WALLS, room, [sys.executable, "-c", source]))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    return done.stdout + done.stderr


@behind_walls
def test_a_room_has_nothing_of_the_machine(tmp_path: Path) -> None:
    secret = tmp_path.parent / "secret"
    secret.write_text("x", encoding="utf-8")
    source = (
        "import os, socket\n"
        f"print(os.path.exists({str(secret)!r}), os.path.exists({str(Path.home() / '.bashrc')!r}), os.path.exists('/etc/shadow'))\n"
        "print(len([pid for pid in os.listdir('/proc') if pid.isdigit()]) < 5, socket.if_nameindex())\n"
        "print(open('/proc/self/status').read().split('CapEff:')[1].split()[0])\n"
    )
    assert _in_a_room(tmp_path, source).split("\n")[:3] == ["False False False", "True [(1, 'lo')]", "0" * 16]


@behind_walls
def test_a_room_writes_to_its_folder_and_nowhere_else(tmp_path: Path) -> None:
    own, shown = tmp_path / "own", tmp_path / "shown"
    own.mkdir()
    shown.mkdir()
    source = (
        f"for place in ('.', '/tmp', '/dev/shm', '/', '/dev', '/usr', '/etc', '/run', {str(shown)!r}):\n"
        "    try:\n        open(place + '/planted', 'w').close()\n        print(place)\n    except OSError:\n        pass\n"
    )
    assert _in_a_room(tmp_path, source, Room((own,), (shown,))).split() == [".", "/tmp", "/dev/shm"]
    assert (own / "tmp/planted").exists()
    assert (own / "shm/planted").exists()
    assert not Path("/tmp/planted").exists()


@behind_walls
def test_what_is_hidden_stays_hidden(tmp_path: Path) -> None:
    own, shown = tmp_path / "own", tmp_path / "shown"
    (shown / "checks").mkdir(parents=True)
    (shown / "checks/answer.py").write_text("x = 42", encoding="utf-8")
    (shown / "answer.py").write_text("x = 42", encoding="utf-8")
    own.mkdir()
    room = Room((own,), (shown,), (shown / "checks", shown / "answer.py"))
    source = (
        "import os, subprocess\n"
        f"print(os.listdir({str(shown / 'checks')!r}))\n"
        f"try:\n    print(repr(open({str(shown / 'answer.py')!r}).read()))\nexcept OSError:\n    print('nothing')\n"
        f"print(subprocess.run(['umount', {str(shown / 'checks')!r}], capture_output=True).returncode != 0)\n"
    )
    assert _in_a_room(tmp_path, source, room).splitlines() == ["[]", "nothing", "True"]


@pytest.mark.skipif(not WALLS.cloud, reason="this kernel allows no namespace inside a room")
def test_a_jobs_process_sees_nothing_of_the_clouds_files(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "functions").mkdir(parents=True)
    (state / "cloud.db").write_text("x", encoding="utf-8")
    (state / "functions/code.py").write_text("x", encoding="utf-8")
    source = (
        "import os, sys\n"
        f"print(sorted(os.listdir({str(state)!r})), os.listdir({str(state / 'functions')!r}))\n"
        f"open({str(state / 'functions/new')!r}, 'w').close()\n"
        f"print(os.path.exists('/proc/%d/root{state}/cloud.db' % os.getppid()))\n"
    )
    child = narrow(str(state), [str(state / "functions")], [sys.executable, "-c", source])
    outer = f"import subprocess\nprint(subprocess.run({child!r}, capture_output=True, text=True).stdout)"
    assert _in_a_room(tmp_path, outer).split("\n")[:2] == ["['functions'] ['code.py']", "False"]
    assert (state / "functions/new").exists()
