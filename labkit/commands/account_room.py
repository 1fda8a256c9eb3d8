"""What the account and the region have room for: services that answer, bucket names, quotas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.aws.session import Clients, error_code
from labkit.doctor.account.facts import Quota
from labkit.settings import Settings
from labkit.steps.ledger import Ledger
from labkit.steps.tags import build_tags, is_own

_MISSING = ("404", "NoSuchBucket", "NotFound")
_DENIED = ("403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
# By the names that Service Quotas gives them (https://docs.aws.amazon.com/general/latest/gr/glue.html, …/gr/lambda-service.html), and
# what the lab needs: one job of two G.1X workers at a time, and one function at a time.
_NEEDED = {
    "glue": {"max task dpus per account": 2.0, "max concurrent job runs per account": 1.0},
    "lambda": {"concurrent executions": 1.0},
}


def find_services(clients: Clients) -> dict[str, str]:
    """Service → "" when it answered (a refusal is an answer), "absent" where the region has none, else the error."""
    looks: dict[str, Callable[[], Any]] = {
        "s3": lambda: clients.s3.list_buckets(MaxBuckets=1),
        "iam": lambda: clients.iam.list_roles(MaxItems=1),
        "glue": lambda: clients.glue.get_databases(MaxResults=1),
        "lambda": lambda: clients.lambda_.list_functions(MaxItems=1),
        "athena": lambda: clients.athena.list_work_groups(MaxResults=1),
        "logs": lambda: clients.logs.describe_log_groups(limit=1),
    }
    return {service: _look(clients, service, look) for service, look in looks.items()}


def _look(clients: Clients, service: str, look: Callable[[], Any]) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        look()
    except ClientError as error:
        return "" if error_code(error) in _DENIED else str(error)
    except BotoCoreError as error:
        return str(error) if _has_service(clients, service) else "absent"
    return ""


def _has_service(clients: Clients, service: str) -> bool:
    """By botocore's own list of endpoints; a service that is the same for all regions has none of its own."""
    import boto3

    known = boto3.Session().get_available_regions(service)
    return not known or clients.target.region in known


def find_buckets(clients: Clients, settings: Settings) -> dict[str, str]:
    """Bucket name → its state (see Account.buckets)."""
    tags = build_tags(settings)
    ledger = Ledger(settings.state_dir, settings.target)
    made = {entry.name for entry in ledger.entries() if ledger.is_here(entry) and entry.state != "refused"}
    return {name: _judge_bucket(clients, name, tags, made) for name in settings.names.lab_bucket_names}


def _judge_bucket(clients: Clients, name: str, tags: dict[str, str], made: set[str]) -> str:
    from botocore.exceptions import ClientError

    try:
        reply: Any = clients.s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error_code(error) in _MISSING:
            return "free"
        headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        elsewhere = headers.get("x-amz-bucket-region", "")
        return elsewhere if error_code(error) == "301" and elsewhere else "taken"
    region = reply.get("BucketRegion") or clients.target.region
    if region != clients.target.region:
        return str(region)
    return "ours" if name in made or _is_tagged(clients, name, tags) else "foreign"


def _is_tagged(clients: Clients, name: str, tags: dict[str, str]) -> bool:
    from botocore.exceptions import ClientError

    try:
        found = clients.s3.get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError:
        return False
    return is_own({item["Key"]: item["Value"] for item in found}, tags)


def find_quotas(clients: Clients) -> tuple[tuple[Quota, ...] | None, str]:
    """(the quotas that matter here, "" or why Service Quotas does not tell)."""
    from botocore.exceptions import BotoCoreError, ClientError

    found: list[Quota] = []
    try:
        for service, needed in _NEEDED.items():
            pages = clients.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=service)
            for page in pages:
                found += [
                    Quota(item["QuotaName"], float(item["Value"]), needed[item["QuotaName"].lower()])
                    for item in page["Quotas"]
                    if item["QuotaName"].lower() in needed
                ]
    except (ClientError, BotoCoreError) as error:
        return None, str(error)
    return tuple(found), "" if found else "ListServiceQuotas: -"
