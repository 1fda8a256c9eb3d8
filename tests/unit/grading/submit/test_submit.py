"""The file a student hands in: what is looked at, what is in it, and that intake agrees with its receipt."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from labkit.cli import main
from labkit.grading.editions.pristine import read_pristine
from labkit.grading.intake.find import read_submissions
from labkit.grading.submit.inspect import inspect


def _edition(folder: Path, name: str = "01_s3", language: str = "es", answer: str = "", **changes: Any) -> Path:
    document = json.loads(read_pristine(name, language))
    for cell in document["cells"]:
        if cell["id"] == "t1-1-answer" and answer:
            cell["source"] = [answer]
    document |= changes
    path = folder / language / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _submit(tmp_path: Path, *words: object) -> tuple[int, Path]:
    out = tmp_path / "entrega.zip"
    return main(["submit", "--out", str(out), *map(str, words)]), out


def test_one_file_with_a_receipt_that_intake_confirms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab = tmp_path / "notebooks"
    _edition(lab, language="en")
    worked = _edition(lab, answer="mine = 1")
    status, out = _submit(tmp_path, lab, "--name", " Ana  Núñez ")
    said = capsys.readouterr().out
    assert status == 0
    assert "01_s3: respondidas 1 de 6 celdas" in said
    assert "No van en la entrega: 00_inicio, 02_iam, 03_crawler" in said
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["01_s3.ipynb", "labkit-entrega.json"]
        assert archive.read("01_s3.ipynb") == worked.read_bytes()
        code = json.loads(archive.read("labkit-entrega.json"))["code"]
    assert code in said
    (tmp_path / "inbox").mkdir()
    out.rename(tmp_path / "inbox/whatever.zip")
    (tmp_path / "work").mkdir()
    (one,) = read_submissions(tmp_path / "inbox", tmp_path / "work", ("01_s3",)).submissions
    assert one.student == "Ana Núñez"
    assert [(note.key, note.detail) for note in one.notes] == [("intake.receipt_holds", code[:12])]


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "vacío"), (b"<<<<<<< HEAD\n{}\n=======\n", "conflicto"), (b"{", "JSON roto"), (b"\xff\xfe\x00", "UTF-8")],
)
def test_what_cannot_be_graded_is_not_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, problem: str
) -> None:
    (tmp_path / "01_s3.ipynb").write_bytes(content)
    status, out = _submit(tmp_path, tmp_path / "01_s3.ipynb", "--name", "Ana")
    told = capsys.readouterr()
    assert status == 1
    assert problem in told.out
    assert "No se ha escrito nada" in told.err
    assert not out.exists()


def test_cells_that_are_gone_doubled_changed_or_half_merged(tmp_path: Path) -> None:
    path = _edition(tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in document["cells"]}
    cells["t1-1-check"]["source"] = ["pass"]
    cells["t1-4-answer"]["source"] = ["<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n"]
    kept = [cell for cell in document["cells"] if cell["id"] not in ("t1-2-answer", "t1-2-check")]
    path.write_text(json.dumps({**document, "cells": [*kept, cells["t1-3-answer"]]}), encoding="utf-8")
    found = inspect("01_s3", path)
    assert {(note.key, note.cell) for note in found.notes} == {
        ("rebuild.missing", "t1-2-answer"),
        ("rebuild.check_gone", "t1-2-check"),
        ("rebuild.check_changed", "t1-1-check"),
        ("rebuild.twice", "t1-3-answer"),
        ("rebuild.conflict", "t1-4-answer"),
    }


def test_as_handed_out_nothing_is_answered_and_nothing_is_odd(tmp_path: Path) -> None:
    for language in ("es", "en"):
        found = inspect("08_evaluacion", _edition(tmp_path, "08_evaluacion", language))
        assert (found.answered, found.notes, found.problem) == (0, (), "")


@pytest.mark.parametrize("words", [["nowhere"], ["--name", "Ana", "nowhere"], ["--name", "Ana", "."]])
def test_what_cannot_be_handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert _submit(tmp_path, *words)[0] == 2


def test_sources_and_backups_are_never_handed_in(tmp_path: Path) -> None:
    worked = _edition(tmp_path / "lab/notebooks", answer="mine = 1")
    for folder in ("lab/notebooks/source", "lab/.labkit/backups"):
        _edition(tmp_path / folder, answer="other = 1")
    _, out = _submit(tmp_path, tmp_path / "lab", "--name", "Ana")
    with zipfile.ZipFile(out) as archive:
        assert archive.read("01_s3.ipynb") == worked.read_bytes()


def test_names_that_stay_behind_are_told_with_their_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _edition(tmp_path, answer="for name in SOURCES:\n    upload(name)\n")
    document = json.loads(path.read_text(encoding="utf-8"))
    own = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "execution_count": None}
    own["source"] = ["SOURCES = ['ventas']\n", "def upload(name):\n", "    print(s3, name)\n"]
    path.write_text(json.dumps({**document, "cells": [own, *document["cells"]]}), encoding="utf-8")
    (note,) = inspect("01_s3", path).notes
    assert (note.key, note.cell, note.detail) == ("submit.left_behind", "t1-1-answer", "SOURCES, upload")
    status, out = _submit(tmp_path, path, "--name", "Ana")
    assert status == 0
    assert out.is_file()
    assert "mueve su definición a esta celda (SOURCES, upload)" in capsys.readouterr().out
