"""Log groups: moto keeps them (for tags and CloudFormation), their rules and their listing are here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.logs.models import logs_backends

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.logs.checks import bounded, check_text, group_name, invalid, not_found
from labkit.cloud.logs.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkit.cloud.logs.storage import LogStorage

RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
_CLASSES = ("STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS")
_DAY_MS = 86_400_000
_GROUP_ARN = re.compile(r"arn:aws[\w-]*:logs:(?P<region>[\w-]+):(?P<account>\d{12}):log-group:(?P<name>[^:*]+)(:\*)?")


def find_group(scope: Scope, name: str) -> Any:
    """moto's log group, or None."""
    return logs_backends[scope.account][scope.region].groups.get(name)


def get_group(scope: Scope, name: str) -> Any:
    """moto's log group; AwsError ResourceNotFoundException."""
    found = find_group(scope, name)
    if found is None:
        raise not_found("group")
    return found


def named_group(params: Mapping[str, Any], scope: Scope) -> str:
    """The group that a call names by logGroupName or logGroupIdentifier (name or ARN) and that exists."""
    name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
    if name is not None and identifier is not None:
        raise invalid("LogGroup name and LogGroup identifier are mutually exclusive parameters.")
    if name is None and identifier is None:
        raise invalid("Must specify a LogGroup name or a LogGroup identifier.")
    found = group_name(name) if name is not None else name_of(str(identifier))
    get_group(scope, found)
    return found


def name_of(identifier: str) -> str:
    """The group's name in an identifier (a name or an ARN)."""
    match = _GROUP_ARN.fullmatch(identifier)
    return match["name"] if match else group_name(identifier, "logGroupIdentifier")


def oldest_kept(scope: Scope, name: str, now_ms: int) -> int | None:
    """The time (epoch ms) before which the group's retention has taken events away; None when they never expire."""
    group = find_group(scope, name)
    days = getattr(group, "retention_in_days", None)
    return now_ms - int(days) * _DAY_MS if days else None


