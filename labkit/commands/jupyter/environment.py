"""The variables of JupyterLab's process, which its kernels and terminals inherit: plain boto3 and `aws` work in both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from labkit.commands.jupyter.configuration import Places, build_jupyter_paths
from labkit.commands.shell import build_region_variables, build_variables, list_overriding
from labkit.settings import Settings


def build_environment(
    settings: Settings, places: Places, environ: Mapping[str, str], python: Path
) -> tuple[dict[str, str], list[str]]:
    """(variables to set, variables to take away). On AWS the user's own credentials stay as they are, the region is one for all."""
    wanted = {
        "LABKIT_STATE": str(settings.state_dir),
        "LABKIT_LANG": settings.language,
        "LABKIT_TARGET": settings.target.name,
        "PATH": _with_first(str(python.parent), environ.get("PATH", os.defpath)),
        # Spanish in files, pipes and subprocesses, also where the system's locale is C.
        "PYTHONUTF8": "1",
        **build_jupyter_paths(places, environ),
    }
    if settings.student:
        wanted["LABKIT_STUDENT"] = settings.student
    if settings.target.charges:
        # Whoever opened the lab has said that this is the account: each kernel holds the caller to it.
        wanted |= {"LABKIT_ACCOUNT": settings.target.account, **build_region_variables(settings.target.region)}
    if not settings.target.endpoint_url:
        return wanted, []
    wanted |= build_variables(settings.target, environ)
    wanted["AWS_EC2_METADATA_DISABLED"] = "true"
    return wanted, [name for name in list_overriding(environ) if name not in wanted]


def _with_first(folder: str, path: str) -> str:
    """`labkit` and `aws` of this environment come first in a terminal, activated or not."""
    return os.pathsep.join([folder, *(part for part in path.split(os.pathsep) if part != folder)])
