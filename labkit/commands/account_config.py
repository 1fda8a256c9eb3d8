"""What the user's AWS files and variables say: profiles, regions, and endpoints that lead elsewhere. No key is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labkit.settings import FILE_NAME

_SENDING = ("endpoint_url", "ignore_configured_endpoint_urls")


def find_profiles(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The profiles of both files."""
    return tuple(sorted({*_load_config(environ).get("profiles", {}), *_load_credentials(environ)}))


def find_regions(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Place → region, for every place that names one."""
    found = {name: environ[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if environ.get(name)}
    profile = _name_profile(environ)
    told = _load_config(environ).get("profiles", {}).get(profile, {}).get("region")
    if told:
        found[f"~/.aws/config [{profile}]"] = str(told)
    written = _read_toml(folder / FILE_NAME).get("region")
    if written:
        found[FILE_NAME] = str(written)
    return found


def find_config_lines(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The lines of the profile in use that send calls elsewhere, or that make AWS_ENDPOINT_URL unheard."""
    config = _load_config(environ)
    profile = _name_profile(environ)
    return tuple(_list_lines(config, profile))


def _list_lines(config: Mapping[str, Any], profile: str) -> Iterator[str]:
    own = config.get("profiles", {}).get(profile, {})
    for name in _SENDING:
        if own.get(name):
            yield f"[{profile}] {name} = {own[name]}"
    section = own.get("services")
    for service, values in config.get("services", {}).get(section, {}).items() if section else ():
        if isinstance(values, dict) and values.get("endpoint_url"):
            yield f"[services {section}] {service} endpoint_url = {values['endpoint_url']}"


def _name_profile(environ: Mapping[str, str]) -> str:
    return environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or "default"


def _load_config(environ: Mapping[str, str]) -> dict[str, Any]:
    from botocore.configloader import load_config
    from botocore.exceptions import ConfigNotFound, ConfigParseError

    try:
        return dict(load_config(_find(environ, "AWS_CONFIG_FILE", "config")))
    except (ConfigNotFound, ConfigParseError):
        return {}


def _load_credentials(environ: Mapping[str, str]) -> list[str]:
    """The names of the sections alone."""
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read(_find(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), encoding="utf-8")
    except (Error, UnicodeDecodeError, OSError):
        return []
    return parser.sections()


def _find(environ: Mapping[str, str], variable: str, name: str) -> str:
    home = Path(environ.get("HOME") or Path.home())
    return str(Path(environ.get(variable) or home / ".aws" / name).expanduser())


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10; JupyterLab brings tomli there
        import tomli as tomllib
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
