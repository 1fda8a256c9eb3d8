"""Athena workgroups, with their history of queries and their saved ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.aws.athena_workgroups import find_workgroup
from labkit.aws.session import Clients
from labkit.steps.workgroup import SHARED
from labkit.teardown.absent import read_tags, unless_missing
from labkit.teardown.thing import Shelf, Thing

KIND = "athena-workgroup"


def _list(clients: Clients) -> list[Thing]:
    place = f"{clients.target.region}:{clients.target.account}"
    found: list[Thing] = []
    token: dict[str, Any] = {}
    while True:  # boto3 has no paginator for it
        page = clients.athena.list_work_groups(**token)
        found += [
            Thing(KIND, item["Name"], item.get("CreationTime"), f"arn:aws:athena:{place}:workgroup/{item['Name']}")
            for item in page["WorkGroups"]
            if item["Name"] != SHARED
        ]
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    def read() -> dict[str, str]:
        # 50 tags at most, and a page holds 75 (https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTagsForResource.html).
        return {
            tag["Key"]: tag["Value"]
            for tag in clients.athena.list_tags_for_resource(ResourceARN=thing.arn).get("Tags", [])
        }

    return read_tags(read)


def _delete(clients: Clients, thing: Thing) -> None:
    unless_missing(clients.athena.delete_work_group, WorkGroup=thing.name, RecursiveDeleteOption=True)


def _exists(clients: Clients, name: str) -> bool:
    return find_workgroup(clients.athena, name) is not None


SHELF = Shelf(
    KIND,
    _list,
    _read_tags,
    _delete,
    _exists,
    "aws athena delete-work-group --work-group {name} --recursive-delete-option {where}",
)
