from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from labkit.cli import main


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABKIT_LANG", "en")
    monkeypatch.setattr(sys, "stdin", io.StringIO())


def test_an_error_in_words_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help-me", "TABLE_NOT_FOUND:", "line", "1:15"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("TABLE_NOT_FOUND: line …")
    assert "Cause: The catalog has no such table" in told


def test_an_error_that_is_not_known_is_not_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help-me", "it does not work"]) == 1
    assert "I know nothing of this error" in capsys.readouterr().out


def test_the_input_is_read_when_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Traceback …\nOSError: [Errno 28] No space left on device\n"))
    assert main(["help-me", "-"]) == 0
    assert "No space left on device" in capsys.readouterr().out


def test_without_a_text_the_last_error_of_a_command_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help-me"]) == 1
    assert "There is no error" in capsys.readouterr().out
    (tmp_path / ".labkit").mkdir()
    (tmp_path / ".labkit" / "last_error.txt").write_text(
        "AwsCallError: no\nAn error occurred (NoSuchKey) when calling the GetObject operation", encoding="utf-8"
    )
    assert main(["help-me"]) == 0
    assert "Last error written down: An error occurred (NoSuchKey)" in capsys.readouterr().out


def test_a_command_that_fails_writes_its_error_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".labkit").mkdir()
    main(["env"])
    kept = (tmp_path / ".labkit" / "last_error.txt").read_text(encoding="utf-8")
    assert kept.split("\n")[0] in capsys.readouterr().err


def test_all_that_fits_and_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    main(["help-me", "--all", "not authorized to perform: iam:PassRole"])
    assert capsys.readouterr().out.count("Cause:") > 1
    assert main(["help-me", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 100
