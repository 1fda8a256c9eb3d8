"""The lab's folder, the state folder in it, and the notebooks."""

from __future__ import annotations

import os
import re

from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding
from labkit.doctor.surroundings import Surroundings

# Names as the system tells them; a lock or an SQLite file on them may not hold, and each small file takes milliseconds.
_NETWORK = {"nfs", "nfs4", "cifs", "smbfs", "smb3", "afpfs", "webdav", "fuse.sshfs", "fuse.rclone", "davfs", "ncpfs"}
_SYNCED = re.compile(
    r"(?:^|[/\\])(OneDrive[^/\\]*|Dropbox|Google Drive|GoogleDrive[^/\\]*|iCloud Drive|com~apple~CloudDocs|Nextcloud)(?=[/\\]|$)"
)
_WSL_FILES = "https://learn.microsoft.com/windows/wsl/filesystems"


def check_state(facts: Surroundings) -> Finding:
    """The cloud can write its state, and on a disk that is made for it."""
    told = {"folder": facts.state_dir, "filesystem": facts.state_filesystem, "reason": facts.state_error}
    if facts.state_error:
        return Finding("state", PROBLEM, "error.doctor.state_unwritable", told)
    if facts.state_filesystem.lower() in _NETWORK:
        return Finding("state", WARNING, "error.doctor.state_network", told)
    return Finding("state", OK, "doctor.state.ok", told)


def check_folder(facts: Surroundings) -> Finding:
    """Spaces and ñ are fine; Windows' disk seen from WSL is slow, a synced folder is changed under one's feet."""
    told = {"folder": facts.lab_folder}
    for folder in (facts.lab_folder, facts.state_dir):
        # Java and Jupyter separate folders by the colon.
        if os.pathsep in folder and facts.system != "windows":
            return Finding("folder", PROBLEM, "error.doctor.folder_colon", {"folder": folder})
    if facts.system == "wsl" and re.match(r"/mnt/[a-z](/|$)", facts.lab_folder):
        return Finding("folder", WARNING, "error.doctor.folder_windows", told, _WSL_FILES)
    synced = _SYNCED.search(facts.lab_folder) or _SYNCED.search(facts.state_dir)
    if synced:
        return Finding("folder", WARNING, "error.doctor.folder_synced", {**told, "service": synced[1]})
    return Finding("folder", OK, "doctor.folder.ok", told)


def check_notebooks(facts: Surroundings) -> Finding:
    """They are there and can be read; work in them is no fault, and is told."""
    names = {
        "missing": ", ".join(facts.notebooks_missing),
        "broken": ", ".join(facts.notebooks_broken),
        "edited": ", ".join(facts.notebooks_edited),
        "count": facts.notebooks,
    }
    if facts.notebooks_missing:
        return Finding("notebooks", PROBLEM, "error.doctor.notebooks_missing", names)
    if facts.notebooks_broken:
        return Finding("notebooks", PROBLEM, "error.doctor.notebooks_broken", names)
    if facts.notebooks_edited:
        return Finding("notebooks", OK, "doctor.notebooks.edited", names)
    return Finding("notebooks", OK, "doctor.notebooks.ok", names)


def check_old_state(facts: Surroundings) -> Finding:
    """A state that another version of labkit wrote is read, but was not made for this one."""
    cloud = facts.cloud
    if cloud is None:
        return Finding("old_state", OK, "doctor.old_state.none")
    told = {"version": cloud.version, "own": facts.labkit_version, "folder": facts.state_dir}
    if not cloud.alive and cloud.version != facts.labkit_version:
        return Finding("old_state", WARNING, "error.doctor.old_state", told)
    return Finding("old_state", OK, "doctor.old_state.ok", told)
