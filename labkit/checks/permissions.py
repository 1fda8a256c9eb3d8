"""What policies would say, asked of IAM's own simulator: any way of writing the right policy passes, and no wrong one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_iam.client import IAMClient

ALLOWED = "allowed"
EXPLICIT_DENY = "explicitDeny"
VERSION = "2012-10-17"
_ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Question:
    """May it do `action` on the ARN `resource`? `keys` are the condition keys of the request; `label` is for whoever asks."""

    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict)
    label: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """Action and ARN for a text, with the condition keys when there are some."""
        keys = ", ".join(f"{name} = {value}" for name, value in self.keys.items())
        return {"action": self.action, "resource": self.resource + (f" ({keys})" if keys else "")}


def ask_about_principal(iam: IAMClient, arn: str, questions: Sequence[Question]) -> list[str]:
    """The decision for each question about a user or role: "allowed", "implicitDeny" or "explicitDeny"."""
    return _ask(iam.simulate_principal_policy, {"PolicySourceArn": arn}, questions)


def ask_about_resource(iam: IAMClient, policy: str, questions: Sequence[Question], caller: str = "") -> list[str]:
    """The decisions for somebody whose own policies allow everything: what is denied is denied by the resource's `policy`.

    `caller` is the ARN of an IAM user; without one it is a user that no policy can name.
    """
    given: dict[str, Any] = {"PolicyInputList": [build_document([_ALLOW_ALL])], "ResourcePolicy": policy}
    return _ask(iam.simulate_custom_policy, given | ({"CallerArn": caller} if caller else {}), questions)


def ask_about_statements(
    iam: IAMClient, statements: Sequence[Mapping[str, Any]], questions: Sequence[Question]
) -> list[str]:
    """The decisions of identity-based statements that nobody needs to have."""
    return _ask(iam.simulate_custom_policy, {"PolicyInputList": [build_document(statements)]}, questions)


def build_document(statements: Sequence[Mapping[str, Any]]) -> str:
    """A policy document of these statements, as JSON."""
    return json.dumps({"Version": VERSION, "Statement": list(statements)})


def _ask(simulate: Any, given: Mapping[str, Any], questions: Sequence[Question]) -> list[str]:
    """One call for all questions with the same condition keys: every action on every ARN, which is cheap, and what was asked is kept."""
    decisions: dict[int, str] = {}
    numbered = sorted(enumerate(questions), key=lambda item: sorted(item[1].keys.items()))
    for _, group in groupby(numbered, key=lambda item: sorted(item[1].keys.items())):
        same = list(group)
        request = {
            **given,
            "ActionNames": list(dict.fromkeys(question.action for _, question in same)),
            "ResourceArns": list(dict.fromkeys(question.resource for _, question in same)),
            "ContextEntries": _entries({**_build_account_keys(given), **same[0][1].keys}),
        }
        said = _collect(simulate, request)
        decisions |= {number: said[question.action, question.resource] for number, question in same}
    return [decisions[number] for number in range(len(questions))]


def _build_account_keys(given: Mapping[str, Any]) -> dict[str, str]:
    """What AWS knows of every call inside one account and the simulator must be told: whose the caller and the resource are."""
    account = str(given.get("PolicySourceArn", "")).split(":")[4:5]
    return dict.fromkeys(("aws:PrincipalAccount", "aws:ResourceAccount"), account[0]) if account and account[0] else {}


def _collect(simulate: Any, request: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(action, ARN) → decision, from every page; an answer tells of its ARNs one by one or in a list of their own."""
    said: dict[tuple[str, str], str] = {}
    marker: dict[str, str] = {}
    while True:
        reply = simulate(**request, **marker, MaxItems=1000)
        for item in reply["EvaluationResults"]:
            action = item["EvalActionName"]
            said[action, item["EvalResourceName"]] = item["EvalDecision"]
            for specific in item.get("ResourceSpecificResults", []):
                said[action, specific["EvalResourceName"]] = specific["EvalResourceDecision"]
        if not reply.get("IsTruncated"):
            return said
        marker = {"Marker": reply["Marker"]}


def _entries(keys: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "ContextKeyName": name,
            "ContextKeyValues": [value],
            "ContextKeyType": "boolean" if value in ("true", "false") else "string",
        }
        for name, value in keys.items()
    ]


def list_statements(document: Any) -> list[dict[str, Any]]:
    """The statements of a policy document, one or a list; empty for anything that is none."""
    found = document.get("Statement") if isinstance(document, dict) else None
    return [item for item in listed(found) if isinstance(item, dict)]


def listed(value: Any) -> list[Any]:
    """A policy's element as a list: AWS takes one value or several."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]
