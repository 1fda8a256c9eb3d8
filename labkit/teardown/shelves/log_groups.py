"""Log groups of one maker; those that all jobs or crawlers of an account share are another matter (`shared_logs`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from labkit.aws.logs import find_log_group
from labkit.aws.session import Clients
from labkit.steps.shared_groups import SHARED_GROUPS
from labkit.teardown.absent import read_tags, unless_missing
from labkit.teardown.thing import Shelf, Thing

KIND = "log-group"


def _list(clients: Clients) -> list[Thing]:
    return [
        Thing(
            KIND,
            group["logGroupName"],
            datetime.fromtimestamp(group["creationTime"] / 1000, timezone.utc),
            # DescribeLogGroups ends an ARN in ":*"; the tag operations want it without.
            group["arn"].removesuffix(":*"),
        )
        for page in clients.logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
        if group["logGroupName"] not in SHARED_GROUPS
    ]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    return read_tags(lambda: dict(clients.logs.list_tags_for_resource(resourceArn=thing.arn).get("tags", {})))


def _delete(clients: Clients, thing: Thing) -> None:
    unless_missing(clients.logs.delete_log_group, logGroupName=thing.name)


def _exists(clients: Clients, name: str) -> bool:
    return find_log_group(clients.logs, name) is not None


SHELF = Shelf(KIND, _list, _read_tags, _delete, _exists, "aws logs delete-log-group --log-group-name {name} {where}")
