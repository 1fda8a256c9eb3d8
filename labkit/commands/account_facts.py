"""The facts about an AWS account that the doctor judges: read calls only, each failure a fact of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from labkit.aws.identity import find_identity
from labkit.aws.session import Clients
from labkit.commands.account_config import find_config_lines, find_profiles, find_regions
from labkit.commands.account_rights import find_refused
from labkit.commands.account_room import find_buckets, find_quotas, find_services
from labkit.commands.confirming import name_source
from labkit.doctor.account.facts import Account, Caller
from labkit.settings import Settings, with_account


def gather_account(settings: Settings, environ: Mapping[str, str], folder: Path) -> Account:
    """Look at the way, then ask STS, and if it answers look at the rest: about thirty read calls in all."""
    target = settings.target
    clients = Clients(target)
    facts = Account(
        region=target.region,
        regions=find_regions(environ, folder),
        rehearsal=target.endpoint_url or "",
        environ={name: value for name, value in environ.items() if name.startswith("AWS_")},
        profiles=find_profiles(environ),
        config_lines=() if target.rehearsal else find_config_lines(environ),
        expected_account=target.expected_account,
    )
    facts, lag = _ask_sts(clients, facts)
    facts = replace(facts, clock_lag_s=lag)
    if facts.caller is None:
        return facts
    if facts.expected_account and facts.expected_account != facts.caller.account:
        return facts  # another account's names and rights are not what was asked about
    known = with_account(settings, facts.caller.account)
    rights = find_refused(clients, known, facts.caller.arn)
    quotas, quota_error = find_quotas(clients)
    return replace(
        facts,
        services=find_services(clients),
        refused=rights.refused,
        pass_roles=rights.pass_roles,
        simulated=rights.asked,
        simulation_error=rights.error,
        buckets=find_buckets(clients, known),
        quotas=quotas,
        quota_error=quota_error,
    )


def _ask_sts(clients: Clients, facts: Account) -> tuple[Account, float | None]:
    """(the facts with the caller or the reason why there is none, this clock minus AWS's in seconds)."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        reply: Any = clients.sts.get_caller_identity()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        return replace(facts, credentials_error=str(error), credentials_code=code), _read_lag(error.response)
    except BotoCoreError as error:
        # boto3's own: NoCredentialsError, ProfileNotFound, an SSO session that has ended …
        name = type(error).__name__
        code = "NoCredentials" if name in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound") else name
        return replace(facts, credentials_error=str(error), credentials_code=code), None
    identity = find_identity(clients)
    left = None if identity.expires is None else (identity.expires - datetime.now(timezone.utc)).total_seconds()
    source = name_source(identity)
    caller = Caller(identity.account, identity.arn, identity.alias, source, identity.is_temporary, left)
    return replace(facts, caller=caller, profile=identity.profile), _read_lag(reply)


def _read_lag(reply: Mapping[str, Any]) -> float | None:
    """From the Date of AWS's answer, which has whole seconds."""
    from email.utils import parsedate_to_datetime

    told = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    if not told:
        return None
    try:
        return time.time() - parsedate_to_datetime(told).timestamp()
    except (TypeError, ValueError):
        return None