class Groups:
    """CreateLogGroup and its like."""

    def __init__(
        self,
        storage: LogStorage,
        changed: Callable[[Scope], None],
        forget: Callable[[Scope, str], None],
        filter_count: Callable[[Scope, str], int],
        now_ms: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._changed = changed
        self._forget = forget
        self._filter_count = filter_count
        self._now_ms = now_ms

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls about groups."""
        return {
            "CreateLogGroup": self.create,
            "DeleteLogGroup": self.delete,
            "DescribeLogGroups": self.describe,
            "ListLogGroups": self.list_groups,
            "PutRetentionPolicy": self.put_retention,
            "DeleteRetentionPolicy": self.delete_retention,
        }

    def create(self, call: Call) -> dict[str, Any]:
        """CreateLogGroup."""
        name, scope = group_name(call.params.get("logGroupName")), call.scope
        if name.startswith("aws/"):
            raise invalid("Log groups starting with AWS/ are reserved for AWS.")
        kind = call.params.get("logGroupClass") or "STANDARD"
        if kind not in _CLASSES:
            raise invalid_enum(kind, "logGroupClass", _CLASSES)
        if kind == "DELIVERY" or call.params.get("deletionProtectionEnabled"):
            what = "log groups of class DELIVERY" if kind == "DELIVERY" else "deletionProtectionEnabled"
            raise AwsError(
                "InvalidParameterException", f"labkit's local cloud does not carry out {what}, so it refuses it."
            )
        if find_group(scope, name) is not None:
            raise AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
        self._forget(scope, name)  # what CloudFormation deleted, it deleted without a word
        backend = logs_backends[scope.account][scope.region]
        made = backend.create_log_group(name, call.params.get("tags") or {}, kmsKeyId=call.params.get("kmsKeyId"))
        made.log_group_class = kind
        self._changed(scope)
        return {}

    def delete(self, call: Call) -> dict[str, Any]:
        """DeleteLogGroup: the group, its streams, its events, its filters."""
        name, scope = group_name(call.params.get("logGroupName")), call.scope
        get_group(scope, name)
        logs_backends[scope.account][scope.region].delete_log_group(name)
        self._forget(scope, name)
        self._changed(scope)
        return {}

    def describe(self, call: Call) -> dict[str, Any]:
        """DescribeLogGroups, by name."""
        params = call.params
        prefix, pattern = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
        if prefix is not None and pattern is not None:
            raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        if prefix is not None:
            group_name(prefix, "logGroupNamePrefix")
        limit = bounded(params, "limit", 50, 50)
        wanted = [name_of(str(one)) for one in params.get("logGroupIdentifiers") or []]
        groups = [
            group
            for name, group in self._all(call.scope, params.get("logGroupClass"))
            if name.startswith(prefix or "") and (pattern or "") in name and (not wanted or name in wanted)
        ]
        found, more = page(groups, lambda group: group.name, params.get("nextToken"), limit)
        shown = [self._describe(call.scope, group) for group in found]
        if pattern is not None:
            shown = [{key: group[key] for key in ("arn", "creationTime", "logGroupName")} for group in shown]
        return {"logGroups": shown, **more}

    def list_groups(self, call: Call) -> dict[str, Any]:
        """ListLogGroups: names, ARNs and classes; the pattern is a substring, `^` binds it to the beginning."""
        params, pattern = call.params, call.params.get("logGroupNamePattern") or ""
        limit = bounded(params, "limit", 1000, 50)
        groups = [group for name, group in self._all(call.scope, params.get("logGroupClass")) if _fits(pattern, name)]
        found, more = page(groups, lambda group: group.name, params.get("nextToken"), limit)
        keep = ("logGroupName", "logGroupArn", "logGroupClass")
        described = (self._describe(call.scope, group) for group in found)
        return {"logGroups": [{key: group[key] for key in keep} for group in described], **more}

    def put_retention(self, call: Call) -> dict[str, Any]:
        """PutRetentionPolicy: what is older goes at once."""
        name, days = group_name(call.params.get("logGroupName")), call.params.get("retentionInDays")
        if days not in RETENTION_DAYS or isinstance(days, bool):
            allowed = ", ".join(map(str, RETENTION_DAYS))
            raise invalid(
                f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{allowed}]"
            )
        get_group(call.scope, name).set_retention_policy(days)
        self._changed(call.scope)
        before = oldest_kept(call.scope, name, self._now_ms())
        if before is not None:
            self._storage.expire(call.scope, name, before)
        return {}

    def delete_retention(self, call: Call) -> dict[str, Any]:
        """DeleteRetentionPolicy."""
        get_group(call.scope, group_name(call.params.get("logGroupName"))).set_retention_policy(None)
        self._changed(call.scope)
        return {}

    def _all(self, scope: Scope, kind: Any) -> list[tuple[str, Any]]:
        if kind is not None:
            check_text(kind, "logGroupClass", 1, 64)
        groups = sorted(logs_backends[scope.account][scope.region].groups.items())
        return [(name, group) for name, group in groups if kind in (None, _class_of(group))]

    def _describe(self, scope: Scope, group: Any) -> dict[str, Any]:
        arn = group.arn.removesuffix(":*")
        shown = {
            "logGroupName": group.name,
            "creationTime": _epoch_ms(group.creation_time),
            "metricFilterCount": self._filter_count(scope, group.name),
            "arn": f"{arn}:*",
            "storedBytes": self._storage.stored_bytes(scope, group.name),
            "logGroupClass": _class_of(group),
            "logGroupArn": arn,
            "deletionProtectionEnabled": False,
        }
        optional = {"retentionInDays": group.retention_in_days, "kmsKeyId": group.kms_key_id}
        return shown | {name: value for name, value in optional.items() if value}


def _class_of(group: Any) -> str:
    return str(getattr(group, "log_group_class", None) or "STANDARD")


def _fits(pattern: str, name: str) -> bool:
    parts = pattern.split("|") if pattern else [""]
    return any(name.startswith(part[1:]) if part.startswith("^") else part in name for part in parts)


def _epoch_ms(at: Any) -> int:
    from datetime import timezone

    return int(at.replace(tzinfo=timezone.utc).timestamp() * 1000)


def invalid_enum(value: Any, name: str, allowed: tuple[str, ...]) -> AwsError:
    """The refusal of a value that is none of the allowed ones."""
    return invalid(
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(allowed)}]"
    )
