"""The optional alarm: a monthly budget for the account that mails at 80 and at 100 per cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from labkit.aws.budgets import find_budget, list_thresholds
from labkit.aws.call import AwsCall
from labkit.aws.session import Clients
from labkit.names import build_student_mark
from labkit.steps.lab import Lab
from labkit.steps.step import Step
from labkit.steps.tags import as_list

# No step of the lab: the ledger tells it apart by this number.
NUMBER = 10
KIND = "budget"
_THRESHOLDS = (80, 100)


@dataclass(frozen=True)
class Budget:
    """`usd` a month for the whole account; `email` "" for a budget that is only looked at in the console."""

    name: str
    usd: float
    email: str


def build_budget(student: str, usd: float, email: str) -> Budget:
    """The budget of one student's lab."""
    mark = build_student_mark(student)
    return Budget("bsg-lab-budget" + (f"-{mark}" if mark else ""), usd, email)


def build_step(budget: Budget) -> Step:
    """The budget as a step, so that plan, apply and ledger work on it as on the six of the lab."""
    return Step(NUMBER, "budget", partial(_plan, budget))


def _plan(budget: Budget, clients: Clients, lab: Lab) -> list[AwsCall]:
    found = find_budget(clients, budget.name)
    if found is None:
        params = {
            "AccountId": lab.account,
            "Budget": _describe(budget),
            "NotificationsWithSubscribers": _list_notifications(budget),
            "ResourceTags": as_list(lab.tags),
        }
        return [_build_call("create", params, budget, "plan.reason.missing")]
    calls: list[AwsCall] = []
    if float(found.get("BudgetLimit", {}).get("Amount", 0)) != budget.usd:
        params = {"AccountId": lab.account, "NewBudget": _describe(budget)}
        calls.append(_build_call("update", params, budget, "plan.reason.differs"))
    return calls + _plan_notifications(budget, clients, lab)


def _plan_notifications(budget: Budget, clients: Clients, lab: Lab) -> list[AwsCall]:
    """The mails that an existing budget does not send yet; parts of the budget, which go with it."""
    wanted = _list_notifications(budget)
    present = list_thresholds(clients, budget.name) if wanted else set()
    return [
        AwsCall(
            "budgets",
            "create_notification",
            {"AccountId": lab.account, "BudgetName": budget.name, **one},
            "update",
            KIND,
            budget.name,
            reason="plan.reason.missing",
        )
        for one in wanted
        if one["Notification"]["Threshold"] not in present
    ]


def _build_call(verb: str, params: Mapping[str, Any], budget: Budget, reason: str) -> AwsCall:
    return AwsCall("budgets", f"{verb}_budget", params, verb, KIND, budget.name, reason=reason)


def _describe(budget: Budget) -> dict[str, Any]:
    limit = {"Amount": f"{budget.usd:.2f}", "Unit": "USD"}
    return {"BudgetName": budget.name, "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}


def _list_notifications(budget: Budget) -> list[dict[str, Any]]:
    """AWS takes no notification without somebody to tell."""
    if not budget.email:
        return []
    subscriber = {"SubscriptionType": "EMAIL", "Address": budget.email}
    return [
        {
            "Notification": {
                "NotificationType": "ACTUAL",
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": threshold,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": [subscriber],
        }
        for threshold in _THRESHOLDS
    ]
