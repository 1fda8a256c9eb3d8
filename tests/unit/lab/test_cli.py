from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from labkit import i18n
from labkit.aws.identity import Identity
from labkit.cli import build_parser, main
from labkit.commands.shell import build_env_lines, find_shell
from labkit.settings import Credentials, Target

COMMANDS = (
    "lab",
    "doctor",
    "up",
    "down",
    "status",
    "env",
    "logs",
    "events",
    "reset",
    "run",
    "plan",
    "apply",
    "cost",
    "teardown",
    "export",
    "glue",
    "crawl",
    "sql",
    "chaos",
    "grade",
    "similarity",
    "release",
    "submit",
    "data",
    "notebooks",
    "new-task",
    "help-me",
    "parity",
)
# They work on files, and on clouds of their own.
STATELESS = ("data", "export", "grade", "new-task", "notebooks", "parity", "release", "similarity", "submit")
TARGET = Target("local", "eu-west-1", "123456789012", "http://127.0.0.1:4600", Credentials("test", "test"))


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABKIT_LANG", "es")


def test_every_command_teaches_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for language, example, options in (("es", "Ejemplo", "opciones"), ("en", "Example", "options")):
        i18n.use_language(language)
        parser = build_parser()
        (action,) = (item for item in parser._actions if isinstance(item, argparse._SubParsersAction))
        assert tuple(action.choices) == COMMANDS
        for name, command in action.choices.items():
            words = command.format_help()
            assert example in words
            assert f"labkit {name}" in words
            assert options in words
            assert "--debug" in words
            assert ("--state" in words) == (name not in STATELESS)


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys, labkit.cli as cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": root}
    )
    assert "labkit run" in done.stdout
    loaded = set(done.stderr.split())
    assert "labkit.cli" in loaded
    assert not loaded & {
        "boto3",
        "botocore",
        "rich",
        "moto",
        "matplotlib",
        "duckdb",
        "pyspark",
        "pandas",
        "labkit.cloud",
        "asyncio",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nope", "nope"),
        ("up --port x", "x no es un puerto"),
        ("up --port 70000", "70000"),
        ("run --colour", "--colour"),
        ("run --columns fecha=a", "--data"),
        ("run --data x.csv --columns foo=a", "foo"),
        ("data --rows 0", "0 no es"),
    ],
)
def test_wrong_usage_is_a_lesson_and_code_2(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Qué hacer:" in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_an_expected_failure_is_code_1_and_debug_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    from labkit.errors import DataError

    assert main(["run", "--data", "nada.csv"]) == 1
    assert "nada.csv" in capsys.readouterr().err
    with pytest.raises(DataError):
        main(["run", "--data", "nada.csv", "--debug"])


def test_a_broken_settings_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labkit.toml").write_text("region =", encoding="utf-8")
    assert main(["status"]) == 1
    assert "labkit.toml" in capsys.readouterr().err


def test_on_aws_a_run_asks_for_consent_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = Identity("210987654321", "arn:aws:iam::210987654321:user/ana", "", "env", "", False, None)
    monkeypatch.setattr("labkit.commands.confirming.find_identity", lambda _clients: caller)
    monkeypatch.setenv("LABKIT_TARGET", "aws")
    assert main(["run"]) == 2
    said = capsys.readouterr().err
    assert "Cuenta:       210987654321" in said
    assert "--yes --account 210987654321" in said


def test_without_a_cloud_status_says_so_and_env_prints_nothing_to_eval(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["running"] is False
    assert main(["env", "--state", "con espacio"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "labkit up --state 'con espacio'" in shown.err
    assert main(["down"]) == 0


def test_out_that_cannot_be_written_is_found_before_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fichero").write_text("", encoding="utf-8")
    assert main(["run", "--out", "fichero/x"]) == 1
    assert "--out" in capsys.readouterr().err


def test_a_posix_shell_takes_the_lines() -> None:
    lines = "\n".join(build_env_lines("sh", TARGET, {}))
    names = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    echo = " ".join(f"${name}" for name in names) + " ${AWS_PROFILE-none}"
    script = f'{lines}\necho "{echo}"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={"AWS_PROFILE": "real"})
    assert done.stdout.strip() == "http://127.0.0.1:4600 eu-west-1 eu-west-1 test test none"


def test_fish_and_powershell_get_their_own_lines() -> None:
    assert "set -gx AWS_ENDPOINT_URL http://127.0.0.1:4600;" in build_env_lines("fish", TARGET, {})
    assert "set -e AWS_SESSION_TOKEN;" in build_env_lines("fish", TARGET, {})
    assert "$Env:AWS_REGION = 'eu-west-1'" in build_env_lines("powershell", TARGET, {})
    assert "Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue" in build_env_lines("powershell", TARGET, {})


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "intranet.edu, 10.0.0.1"}, "intranet.edu,10.0.0.1,127.0.0.1,localhost"),
        ({"no_proxy": "127.0.0.1,localhost"}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_a_schools_proxy_is_not_asked_for_the_local_cloud(environ: dict[str, str], expected: str) -> None:
    lines = "\n".join(build_env_lines("sh", TARGET, environ))
    script = f"{lines}\n" + 'printf "%s %s" "$NO_PROXY" "$no_proxy"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={})
    assert done.stdout == f"{expected} {expected}"
    assert f"set -gx NO_PROXY {shlex.quote(expected)};" in build_env_lines("fish", TARGET, environ)


def test_the_users_shell_is_guessed() -> None:
    assert find_shell({"SHELL": "/usr/bin/fish"}, "posix") == "fish"
    assert find_shell({"SHELL": "/bin/zsh"}, "posix") == "sh"
    assert find_shell({}, "nt") == "powershell"
    assert find_shell({}, "posix") == "sh"


def test_data_is_generated_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "--rows", "120", "--seed", "7", "--out", "mis datos"]) == 0
    files = sorted((tmp_path / "mis datos").glob("ventas_*.csv"))
    assert len(files) == 12
    assert str(files[0].relative_to(tmp_path)) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(28, "No space left on device", "/lleno/x.csv"), 1, "/lleno/x.csv"),
        (PermissionError(13, "Permission denied", "/ajeno"), 1, "--state"),
        (EOFError(), 130, "Interrumpido"),
    ],
)
def test_a_full_disk_and_a_question_left_unanswered_end_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, words: str
) -> None:
    def fail(*_arguments: object) -> int:
        raise error

    monkeypatch.setattr("labkit.cli.load_command", lambda _name: fail)
    assert main(["status"]) == code
    assert words in capsys.readouterr().err
