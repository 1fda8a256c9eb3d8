"""The lines that point a shell's AWS tools at the local cloud."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, MutableMapping

from labkit.settings import Target

# A profile or a session token of the user's would win over the test keys, or be sent along with them.
_UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
_HERE = ("127.0.0.1", "localhost")


def build_env_lines(shell: str, target: Target, environ: Mapping[str, str]) -> list[str]:
    """Return the lines for "sh", "fish" or "powershell" that set endpoint, region and keys and clear what would override them.

    `environ` is the user's: their NO_PROXY is kept, and this computer added to it.
    """
    values = build_variables(target, environ)
    if shell == "fish":
        return [f"set -gx {name} {shlex.quote(value)};" for name, value in values.items()] + [
            f"set -e {name};" for name in _UNSET
        ]
    if shell == "powershell":
        return [f"$Env:{name} = '{value}'" for name, value in values.items()] + [
            f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in _UNSET
        ]
    return [f"export {name}={shlex.quote(value)}" for name, value in values.items()] + [f"unset {' '.join(_UNSET)}"]


def apply_variables(target: Target, environ: MutableMapping[str, str]) -> None:
    """Do to this process's own environment what the lines do to a shell's."""
    own = [name for name in environ if name in _UNSET or name.startswith("AWS_ENDPOINT_URL_")]
    for name in own:
        del environ[name]
    environ.update(build_variables(target, environ))


def build_variables(target: Target, environ: Mapping[str, str]) -> dict[str, str]:
    """What points AWS tools at the local cloud: endpoint, region, keys, and no proxy for this computer."""
    pair = target.credentials
    direct = _no_proxy(environ)
    # A rehearsal may go under a role's session.
    token = {"AWS_SESSION_TOKEN": pair.session_token} if pair and pair.session_token else {}
    return {
        **token,
        "AWS_ENDPOINT_URL": target.endpoint_url or "",
        # A line of ~/.aws/config may say that endpoints are to be ignored, and calls would go to AWS; the variable goes first.
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        "AWS_ACCESS_KEY_ID": pair.access_key if pair else "test",
        "AWS_SECRET_ACCESS_KEY": pair.secret_key if pair else "test",
        # Programs read one name or the other.
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def build_region_variables(region: str) -> dict[str, str]:
    """The region under both names that programs read, so that plain boto3 looks where labkit's own clients look."""
    return {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}


def list_overriding(environ: Mapping[str, str]) -> list[str]:
    """The names in `environ` that would win over those variables: a profile, a session token, an endpoint of one service."""
    return sorted({*_UNSET, *(name for name in environ if name.startswith("AWS_ENDPOINT_URL_"))} & set(environ))


def _no_proxy(environ: Mapping[str, str]) -> str:
    """What is reached without the school's proxy (HTTP_PROXY): it cannot reach a cloud on this computer."""
    names = [name.strip() for name in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").split(",")]
    # "*" already means everything, and only when it stands alone.
    return "*" if names == ["*"] else ",".join(dict.fromkeys([*filter(None, names), *_HERE]))


def find_shell(environ: Mapping[str, str], system: str) -> str:
    """Guess the user's shell: fish by its name, PowerShell on Windows without SHELL, else sh (bash and zsh read it too)."""
    shell = environ.get("SHELL", "")
    if shell.rsplit("/", 1)[-1] == "fish":
        return "fish"
    return "powershell" if system == "nt" and not shell else "sh"
