"""`labkit export`: what it writes, what it refuses to write over, and that it asks AWS nothing."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from labkit.cli import main
from labkit.i18n import LANGUAGES, use_language

FILES = {
    "cloudformation": {"template.yaml", "sales_etl.py"},
    "terraform": {"main.tf", "variables.tf", "outputs.tf", "sales_etl.py", "start_glue_job.py"},
    "cdk": {"app.py", "cdk.json", "requirements.txt", "sales_etl.py", "start_glue_job.py"},
}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("export called somebody")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("LABKIT_TARGET", "LABKIT_STUDENT", "LABKIT_ROLES", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABKIT_LANG", "en")


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize("target", ["local", "aws"])
def test_a_folder_that_stands_by_itself(
    language: str, target: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LABKIT_TARGET", target)
    assert main(["export", language]) == 0
    folder = tmp_path / "export" / language
    assert {file.name for file in folder.iterdir()} == FILES[language]
    head = next(iter((folder / name) for name in ("template.yaml", "main.tf", "app.py") if (folder / name).exists()))
    text = head.read_text(encoding="utf-8")
    comment = text[: text.index("\n\n")]
    for words in ("Use it", "Delete it", "What it costs", "prices read in"):
        assert words in comment
    assert ("names of the local cloud" in comment) is (target == "local")


def test_what_was_changed_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "code"
    assert main(["export", "cloudformation", "--out", str(out)]) == 0
    assert main(["export", "cloudformation", "--out", str(out)]) == 0
    assert "unchanged" in capsys.readouterr().out
    template = out / "template.yaml"
    template.write_text("mine")
    assert main(["export", "cloudformation", "--out", str(out)]) != 0
    assert "template.yaml" in capsys.readouterr().err
    assert template.read_text() == "mine"
    assert main(["export", "cloudformation", "--out", str(out), "--force"]) == 0
    assert template.read_text(encoding="utf-8").startswith("# Written by")


def test_a_folder_that_cannot_be_written_is_a_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["export", "cdk", "--out", str(tmp_path / "file" / "inside")]) == 1
    assert "--out" in capsys.readouterr().err


def test_on_screen_without_copies_of_the_lab_s_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["export", "cloudformation", "--out", "-", "--step", "1"]) == 0
    shown = capsys.readouterr().out
    assert "AWSTemplateFormatVersion" in shown
    assert "AWS::IAM::Role" not in shown
    assert main(["export", "terraform", "--out", "-"]) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if line.startswith("# -----")] == [
        "# ----- main.tf", "# ----- variables.tf", "# ----- outputs.tf",
    ]  # fmt: skip
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commands_of_the_comment_are_shell(language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABKIT_LANG", language)
    for kind in FILES:
        assert main(["export", kind, "--out", str(tmp_path / kind)]) == 0
        head = (
            tmp_path / kind / {"cloudformation": "template.yaml", "terraform": "main.tf", "cdk": "app.py"}[kind]
        ).read_text("utf-8")
        lines = [line[1:] for line in head[: head.index("\n\n")].splitlines() if line.startswith("#   ")]
        done = subprocess.run(["bash", "-n"], input="\n".join(lines), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(lines) > 5
    use_language("es")
