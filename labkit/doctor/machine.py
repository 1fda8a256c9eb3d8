"""The computer itself: its kind, memory, disk, clock, encoding."""

from __future__ import annotations

from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding
from labkit.doctor.surroundings import Surroundings

_GB = 2**30
# The cloud with a warm Spark driver takes 0.8 GB, a Glue job as much again, JupyterLab and a kernel with Spark 1 GB.
_MEMORY_NEEDED, _MEMORY_GOOD = 2.0, 3.5
_MEMORY_FREE = 1.0
# The class-data archives take 0.15 GB each, a lab's state some tens of MB; Spark spills to disk.
_DISK_NEEDED, _DISK_GOOD = 0.3, 2.0
_DAY_S = 86_400.0
_WSL = "https://learn.microsoft.com/windows/wsl/install"


def check_system(facts: Surroundings) -> Finding:
    """The cloud's locks and processes are those of Linux and macOS; on Windows that is WSL."""
    if facts.system == "windows":
        return Finding("system", PROBLEM, "error.doctor.windows", link=_WSL)
    return Finding("system", OK, "doctor.system.ok", {"system": _SYSTEM_NAMES[facts.system]})


_SYSTEM_NAMES = {
    "linux": "Linux",
    "macos": "macOS",
    "wsl": "Linux (WSL, Windows)",
    "windows": "Windows",
    "codespaces": "GitHub Codespaces",
    "binder": "Binder",
}


def check_memory(facts: Surroundings) -> Finding:
    """What there is (a container's limit counts), then what is free."""
    total, free = facts.memory_bytes / _GB, facts.memory_free_bytes / _GB
    told = {"total": f"{total:.1f}", "free": f"{free:.1f}"}
    if total < _MEMORY_NEEDED:
        return Finding("memory", PROBLEM, "error.doctor.memory_small", {**told, "needed": _MEMORY_NEEDED})
    if total < _MEMORY_GOOD:
        return Finding("memory", WARNING, "error.doctor.memory_tight", {**told, "needed": _MEMORY_GOOD})
    if free < _MEMORY_FREE:
        return Finding("memory", WARNING, "error.doctor.memory_full", {**told, "needed": _MEMORY_FREE})
    return Finding("memory", OK, "doctor.memory.ok", told)


def check_disk(facts: Surroundings) -> Finding:
    """Free space where the cloud keeps its state."""
    free = facts.disk_free_bytes / _GB
    told = {"free": f"{free:.1f}", "folder": facts.state_dir}
    if free < _DISK_NEEDED:
        return Finding("disk", PROBLEM, "error.doctor.disk_full", {**told, "needed": _DISK_NEEDED})
    if free < _DISK_GOOD:
        return Finding("disk", WARNING, "error.doctor.disk_tight", {**told, "needed": _DISK_GOOD})
    return Finding("disk", OK, "doctor.disk.ok", told)


def check_clock(facts: Surroundings) -> Finding:
    """A clock before the installation is wrong; one that differs from the state folder's disk makes files look old or new."""
    if facts.now < facts.installed_at - _DAY_S:
        days = (facts.installed_at - facts.now) / _DAY_S
        return Finding("clock", WARNING, "error.doctor.clock_behind", {"days": f"{days:.0f}"})
    if abs(facts.file_clock_lag_s) > 60:
        lag = {"seconds": f"{abs(facts.file_clock_lag_s):.0f}", "folder": facts.state_dir}
        return Finding("clock", WARNING, "error.doctor.clock_apart", lag)
    return Finding("clock", OK, "doctor.clock.ok")


def check_encoding(facts: Surroundings) -> Finding:
    """Data with `año` and `señora` need UTF-8 in files, names and on the screen."""
    for encoding in (facts.encoding, facts.file_encoding):
        if encoding.lower().replace("-", "").replace("_", "") != "utf8":
            return Finding("encoding", WARNING, "error.doctor.encoding", {"encoding": encoding})
    return Finding("encoding", OK, "doctor.encoding.ok")
