"""What boto3 really sends, and what it needs: one line of `cases.jsonl` a call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud import hooks
from labkit.cloud.identity.requests import kept

CASES = [json.loads(line) for line in Path(__file__).with_name("cases.jsonl").read_text(encoding="utf-8").splitlines()]
GROUPS = {"q-lab": "lab", "q-primary": "primary", "n-lab": "lab"}


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    """A user with a path, a role, and executions of two workgroups."""
    hooks.set_environment()
    iam = kept.iam(hooks.ACCOUNT)
    iam.create_user("us-east-1", "known", path="/team/")
    iam.create_role("etl", "{}", "/", None, "", [], 3600)
    kept.use_work_groups(lambda kind, identifier, account, region: GROUPS.get(identifier))
    yield
    kept.use_work_groups(None)
    iam.roles.clear()
    iam.users.clear()


@pytest.mark.parametrize("service", sorted({case["call"].partition(":")[0] for case in CASES}))
def test_a_request_needs_what_its_line_says(service: str, ask: Any) -> None:
    wrong = []
    for case in CASES:
        name, _, operation = case["call"].partition(":")
        if name == service:
            needed = ask(service, operation, case.get("style", "path"), **case["params"])
            found = [f"{access.action} {access.resource}" for access in needed.accesses]
            if (needed.operation, found) != (operation, case["needs"]):
                wrong.append((case, needed.operation, found))
    assert not wrong


def test_there_are_cases_for_every_service_that_has_rules() -> None:
    from labkit.cloud.identity.requests.tables import _RULES

    assert {*_RULES, "s3"} == {case["call"].partition(":")[0] for case in CASES}
    assert len(CASES) > 400
