"""What policies come to, as AWS's documentation has it: one line of `cases/*.jsonl` a case, each with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy, parse_policy
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Grants
from tests.unit.cloud.identity.principals import PRINCIPALS

_FOLDER = Path(__file__).parent / "cases"
CASES = [json.loads(line) for path in sorted(_FOLDER.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_policies_come_to_what_aws_says(case: Mapping[str, Any]) -> None:
    grants = Grants(
        identity=tuple(_policy(one, "identity") for one in case.get("identity", [])),
        boundary=_policy(case["boundary"], "boundary") if "boundary" in case else None,
        session=tuple(_policy(one, "session") for one in case["session"]) if "session" in case else None,
        resource=_policy(case["resource"], "resource") if "resource" in case else None,
        resource_must_allow=case.get("must", False),
        resource_account=case.get("owner"),
    )
    context = {key.lower(): _values(value) for key, value in case.get("context", {}).items()}
    decision = evaluate(PRINCIPALS[case["principal"]], Access(case["action"], case["on"], context), grants)
    assert (decision.effect, decision.source) == (case["effect"], case["by"])


def test_there_are_hundreds_of_cases_and_each_names_its_source() -> None:
    assert len(CASES) >= 400
    assert all(case["source"].startswith("https://docs.aws.amazon.com/") for case in CASES)


def _policy(statements: Any, name: str) -> Policy:
    """A case gives a whole document, or the statements of one of today's version."""
    document = statements if isinstance(statements, dict) else {"Version": "2012-10-17", "Statement": statements}
    return parse_policy(json.dumps(document), name)


def _values(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,)
