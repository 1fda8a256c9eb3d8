"""Which kind of computer this is: the way to mend something depends on it."""

from __future__ import annotations

from collections.abc import Mapping

SYSTEMS = ("linux", "macos", "wsl", "windows", "codespaces", "binder")


def find_system(environ: Mapping[str, str], platform: str, release: str) -> str:
    """One of SYSTEMS; `platform` is sys.platform, `release` the kernel's release as `uname -r` tells it."""
    if environ.get("CODESPACES") == "true":
        return "codespaces"
    if environ.get("BINDER_SERVICE_HOST") or environ.get("BINDER_LAUNCH_HOST"):
        return "binder"
    if platform == "darwin":
        return "macos"
    if platform in ("win32", "cygwin"):
        return "windows"
    return "wsl" if "microsoft" in release.lower() or environ.get("WSL_DISTRO_NAME") else "linux"


def opens_browser(system: str, environ: Mapping[str, str]) -> bool:
    """Whether a window of a browser can appear before the person who typed the command."""
    if system in ("codespaces", "binder") or environ.get("SSH_CONNECTION"):
        return False
    if system == "linux":
        return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    return True
