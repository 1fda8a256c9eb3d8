"""The six steps on target aws: made once, tagged, apart from another student's, ours even when the ledger was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.budgets import delete_budget, find_budget, list_budgets, list_thresholds
from labkit.aws.owned_tags import read_tags
from labkit.cli import main
from labkit.prices import load_prices
from labkit.steps.ownership import find_conflicts, list_wanted
from labkit.steps.plan import plan_whole

if TYPE_CHECKING:
    from collections.abc import Callable

PRICES = load_prices()


@pytest.mark.slow
def test_six_steps_are_made_once_and_are_ours(
    rehearse: Callable[[str], Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    mine, others = rehearse("apply-1"), rehearse("apply-2")
    shell(mine)
    assert main(["apply", "--yes"]) == 0
    assert capsys.readouterr().err.startswith("ENSAYO")
    assert plan_whole(mine.clients, mine.lab, PRICES, mine.ledger).calls == ()
    assert {entry.state for entry in mine.ledger.entries() if entry.kind != "shared-log-group"} == {"made"}
    assert {entry.target for entry in mine.ledger.entries()} == {"rehearsal"}
    for one in list_wanted(mine.lab):
        if one.step != 7:  # The second crawler is made by `labkit run`.
            assert read_tags(mine.clients, one.kind, one.name) == mine.lab.tags, one
    # Another student's lab is not in the way, and is made beside it.
    assert find_conflicts(others.clients, others.lab, others.ledger) == ()
    assert len(plan_whole(others.clients, others.lab, PRICES, others.ledger).calls) == 36
    # The ledger is lost: the tags say whose it is, and applying again makes nothing twice.
    mine.ledger.path.unlink()
    assert find_conflicts(mine.clients, mine.lab, mine.ledger) == ()
    assert main(["apply", "--yes"]) == 0
    assert capsys.readouterr().out.count("ya estaba") == 6


def test_a_given_role_is_used_and_nothing_is_done_to_it(
    rehearse: Callable[..., Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str], aws: Any
) -> None:
    arn = "arn:aws:iam::123456789012:role/LabRoleOfTheSchool"
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    aws("iam").create_role(RoleName="LabRoleOfTheSchool", AssumeRolePolicyDocument=trust)
    mine = rehearse("apply-3", LABKIT_GLUE_ROLE=arn, LABKIT_LAMBDA_ROLE=arn)
    shell(mine)
    assert main(["plan", "2", "4"]) == 0
    said = capsys.readouterr().out
    assert f"{arn} se usa tal como es, y glue.amazonaws.com puede asumirlo" in said
    assert f"la política de confianza de {arn} no nombra a lambda.amazonaws.com" in said
    assert "iam.create_role" not in said
    plan = plan_whole(mine.clients, mine.lab, PRICES, mine.ledger)
    job = next(call for call in plan.calls if call.operation == "create_job")
    assert job.params["Role"] == arn


@pytest.mark.slow
def test_a_budget_mails_at_eighty_and_a_hundred_and_goes_again(
    rehearse: Callable[[str], Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    mine = rehearse("apply-4")
    shell(mine)
    assert main(["apply", "2", "--yes", "--budget", "5", "--email", "ana@example.org"]) == 0
    assert "no para nada" in capsys.readouterr().out
    (entry,) = [entry for entry in mine.ledger.entries() if entry.kind == "budget"]
    found = find_budget(mine.clients, entry.name)
    assert found is not None
    assert float(found["BudgetLimit"]["Amount"]) == 5
    assert list_thresholds(mine.clients, entry.name) == {80, 100}
    assert main(["apply", "2", "--yes", "--budget", "5"]) == 0
    delete_budget(mine.clients, entry.name)
    delete_budget(mine.clients, entry.name)
    assert entry.name not in list_budgets(mine.clients)


@pytest.mark.slow
def test_the_event_the_job_and_the_query_on_target_aws(
    rehearse: Callable[[str], Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    import json

    mine = rehearse("apply-5")
    shell(mine)
    assert main(["run", "--yes", "--json", str(tmp_path / "run.json")]) == 0
    report = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert report["target"] == "aws"
    assert sum(month["rows"] for month in report["months"]) > 10_000
    costs = {line["key"]: line["usd"] for line in report["costs"]}
    assert round(costs["cost.crawls"], 4) == 0.2933
    assert costs["cost.queries"] == pytest.approx(0.0001)
    capsys.readouterr()
    assert main(["cost", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    by_kind: dict[str, float] = {}
    for charge in document["charges"]:
        by_kind[charge["kind"]] = by_kind.get(charge["kind"], 0) + charge["usd"]
    assert round(by_kind["crawler"], 4) == 0.2933
    assert by_kind["job"] == pytest.approx(costs["cost.job"])
    assert by_kind["query"] == pytest.approx(0.0001)
    assert document["usd"] == pytest.approx(sum(usd for kind, usd in by_kind.items() if kind != "storage"))
    # Once more: what was written down is not counted twice.
    assert main(["cost", "--json"]) == 0
    again = {charge["kind"]: charge["usd"] for charge in json.loads(capsys.readouterr().out)["charges"]}
    assert again["job"] == pytest.approx(costs["cost.job"])
