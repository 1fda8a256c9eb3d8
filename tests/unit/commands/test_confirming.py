"""Before anything is changed on AWS: identity shown, one yes got, in every way that there is."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from labkit import i18n
from labkit.aws.identity import Identity
from labkit.commands import confirming
from labkit.errors import UsageError
from labkit.settings import Settings, read_settings

ACCOUNT = "210987654321"
CALLER = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ana", "escuela", "env", "clase", True, None)


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> None:
    i18n.use_language("es")
    monkeypatch.setattr(confirming, "find_identity", lambda _clients: CALLER)


def settings(**environ: str) -> Settings:
    return read_settings({"LABKIT_TARGET": "aws", **environ}, Path("/nowhere"))


def options(*, yes: bool) -> argparse.Namespace:
    return argparse.Namespace(yes=yes)


class Terminal:
    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Terminal:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", self.ask)
        return self

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return self.answer


def test_the_local_target_asks_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal("no").install(monkeypatch)
    local = read_settings({}, Path("/nowhere"))
    assert confirming.confirm(local, options(yes=False), "Se hará.") is local
    assert terminal.asked == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("answer", ["s", "SÍ", " sí ", "y", "yes"])
def test_a_terminal_is_asked_and_a_yes_goes_on(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    terminal = Terminal(answer).install(monkeypatch)
    known = confirming.confirm(settings(), options(yes=False), "Se hará.")
    assert known.target.account == ACCOUNT
    assert known.names.raw_bucket == f"bsg-data-raw-{ACCOUNT}-us-east-1"
    assert len(terminal.asked) == 1
    assert terminal.asked[0].startswith("Se hará.")


@pytest.mark.parametrize("answer", ["", "n", "no", "quizá"])
def test_anything_but_a_yes_ends_it(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    Terminal(answer).install(monkeypatch)
    with pytest.raises(UsageError, match="No se hizo nada"):
        confirming.confirm(settings(), options(yes=False), "Se hará.")


def test_yes_answers_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal("no").install(monkeypatch)
    assert confirming.confirm(settings(), options(yes=True), "Se hará.").target.account == ACCOUNT
    assert terminal.asked == []


@pytest.mark.parametrize("yes", [True, False])
def test_a_script_must_name_its_account(monkeypatch: pytest.MonkeyPatch, yes: bool) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match=f"--yes --account {ACCOUNT}"):
        confirming.confirm(settings(), options(yes=yes), "Se hará.")


def test_a_script_that_names_its_account_but_says_no_yes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="Nadie ha confirmado"):
        confirming.confirm(settings(LABKIT_ACCOUNT=ACCOUNT), options(yes=False), "Se hará.")


def test_a_script_with_yes_and_the_account_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    known = confirming.confirm(settings(LABKIT_ACCOUNT=ACCOUNT), options(yes=True), "Se hará.")
    assert known.target.account == ACCOUNT


@pytest.mark.parametrize("yes", [True, False])
def test_the_wrong_account_is_refused_whoever_asks(monkeypatch: pytest.MonkeyPatch, yes: bool) -> None:
    Terminal("s").install(monkeypatch)
    with pytest.raises(UsageError, match=f"son de la cuenta {ACCOUNT}, no de la 111122223333"):
        confirming.confirm(settings(LABKIT_ACCOUNT="111122223333"), options(yes=yes), "Se hará.")


def test_a_rehearsal_takes_a_yes_without_an_account_and_says_that_it_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    confirming.confirm(settings(AWS_ENDPOINT_URL="http://127.0.0.1:4566"), options(yes=True), "Se hará.")
    assert capsys.readouterr().err.startswith("ENSAYO")


def test_an_identity_that_was_shown_is_not_shown_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal("s").install(monkeypatch)
    confirming.confirm(settings(), options(yes=False), "Se hará.", shown=True)
    assert ACCOUNT not in capsys.readouterr().err
    assert len(terminal.asked) == 1


def test_the_root_user_is_warned(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(confirming, "find_identity", lambda _: replace(CALLER, arn=f"arn:aws:iam::{ACCOUNT}:root"))
    Terminal("s").install(monkeypatch)
    confirming.confirm(settings(), options(yes=False), "Se hará.")
    assert "usuario raíz" in capsys.readouterr().err


def test_account_region_caller_student_and_expiry_are_shown() -> None:
    now = datetime(2026, 11, 29, 10, 0, tzinfo=timezone.utc)
    known = settings(AWS_REGION="eu-south-2", LABKIT_STUDENT="Ana")
    said = confirming.render_identity(known, replace(CALLER, expires=now + timedelta(minutes=42)), now)
    for part in (f"{ACCOUNT} (escuela)", "eu-south-2", ":user/ana  (clase)", "42 min", "Ana"):
        assert part in said
    rehearsed = replace(CALLER, profile="", source="explicit")
    assert "(claves de ensayo)" in confirming.render_identity(known, rehearsed, now)
    assert "(sso)" in confirming.render_identity(known, replace(rehearsed, source="sso"), now)
    assert "0 min" in confirming.render_identity(known, replace(CALLER, expires=now - timedelta(minutes=5)), now)
    assert "boto3 no sabe" in confirming.render_identity(known, CALLER, now)
    assert "no caducan" in confirming.render_identity(known, replace(CALLER, is_temporary=False), now)
