"""What the doctor knows of an AWS account: plain facts, gathered by read calls elsewhere, so that each bad day can be written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Caller:
    """Who STS says calls. `expires_in_s` is None for keys that do not end or whose end boto3 is not told."""

    account: str
    arn: str
    alias: str = ""
    source: str = ""
    is_temporary: bool = False
    expires_in_s: float | None = None


@dataclass(frozen=True)
class Refused:
    """A permission that the simulation denies: action, ARN, and whether a policy denies it by name."""

    action: str
    resource: str
    explicit: bool = False


@dataclass(frozen=True)
class Quota:
    """A limit of the account as Service Quotas tells it, and what the lab needs of it."""

    name: str
    value: float
    needed: float


@dataclass(frozen=True)
class Account:
    """One account from here. A text ending in `_error` is "" when all went well; None means that nobody looked.

    `regions` is where a region is named → the region. `profiles` are those of the user's files. `config_lines` are the lines of
    ~/.aws/config that send calls elsewhere (`[default] endpoint_url = …`). `buckets` is name → "free", "ours", "foreign" (this
    account's, not the lab's), "taken" (another account's, or not to be listed), or the region where it is. `services` is service →
    "" (answered), "absent" (this region has none), or AWS's error. `clock_lag_s` is this clock minus AWS's.
    """

    region: str = "us-east-1"
    regions: Mapping[str, str] = field(default_factory=dict)
    rehearsal: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    profile: str = ""
    profiles: tuple[str, ...] = ()
    config_lines: tuple[str, ...] = ()
    expected_account: str = ""
    caller: Caller | None = None
    credentials_error: str = ""
    credentials_code: str = ""
    clock_lag_s: float | None = None
    services: Mapping[str, str] | None = None
    refused: tuple[Refused, ...] | None = None
    simulated: int = 0
    simulation_error: str = ""
    pass_roles: tuple[Refused, ...] | None = None
    buckets: Mapping[str, str] | None = None
    quotas: tuple[Quota, ...] | None = None
    quota_error: str = ""
