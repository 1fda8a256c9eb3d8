"""Names and ARNs in requests, pages, and the words of refusals that several calls share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.event_bus.records import DEFAULT_BUS

_PAGE = 100


def bus_name(params: Mapping[str, Any], key: str = "EventBusName") -> str:
    """The bus that a request names, by name or ARN; the default one when it names none."""
    return read_bus(params.get(key) or DEFAULT_BUS)


def read_bus(name_or_arn: str) -> str:
    """The name in a name or an ARN."""
    return name_or_arn.split(":event-bus/", 1)[1] if ":event-bus/" in name_or_arn else name_or_arn


def scope_of_arn(arn: str, scope: Scope) -> Scope:
    """The account and region of an ARN; ``scope`` for a bare name."""
    parts = arn.split(":")
    return Scope(parts[4], parts[3]) if len(parts) > 5 and parts[0] == "arn" else scope


def page(items: Sequence[Any], call: Call, key: str) -> dict[str, Any]:
    """A page of a list as NextToken and Limit want it; ValidationException for a token that is none of ours."""
    token = call.params.get("NextToken") or "0"
    if not (token.isascii() and token.isdigit() and int(token) <= len(items)):
        raise AwsError("ValidationException", "Parameter NextToken is not valid.")
    start = int(token)
    end = start + int(call.params.get("Limit") or _PAGE)
    more = {"NextToken": str(end)} if end < len(items) else {}
    return {key: list(items[start:end]), **more}


def not_here(what: str) -> AwsError:
    """The refusal of what the local cloud does not carry out."""
    return AwsError("NotImplemented", f"labkit's local cloud {what}", 501)


def tags_of(given: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags of a request by key."""
    return {tag["Key"]: tag["Value"] for tag in given or ()}
