"""What can be the script of a job, and what is said of everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.aws.identity import Identity
from labkit.cli import main
from labkit.commands.glue_job import build_job_name
from labkit.commands.glue_script import read_script
from labkit.ui.glue_error import build_excerpt


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABKIT_LANG", "es")
    monkeypatch.setenv("LABKIT_STATE", str(tmp_path / "state"))


def test_a_script_in_a_folder_with_spaces_and_accents_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mi carpeta ñ" / "año nuevo.py"
    path.parent.mkdir()
    path.write_text("print('ñandú')\n", encoding="utf-8")
    assert read_script(str(path)).source == "print('ñandú')\n"


def test_a_script_in_another_encoding_is_read_as_it_declares(tmp_path: Path) -> None:
    (tmp_path / "viejo.py").write_bytes("# -*- coding: cp1252 -*-\nx = 'ñ'\n".encode("cp1252"))
    assert "ñ" in read_script("viejo.py").source


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("nada.py", None, "No existe el script nada.py"),
        (".", None, "es una carpeta"),
        ("s3://bucket/etl.py", None, "está en S3"),
        ("vacio.py", b" \n\n", "está vacío"),
        ("cuaderno.ipynb", b"{}", "jupyter nbconvert --to script cuaderno.ipynb"),
        ("cosas.py", b"PK\x03\x04\x00\x00", "no es un archivo de texto"),
        ("latin.py", "x = 'ñ'".encode("latin-1"), "UTF-8"),
    ],
)
def test_what_cannot_be_a_script_is_a_lesson_before_any_cloud_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, body: bytes | None, said: str
) -> None:
    if body is not None:
        (tmp_path / name).write_bytes(body)
    assert main(["glue", "run", name]) == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Qué hacer:" in shown.err
    assert not (tmp_path / "state").exists()


def test_a_missing_script_names_those_that_are_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ventas_etl.py").write_text("x", encoding="utf-8")
    assert main(["glue", "run", "venta_etl.py"]) == 1
    assert "ventas_etl.py" in capsys.readouterr().err


def test_wrong_arguments_are_usage_errors_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("print(1)", encoding="utf-8")
    for words, said in (
        (["a.py", "foo"], "foo"),
        (["a.py", "--x", "1", "--x", "2"], "--x"),
        (["--timeout", "0", "a.py"], "0 no es"),
        (["a.py", "--bookmark", "maybe"], "maybe"),
        ([], "SCRIPT"),
    ):
        assert main(["glue", "run", *words]) == 2, words
        assert said in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_on_aws_a_run_asks_for_consent_first_and_the_shell_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("print(1)", encoding="utf-8")
    caller = Identity("210987654321", "arn:aws:iam::210987654321:user/ana", "", "env", "", False, None)
    monkeypatch.setattr("labkit.commands.confirming.find_identity", lambda _clients: caller)
    monkeypatch.setenv("LABKIT_TARGET", "aws")
    for words in (["glue", "run", "a.py"], ["crawl", "s3://b/x/"], ["sql", "select 1"]):
        assert main(words) == 2
        assert "--yes --account 210987654321" in capsys.readouterr().err
    assert main(["glue", "shell", "-c", "1"]) == 2
    assert "nube local" in capsys.readouterr().err


def test_a_result_that_cannot_be_written_is_found_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("print(1)", encoding="utf-8")
    (tmp_path / "fichero").write_text("", encoding="utf-8")
    assert main(["glue", "run", "--json", "fichero/r.json", "a.py"]) == 1
    assert "--json" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("file", "job"),
    [("etl.py", "etl"), ("Ventas Año 2024.py", "Ventas-Ano-2024"), ("日本.py", "script"), ("a.b_c.py", "a.b_c")],
)
def test_a_job_is_named_after_its_file(file: str, job: str) -> None:
    assert build_job_name(Path("x y") / file) == job


def test_an_excerpt_points_at_the_line() -> None:
    source = "".join(f"line {number}\n" for number in range(1, 12))
    assert build_excerpt(source, 9).splitlines() == [
        "   7 | line 7",
        "   8 | line 8",
        ">  9 | line 9",
        "  10 | line 10",
        "  11 | line 11",
    ]
    assert build_excerpt(source, 1).splitlines()[0] == "> 1 | line 1"
    assert build_excerpt(source, 99) == ""


def test_help_of_both_commands_teaches_with_examples_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, example, words in (("es", "Ejemplos:", "opciones"), ("en", "Examples:", "options")):
        monkeypatch.setenv("LABKIT_LANG", language)
        for command in ("run", "shell"):
            with pytest.raises(SystemExit) as ended:
                main(["glue", command, "--help"])
            assert ended.value.code == 0
            shown = capsys.readouterr().out
            assert example in shown
            assert words in shown
            assert f"labkit glue {command}" in shown
        assert main(["glue"]) == 0
        assert "labkit glue shell" in capsys.readouterr().out


def test_help_after_the_script_is_labkits_help(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("print(1)", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["glue", "run", "a.py", "--help"])
    assert ended.value.code == 0
    assert "--py-files" in capsys.readouterr().out
