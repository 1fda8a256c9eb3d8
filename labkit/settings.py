"""Which AWS, which account, which region, which names: the one place that asks "local or AWS?"."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from labkit.errors import SettingsError
from labkit.i18n import build_lesson, find_language
from labkit.names import Names, build_aws_names, build_names, is_role_arn

LOCAL_ACCOUNT = "123456789012"
LOCAL_ENDPOINT = "http://127.0.0.1:4566"
DEFAULT_REGION = "us-east-1"
TARGETS = ("local", "aws")
FILE_NAME = "labkit.toml"
# The roles of step 2: as the lab's text gives them, or with nothing more than the steps use.
LEAST_PRIVILEGE = "least-privilege"
ROLES = ("lab", LEAST_PRIVILEGE)
# Partitions with ARNs and endpoints of their own, in which nobody has tried the lab.
_OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")
_LOOPBACK = re.compile(r"https?://(127(\.\d+){3}|localhost|\[::1\])(:\d+)?(/|$)")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}")


@dataclass(frozen=True)
class Credentials:
    """A key pair, static or a role session's with its token; the local cloud takes any static one."""

    access_key: str
    secret_key: str
    session_token: str | None = None


@dataclass(frozen=True)
class Target:
    """Where calls go. On AWS `endpoint_url` and `credentials` are None: boto3's own chain decides; `account` may be unknown ("").

    A rehearsal has target aws and an endpoint on this computer: all is done as on AWS, nothing reaches it and nothing costs.
    `expected_account` is the one that the user named ("" when nobody did): the caller's must be that one.
    """

    name: str
    region: str
    account: str
    endpoint_url: str | None
    credentials: Credentials | None
    expected_account: str = ""
    rehearsal: bool = False

    @property
    def runs_cloud(self) -> bool:
        """True when the CLI must start the cloud before calling it."""
        return self.name == "local"

    @property
    def charges(self) -> bool:
        """True when calls cost money, or would if this were no rehearsal."""
        return self.name == "aws"


@dataclass(frozen=True)
class Settings:
    """Everything the lab half needs to know about its surroundings.

    `student` seeds the data ("" for the data that are committed), so that no two students have the same answers. `cloud` is the
    address of a local cloud that somebody else starts and stops ("" when it is labkit's own affair). `chosen_names` are those
    that the user gave, by field of Names.
    """

    target: Target
    names: Names
    language: str
    state_dir: Path
    prices: Mapping[str, float] = field(default_factory=dict)
    roles: str = "lab"
    student: str = ""
    cloud: str = ""
    chosen_names: Mapping[str, str] = field(default_factory=dict)


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
    chosen = _read_names(environ, document.pop("names", {}))
    prices = _build_prices(document.pop("prices", {}))
    roles = _build_roles(environ, document.pop("roles", None))
    student_in_file = document.pop("student", "")
    student = str(environ.get("LABKIT_STUDENT") or student_in_file).strip()
    cloud = environ.get("LABKIT_CLOUD", "")
    if cloud and not is_loopback(cloud):
        raise build_lesson(SettingsError, "error.settings_cloud", value=cloud)
    if document:
        raise build_lesson(SettingsError, "error.settings_key", keys=", ".join(sorted(document)), file=FILE_NAME)
    names = _build_names(target, student, chosen)
    state_dir = folder / Path(state).expanduser()
    return Settings(target, names, language, state_dir, prices, roles, student, cloud, chosen)


def with_endpoint(settings: Settings, endpoint_url: str) -> Settings:
    """The same settings with calls sent to another endpoint."""
    return replace(settings, target=replace(settings.target, endpoint_url=endpoint_url))


def with_account(settings: Settings, account: str) -> Settings:
    """The same settings once the account is known; the names that carry it follow."""
    target = replace(settings.target, account=account)
    return replace(settings, target=target, names=_build_names(target, settings.student, settings.chosen_names))


