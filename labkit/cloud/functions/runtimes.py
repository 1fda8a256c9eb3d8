"""Which Lambda runtimes run here, and what to say about the others."""

from __future__ import annotations

import platform
import re
import sys

from labkit.cloud.call import AwsError

_PYTHON = re.compile(r"python3\.\d+")


def check_runtime(runtime: str, package_type: str = "Zip") -> None:
    """Refuse what cannot run on this machine: AwsError InvalidRuntimeException names the runtime and what would run."""
    if package_type == "Image":
        cause = "it is a container image (PackageType Image), and the local cloud runs no containers"
    elif _PYTHON.fullmatch(runtime):
        return
    else:
        cause = f"its Runtime is {runtime or '(none)'}, and the local cloud runs Python functions only"
    raise AwsError(
        "InvalidRuntimeException",
        f"This function cannot run here: {cause}. Use Runtime python3.{sys.version_info.minor} and a zip, or run it on AWS.",
        502,
    )


def runtime_note(runtime: str) -> str | None:
    """One line for the log when a function asks for another Python than the one that runs it; None when they agree."""
    local = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if runtime == local:
        return None
    return f"[labkit] This function asks for {runtime}; the local cloud runs it on {local}, the Python labkit was started with."


def platform_note(architecture: str) -> str | None:
    """One line for the log when a function asks for another processor than this machine's."""
    local = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower()
    )
    if local in (None, architecture) or architecture == "x86_64":
        return None  # x86_64 is what nobody asked for: AWS's default
    return f"[labkit] This function asks for {architecture}; the local cloud runs it on {local}, the processor of this machine."
