"""The commands that put a process behind walls."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.grading.sandbox.protections import BUBBLEWRAP, UNSHARE, Protections

# What a Python of any Linux needs of the system, if it is there. Of /etc only what names users, hosts and libraries.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt/java")
_ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "fonts",
    "localtime",
    "nsswitch.conf",
    "hosts",
)
# Places of the system that a program writes to, and the folders of its own that stand for them.
_OWN = {"tmp": "/tmp", "shm": "/dev/shm"}  # noqa: S108 - nobody else's
# Nobody in particular, also when the grader is root: a root of its own could not be walled in once more (walled children of the cloud).
_UID = "1000"
_NAMES = {"passwd": f"student:x:{_UID}:{_UID}::/tmp:/bin/sh\n", "group": f"student:x:{_UID}:\n"}
# Brings up the loopback of a network namespace that `unshare` made; bubblewrap does it itself.
_LOOPBACK = (
    "import fcntl, os, socket, struct, sys\n"
    "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 0x41))\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)


@dataclass(frozen=True)
class Room:
    """What a walled process may see: `writable` folders (the first is its working folder, and its /tmp and /dev/shm lie in
    there), `readable` ones, and places inside those that are `hidden` from it (an empty folder stands there).
    """

    writable: tuple[Path, ...]
    readable: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()


def wrap_run(protections: Protections, command: Sequence[str]) -> list[str]:
    """The outer wall around a whole run: a network of its own, with nothing in it but loopback."""
    if protections.tool == BUBBLEWRAP:
        return ["bwrap", "--unshare-net", "--die-with-parent", "--dev-bind", "/", "/", "--", *command]
    if protections.tool == UNSHARE:
        inside = [sys.executable, "-I", "-c", _LOOPBACK, *command]
        return ["unshare", "--map-root-user", "--net", "--kill-child", "--fork", "--", *inside]
    return list(command)


def wrap_room(protections: Protections, room: Room, command: Sequence[str]) -> list[str]:
    """The inner wall around what a student wrote: its own processes and, with bubblewrap, its own view of the files."""
    if protections.tool == BUBBLEWRAP:
        for name in _OWN:
            (room.writable[0] / name).mkdir(parents=True, exist_ok=True)
        for name, words in _NAMES.items():
            (room.writable[0] / f"tmp/.{name}").write_text(words, encoding="utf-8")
        return ["bwrap", *_view(room), "--", *command]
    if protections.tool == UNSHARE:
        walls = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
        return ["unshare", *walls, "--", *command]
    return list(command)


def _view(room: Room) -> list[str]:
    # Without --cap-drop, root keeps the right to unmount in here what hides the checks.
    words = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]
    words += ["--uid", _UID, "--gid", _UID, "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", "--dir", "/run"]
    # On disk, where the watch sees how much there is: a tmpfs would be memory that no process is charged for.
    for name, place in _OWN.items():
        words += ["--bind", str(room.writable[0] / name), place]
    for path in _existing([*_SYSTEM, *(f"/etc/{name}" for name in _ETC)]):
        words += (
            ["--symlink", str(path.readlink()), str(path)] if path.is_symlink() else ["--ro-bind", str(path), str(path)]
        )
    for path in _existing([*_python_folders(), *room.readable]):
        words += ["--ro-bind", str(path), str(path)]
    for name in _NAMES:
        words += ["--ro-bind", str(room.writable[0] / f"tmp/.{name}"), f"/etc/{name}"]
    for path in room.hidden:
        if path.exists():
            words += (
                ["--tmpfs", str(path), "--remount-ro", str(path)]
                if path.is_dir()
                else ["--ro-bind", "/dev/null", str(path)]
            )
    for path in room.writable:
        words += ["--bind", str(path), str(path)]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(room.writable[0])]


def _python_folders() -> list[Path]:
    """This interpreter, its environment, and the Python the environment was made from."""
    places = {Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_paths()["purelib"]).resolve()}
    return sorted(places, key=lambda path: len(path.parts))


def _existing(paths: Iterable[str | Path]) -> list[Path]:
    return [path for path in map(Path, paths) if path.exists() or path.is_symlink()]
