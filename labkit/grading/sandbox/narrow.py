"""Run as text inside a room: `HIDDEN SHOWN… -- command`. The command sees an empty folder in place of HIDDEN, but for SHOWN below it.

The process stays the one it was, so that who started it can measure, stop and end it. A user namespace of its own also keeps it from
looking into processes outside (ptrace, /proc/…/root), the cloud's above all.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_NEW_NAMESPACES = 0x10000000 | 0x00020000  # CLONE_NEWUSER, CLONE_NEWNS
_NOSUID_NODEV = 2 | 4
_BIND, _REMOUNT_READ_ONLY = 4096, 1 | 32 | 4096


def main(words: Sequence[str]) -> None:
    """Narrow the view and go on as the command; OSError when the kernel does not allow it."""
    cut = words.index("--")
    hidden, shown = words[0], words[1:cut]
    library = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    _call(library, "unshare", _NEW_NAMESPACES)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path(f"/proc/self/{name}").write_text(text, encoding="ascii")
    kept = [(os.open(path, os.O_PATH), path) for path in shown]
    _mount(library, "tmpfs", hidden, "tmpfs", _NOSUID_NODEV, "size=1m,mode=755")
    for handle, path in kept:
        Path(path).mkdir(parents=True)
        _mount(library, f"/proc/self/fd/{handle}", path, None, _BIND, None)
        os.close(handle)
    _mount(library, None, hidden, None, _REMOUNT_READ_ONLY | _NOSUID_NODEV, None)
    # Not being root, the command has none of the rights with which this was done.
    os.execvp(words[cut + 1], list(words[cut + 1 :]))  # noqa: S606 - becoming the command is what it is for


def _mount(
    library: ctypes.CDLL, source: str | None, place: str, kind: str | None, flags: int, data: str | None
) -> None:
    words = [None if word is None else word.encode() for word in (source, place, kind, data)]
    _call(library, "mount", words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])


def _call(library: ctypes.CDLL, name: str, *arguments: object) -> None:
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