def is_loopback(url: str) -> bool:
    """True for an address of this computer."""
    return bool(_LOOPBACK.match(url))


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
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region):
        raise build_lesson(SettingsError, "error.settings_region", value=region)
    if account and not re.fullmatch(r"\d{12}", account):
        raise build_lesson(SettingsError, "error.settings_account", value=account)
    given = environ.get("AWS_ENDPOINT_URL") or ""
    if name == "aws":
        return _build_aws(environ, region, account, given)
    if given and not is_loopback(given):
        # Whatever answers there may be AWS, or somebody's bill: the local target stays on this computer.
        raise build_lesson(SettingsError, "error.settings_endpoint", value=given)
    return Target(name, region, account or LOCAL_ACCOUNT, given or LOCAL_ENDPOINT, Credentials("test", "test"))


def _build_aws(environ: Mapping[str, str], region: str, account: str, endpoint_url: str) -> Target:
    """AWS, or a rehearsal when the endpoint is this computer: with the environment's keys, and never a profile of the user's."""
    if region.startswith(_OTHER_PARTITIONS):
        raise build_lesson(SettingsError, "error.settings_partition", value=region)
    ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    elsewhere = sorted(name for name in environ if name.startswith("AWS_ENDPOINT_URL_") and environ[name])
    if elsewhere and not ignored:
        # One service here and the others there is neither AWS nor a rehearsal.
        raise build_lesson(SettingsError, "error.settings_elsewhere", names=", ".join(elsewhere))
    if ignored and is_loopback(endpoint_url):
        # boto3 would go to AWS; whoever left that address in the shell may well mean a rehearsal.
        raise build_lesson(SettingsError, "error.settings_ambiguous", value=endpoint_url)
    if not endpoint_url or ignored:
        return Target("aws", region, account, None, None, account)
    if not is_loopback(endpoint_url):
        raise build_lesson(SettingsError, "error.settings_foreign", value=endpoint_url)
    keys = Credentials(
        environ.get("AWS_ACCESS_KEY_ID") or "test",
        environ.get("AWS_SECRET_ACCESS_KEY") or "test",
        environ.get("AWS_SESSION_TOKEN") or None,
    )
    return Target("aws", region, account, endpoint_url, keys, account, rehearsal=True)


def _read_names(environ: Mapping[str, str], chosen: Mapping[str, Any]) -> dict[str, str]:
    """The names that the user gave, by file or by variable. SettingsError for an unknown one or a role's ARN that is none."""
    known = {item.name for item in fields(Names)}
    unknown = sorted(set(chosen) - known)
    if unknown:
        raise build_lesson(SettingsError, "error.settings_key", keys=", ".join(unknown), file=f"{FILE_NAME} [names]")
    wanted = {key: str(value) for key, value in chosen.items()}
    wanted |= {name: environ[f"LABKIT_{name.upper()}"] for name in known if environ.get(f"LABKIT_{name.upper()}")}
    for key, value in wanted.items():
        if is_role_arn(value) and not (key in ("glue_role", "lambda_role") and _ROLE_ARN.fullmatch(value)):
            raise build_lesson(SettingsError, "error.settings_role_arn", key=key, value=value)
    return wanted


def _build_names(target: Target, student: str, chosen: Mapping[str, str]) -> Names:
    if target.name == "aws":
        return build_aws_names(target.account, target.region, student, chosen)
    return build_names(target.account, target.region, chosen)


def _build_roles(environ: Mapping[str, str], chosen: Any) -> str:
    roles = str(environ.get("LABKIT_ROLES") or chosen or ROLES[0])
    if roles not in ROLES:
        raise build_lesson(SettingsError, "error.settings_roles", value=roles)
    return roles


def _build_prices(chosen: Mapping[str, Any]) -> dict[str, float]:
    try:
        prices = {name: float(value) for name, value in chosen.items()}
    except (TypeError, ValueError) as error:
        raise build_lesson(SettingsError, "error.settings_price", reason=str(error)) from error
    wrong = [f"{name} = {price}" for name, price in prices.items() if not (0 <= price < math.inf)]
    if wrong:
        raise build_lesson(SettingsError, "error.settings_price", reason=", ".join(wrong))
    return prices
