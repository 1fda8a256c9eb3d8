"""AWS Budgets: a monthly amount for the whole account, and mails when it is nearly or wholly spent.

A budget only watches: figures are hours old, and nothing is stopped
(https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html). Budgets without actions cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from labkit.aws.session import Clients

_MISSING = {"NotFoundException"}


def find_budget(clients: Clients, name: str) -> dict[str, Any] | None:
    """The budget of this name in the caller's account as AWS describes it, or None."""
    from botocore.exceptions import ClientError

    try:
        found = clients.find("budgets").describe_budget(AccountId=clients.target.account, BudgetName=name)
    except ClientError as error:
        if error_code(error) in _MISSING:
            return None
        raise
    return dict(found["Budget"])


def list_thresholds(clients: Clients, name: str) -> set[float]:
    """The per cents at which a budget notifies somebody."""
    told = clients.find("budgets").describe_notifications_for_budget(AccountId=clients.target.account, BudgetName=name)
    return {float(item["Threshold"]) for item in told.get("Notifications", [])}


def list_budgets(clients: Clients) -> list[str]:
    """Names of all budgets of the account, sorted."""
    names: list[str] = []
    token: dict[str, Any] = {}
    while True:
        page = clients.find("budgets").describe_budgets(AccountId=clients.target.account, **token)
        names += [budget["BudgetName"] for budget in page.get("Budgets", [])]
        if not page.get("NextToken"):
            return sorted(names)
        token = {"NextToken": page["NextToken"]}


def delete_budget(clients: Clients, name: str) -> None:
    """Delete the budget and its notifications; one that is gone already is no error."""
    from botocore.exceptions import ClientError

    try:
        clients.find("budgets").delete_budget(AccountId=clients.target.account, BudgetName=name)
    except ClientError as error:
        if error_code(error) not in _MISSING:
            raise
