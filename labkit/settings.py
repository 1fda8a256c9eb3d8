"""Which AWS, which account, which region, which names: the one place that asks "local or AWS?"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from labkit.errors import SettingsError
from labkit.i18n import build_lesson, find_language
from labkit.names import Names

LOCAL_ACCOUNT = "123456789012"
LOCAL_ENDPOINT = "http://127.0.0.1:4566"
DEFAULT_REGION = "us-east-1"
TARGETS = ("local", "aws")
FILE_NAME = "labkit.toml"
# The roles of step 2: as the lab's text gives them, or with nothing more than the steps use.
LEAST_PRIVILEGE = "least-privilege"
ROLES = ("lab", LEAST_PRIVILEGE)
_LOOPBACK = re.compile(r"https?://(127\.|localhost|\[::1\])")


@dataclass(frozen=True)
class Credentials:
    """A key pair, static or a role session's with its token; the local cloud takes any static one."""

    access_key: str
    secret_key: str
    session_token: str | None = None


@dataclass(frozen=True)
class Target:
    """Where calls go. On AWS `endpoint_url` and `credentials` are None: boto3's own chain decides; `account` may be unknown ("")."""

    name: str
    region: str
    account: str
    endpoint_url: str | None
    credentials: Credentials | None

    @property
    def runs_cloud(self) -> bool:
        """True when the CLI must start the cloud before calling it."""
        return self.name == "local"

    @property
    def charges(self) -> bool:
        """True when calls cost money."""
        return self.name == "aws"


@dataclass(frozen=True)
class Settings:
    """Everything the lab half needs to know about its surroundings.

    `student` seeds the data ("" for the data that are committed), so that no two students have the same answers. `cloud` is the
    address of a local cloud that somebody else starts and stops ("" when it is labkit's own affair).
    """

    target: Target
    names: Names
    language: str
    state_dir: Path
    prices: Mapping[str, float] = field(default_factory=dict)
    roles: str = "lab"
    student: str = ""
    cloud: str = ""


def find_lab_folder(start: Path) -> Path:
    """The folder that holds labkit.toml and the state: `start`, or the one above `notebooks/` for a kernel that runs inside it."""
    for folder in (start, start.parent):
        if folder.name == "notebooks":
            return folder.parent
    return start


def read_settings(environ: Mapping[str, str], folder: Path) -> Settings:
    """Build the settings from the environment and the optional `labkit.toml` in `folder`; the environment wins.

    Errors: SettingsError for a file that does not parse, an unknown key, or a value that cannot be used.
    """
    document = _read_file(folder / FILE_NAME)
    state_in_file = document.pop("state", None)
    state = environ.get("LABKIT_STATE") or state_in_file or ".labkit"
    language = find_language(environ, document.pop("language", None))
    target = _build_target(environ, document)
    names = _build_names(environ, document.pop("names", {}), target)
    prices = _build_prices(document.pop("prices", {}))
    roles = _build_roles(environ, document.pop("roles", None))
    student_in_file = document.pop("student", "")
    student = str(environ.get("LABKIT_STUDENT") or student_in_file).strip()
    cloud = environ.get("LABKIT_CLOUD", "")
    if cloud and not _LOOPBACK.match(cloud):
        raise build_lesson(SettingsError, "error.settings_cloud", value=cloud)
    if document:
        raise build_lesson(SettingsError, "error.settings_key", keys=", ".join(sorted(document)), file=FILE_NAME)
    return Settings(target, names, language, folder / Path(state).expanduser(), prices, roles, student, cloud)


def with_endpoint(settings: Settings, endpoint_url: str) -> Settings:
    """The same settings with calls sent to another endpoint."""
    return replace(settings, target=replace(settings.target, endpoint_url=endpoint_url))


def with_account(settings: Settings, account: str) -> Settings:
    """The same settings once the account is known; the two buckets named after the account follow."""
    region = settings.target.region
    names = (
        replace(settings.names, **_account_buckets(account, region)) if not settings.target.account else settings.names
    )
    return replace(settings, target=replace(settings.target, account=account), names=names)


def _read_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10; JupyterLab brings tomli there
        import tomli as tomllib
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise build_lesson(SettingsError, "error.settings_file", file=str(path), reason=str(error)) from error


def _build_target(environ: Mapping[str, str], document: dict[str, Any]) -> Target:
    wished = {key: document.pop(key, None) for key in ("target", "region", "account")}
    name = environ.get("LABKIT_TARGET") or wished["target"] or "local"
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or wished["region"] or DEFAULT_REGION
    account = str(environ.get("LABKIT_ACCOUNT") or wished["account"] or "")
    if name not in TARGETS:
        raise build_lesson(SettingsError, "error.settings_target", value=name)
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region):
        raise build_lesson(SettingsError, "error.settings_region", value=region)
    if account and not re.fullmatch(r"\d{12}", account):
        raise build_lesson(SettingsError, "error.settings_account", value=account)
    if name == "aws":
        # boto3 reads the variable itself: a shell that still has `labkit env` would show the local cloud as AWS.
        if _LOOPBACK.match(environ.get("AWS_ENDPOINT_URL", "")):
            raise build_lesson(SettingsError, "error.settings_endpoint", value=environ["AWS_ENDPOINT_URL"])
        return Target(name, region, account, None, None)
    endpoint = environ.get("AWS_ENDPOINT_URL") or LOCAL_ENDPOINT
    return Target(name, region, account or LOCAL_ACCOUNT, endpoint, Credentials("test", "test"))


def _build_names(environ: Mapping[str, str], chosen: Mapping[str, Any], target: Target) -> Names:
    known = {item.name for item in fields(Names)}
    unknown = sorted(set(chosen) - known)
    if unknown:
        raise build_lesson(SettingsError, "error.settings_key", keys=", ".join(unknown), file=f"{FILE_NAME} [names]")
    wanted = {**_account_buckets(target.account, target.region), **{key: str(value) for key, value in chosen.items()}}
    wanted |= {name: environ[f"LABKIT_{name.upper()}"] for name in known if environ.get(f"LABKIT_{name.upper()}")}
    return replace(Names(), **wanted)


def _account_buckets(account: str, region: str) -> dict[str, str]:
    return {
        "assets_bucket": f"aws-glue-assets-{account}-{region}",
        "results_bucket": f"aws-athena-query-results-{account}-{region}",
    }


def _build_roles(environ: Mapping[str, str], chosen: Any) -> str:
    roles = str(environ.get("LABKIT_ROLES") or chosen or ROLES[0])
    if roles not in ROLES:
        raise build_lesson(SettingsError, "error.settings_roles", value=roles)
    return roles


def _build_prices(chosen: Mapping[str, Any]) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in chosen.items()}
    except (TypeError, ValueError) as error:
        raise build_lesson(SettingsError, "error.settings_price", reason=str(error)) from error
