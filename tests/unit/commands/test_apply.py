"""`labkit apply`: which steps, which budget, and credentials that end in the middle of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labkit import i18n
from labkit.aws.call import AwsCall
from labkit.aws.identity import Identity
from labkit.aws.refusals import build_refusal
from labkit.aws.session import Wait
from labkit.commands import apply
from labkit.commands.budget import choose_budget, render_budget_notes
from labkit.errors import AwsCallError, UsageError
from labkit.settings import Settings, read_settings, with_account

ACCOUNT = "210987654321"


@pytest.fixture(autouse=True)
def spanish() -> None:
    i18n.use_language("es")


def settings(**environ: str) -> Settings:
    return with_account(read_settings({"LABKIT_TARGET": "aws", **environ}, Path("/nowhere")), ACCOUNT)


def expired() -> AwsCallError:
    error = ClientError({"Error": {"Code": "ExpiredToken", "Message": "The token has expired"}}, "CreateRole")
    lesson = build_refusal(error, "iam.create_role (r)", settings().target)
    lesson.__cause__ = error
    assert isinstance(lesson, AwsCallError)
    return lesson


class Renewing:
    """Clients whose keys come from `method`; they count how often they were renewed."""

    def __init__(self, method: str = "shared-credentials-file") -> None:
        self.target = settings().target
        self.method = method
        self.renewed = 0

    def find_credentials(self) -> Any:
        return SimpleNamespace(method=self.method)

    def renew(self) -> None:
        self.renewed += 1


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, account: str = ACCOUNT) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "")
    caller = Identity(account, f"arn:aws:iam::{account}:user/ana", "", "", "", True, None)
    monkeypatch.setattr("labkit.aws.identity.find_identity", lambda _clients: caller)
    return asked


class Work:
    def __init__(self, times: int) -> None:
        self.left = times
        self.done = 0

    def __call__(self) -> None:
        if self.left:
            self.left -= 1
            raise expired()
        self.done += 1


def test_a_terminal_may_renew_the_credentials_and_the_work_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = at_a_terminal(monkeypatch)
    clients: Any = Renewing()
    work = Work(2)
    apply._apply_patiently(clients, settings(), work)
    assert (work.done, clients.renewed, len(asked)) == (1, 2, 2)
    assert "han caducado" in capsys.readouterr().err


def test_renewed_credentials_of_another_account_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, "111122223333")
    work = Work(1)
    clients: Any = Renewing()
    with pytest.raises(UsageError, match="son de la cuenta 111122223333"):
        apply._apply_patiently(clients, settings(), work)
    assert work.done == 0


def test_a_script_ends_with_the_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    clients: Any = Renewing()
    with pytest.raises(AwsCallError, match="han caducado") as caught:
        apply._apply_patiently(clients, settings(), Work(1))
    assert caught.value.exit_code == 1
    assert clients.renewed == 0


def test_keys_in_variables_cannot_be_renewed_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    clients: Any = Renewing("env")
    with pytest.raises(AwsCallError, match="han caducado"):
        apply._apply_patiently(clients, settings(), Work(1))


def test_another_failure_is_nobodys_to_renew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = at_a_terminal(monkeypatch)

    def work() -> None:
        raise AwsCallError("no")

    clients: Any = Renewing()
    with pytest.raises(AwsCallError, match="no"):
        apply._apply_patiently(clients, settings(), work)
    assert asked == []


def test_the_steps_are_those_that_were_named() -> None:
    assert [step.number for step in apply.choose_steps([])] == [1, 2, 3, 4, 5, 6]
    assert [step.number for step in apply.choose_steps([4, 2, 4])] == [2, 4]
    with pytest.raises(UsageError, match="No hay paso 0, 9"):
        apply.choose_steps([9, 0, 1])


def test_how_long_each_call_waited_is_told_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    call = AwsCall("glue", "create_crawler", {}, "create", "glue-crawler", "c")
    apply._tell_waits([Wait(call, "propagation", 7.25, True), Wait(call, "throttling", 1.5, True)])
    said = capsys.readouterr().out
    assert "glue.create_crawler esperó 7.2 s a que AWS reconociera lo recién hecho." in said
    assert "esperó 1.5 s porque AWS pidió ir más despacio." in said


def choose(budget: float | None, email: str = "", **environ: str) -> Any:
    chosen = settings(**environ) if environ.get("LABKIT_TARGET") != "local" else read_settings({}, Path("/nowhere"))
    return choose_budget(argparse.Namespace(budget=budget, email=email), chosen)


def test_a_budget_is_one_students_and_has_an_amount() -> None:
    assert choose(None) is None
    budget = choose(4.999, "a@b.c", LABKIT_STUDENT="ana")
    assert (budget.usd, budget.email) == (5.0, "a@b.c")
    assert budget.name != choose(5, LABKIT_STUDENT="benito").name
    assert "nadie recibe aviso" in render_budget_notes(choose(5), settings())
    assert "nadie recibe aviso" not in render_budget_notes(budget, settings())


@pytest.mark.parametrize(("budget", "email"), [(0, ""), (-5, ""), (float("nan"), ""), (5, "nobody"), (None, "a@b.c")])
def test_a_budget_that_makes_no_sense_is_refused(budget: float | None, email: str) -> None:
    with pytest.raises(UsageError, match="no puede ser así"):
        choose(budget, email)


def test_on_the_local_target_there_is_nothing_to_watch() -> None:
    with pytest.raises(UsageError, match="solo tiene sentido en AWS"):
        choose(5, LABKIT_TARGET="local")
