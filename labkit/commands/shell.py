"""The lines that point a shell's AWS tools at the local cloud."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from labkit.settings import Target

# A profile or a session token of the user's would win over the test keys, or be sent along with them.
_UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")


def build_env_lines(shell: str, target: Target) -> list[str]:
    """Return the lines for "sh", "fish" or "powershell" that set endpoint, region and keys and clear what would override them."""
    pair = target.credentials
    values = {
        "AWS_ENDPOINT_URL": target.endpoint_url or "",
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        "AWS_ACCESS_KEY_ID": pair.access_key if pair else "test",
        "AWS_SECRET_ACCESS_KEY": pair.secret_key if pair else "test",
    }
    if shell == "fish":
        return [f"set -gx {name} {shlex.quote(value)};" for name, value in values.items()] + [
            f"set -e {name};" for name in _UNSET
        ]
    if shell == "powershell":
        return [f"$Env:{name} = '{value}'" for name, value in values.items()] + [
            f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in _UNSET
        ]
    return [f"export {name}={shlex.quote(value)}" for name, value in values.items()] + [f"unset {' '.join(_UNSET)}"]


def find_shell(environ: Mapping[str, str], system: str) -> str:
    """Guess the user's shell: fish by its name, PowerShell on Windows without SHELL, else sh (bash and zsh read it too)."""
    shell = environ.get("SHELL", "")
    if shell.rsplit("/", 1)[-1] == "fish":
        return "fish"
    return "powershell" if system == "nt" and not shell else "sh"
