from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import labkit
from labkit.classroom.not_passed import TaskNotPassed


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("LABKIT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("LABKIT_LANG", "en")
    monkeypatch.delattr(sys, "last_value", raising=False)
    monkeypatch.delattr(sys, "last_exc", raising=False)


def test_the_last_exception_of_the_notebook_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "last_value", NameError("name 'spark' is not defined"), raising=False)
    view = labkit.help_me()
    assert view.knows
    assert "The kernel was restarted" in repr(view)
    kept = (tmp_path / "state" / "last_error.txt").read_text(encoding="utf-8")
    assert kept == "NameError: name 'spark' is not defined"


def test_before_any_error_it_says_how_to_ask() -> None:
    assert "There is no error" in repr(labkit.help_me())


def test_a_text_or_an_exception_may_be_given() -> None:
    assert labkit.help_me("OSError: [Errno 28] No space left on device").knows
    assert labkit.help_me(OSError(28, "No space left on device")).knows
    assert not labkit.help_me("it does not work").knows


def test_a_check_that_does_not_pass_leads_to_its_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    error = TaskNotPassed.__new__(TaskNotPassed)
    error.result = SimpleNamespace(task="3.1")  # type: ignore[assignment]
    monkeypatch.setattr(sys, "last_value", error, raising=False)
    assert 'lab.hint("3.1")' in repr(labkit.help_me())
