"""The account's budgets: the lab's alarm, where it was wanted. Many a student may not even list them."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.aws.budgets import delete_budget, find_budget, list_budgets
from labkit.aws.session import Clients
from labkit.steps.budget import KIND
from labkit.teardown.absent import read_tags
from labkit.teardown.thing import Shelf, Thing


def _list(clients: Clients) -> list[Thing]:
    account = clients.target.account
    return [Thing(KIND, name, None, f"arn:aws:budgets::{account}:budget/{name}") for name in list_budgets(clients)]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    def read() -> dict[str, str]:
        found = clients.find("budgets").list_tags_for_resource(ResourceARN=thing.arn)
        return {tag["Key"]: tag["Value"] for tag in found.get("ResourceTags", [])}

    return read_tags(read)


def _delete(clients: Clients, thing: Thing) -> None:
    delete_budget(clients, thing.name)


def _exists(clients: Clients, name: str) -> bool:
    return find_budget(clients, name) is not None


SHELF = Shelf(
    KIND,
    _list,
    _read_tags,
    _delete,
    _exists,
    "aws budgets delete-budget --account-id $(aws sts get-caller-identity {where} --query Account --output text) "
    "--budget-name {name} {where}",
    is_optional=True,
)
