from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labkit.cli import main
from labkit.grading.editions.rules_tasks import Points
from labkit.i18n import text

ANSWER = "x = ...\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION"


def cell(kind: str, cell_id: str, source: str, **changes: Any) -> dict[str, Any]:
    meta = {"schema_version": 3, "grade_id": cell_id, "grade": False, "solution": False, "locked": True, "task": False}
    rest = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": cell_id, "metadata": {"nbgrader": {**meta, **changes}}, "source": source, **rest}


CELLS = [
    cell("markdown", "m3-intro", "# Uno"),
    cell("code", "m3-open", "import labkit\nlab = labkit.open(3)"),
    cell("code", "t3-1-answer", ANSWER, solution=True, locked=False),
    cell("code", "t3-1-check", 'lab.check("3.1", x=x)', grade=True, points=2),
    cell("markdown", "m3-end", "## Fin"),
]


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with one notebook, and nothing else of the lab."""
    import hashlib

    root = tmp_path / "clon con ñ" / "notebooks"
    (root / "source").mkdir(parents=True)
    (root / "translations" / "en").mkdir(parents=True)
    words = {"m3-intro": "# One", "m3-end": "## End"}
    document = {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "source" / "03_uno.ipynb").write_text(json.dumps(document), encoding="utf-8")
    translated = {
        item["id"]: {"hash": hashlib.sha256(item["source"].encode()).hexdigest(), "text": words[item["id"]]}
        for item in CELLS
        if item["id"] in words
    }
    (root / "translations" / "en" / "03_uno.json").write_text(json.dumps(translated), encoding="utf-8")
    monkeypatch.setattr("labkit.grading.editions.places.find_lab_file", lambda relative: root.parent / relative)
    monkeypatch.setattr("labkit.grading.editions.validate.load_points", lambda _step: {"3.1": Points(2)})
    monkeypatch.setenv("LABKIT_LANG", "es")
    monkeypatch.chdir(tmp_path)
    return root


def change(notebooks: Path, cell_id: str, source: str) -> None:
    path = notebooks / "source" / "03_uno.ipynb"
    document = json.loads(path.read_text(encoding="utf-8"))
    next(item for item in document["cells"] if item["id"] == cell_id)["source"] = source
    path.write_text(json.dumps(document), encoding="utf-8")


def test_build_writes_both_languages_once(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notebooks", "build", "--check"]) == 1
    assert "falta notebooks/es/03_uno.ipynb" in capsys.readouterr().out
    assert main(["notebooks", "build"]) == 0
    assert "escrito notebooks/en/03_uno.ipynb" in capsys.readouterr().out
    assert main(["notebooks", "build", "--check"]) == 0
    assert "✓ Las 2 ediciones de estudiante están al día." in capsys.readouterr().out
    assert main(["notebooks", "build"]) == 0
    assert "ya estaban al día" in capsys.readouterr().out


def test_check_names_the_cells_that_differ(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["notebooks", "build"])
    change(notebooks, "m3-open", "import labkit\nlab = labkit.open(3)\nlab.plan()")
    capsys.readouterr()
    assert main(["notebooks", "build", "--check"]) == 1
    assert "notebooks/es/03_uno.ipynb no es lo que da su fuente; celdas: m3-open" in capsys.readouterr().out


def test_a_broken_source_is_told_and_not_written(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(notebooks, "t3-1-answer", "x = 1")
    assert main(["notebooks", "build"]) == 1
    told = capsys.readouterr()
    assert "03_uno · t3-1-answer: es una respuesta y no tiene las marcas" in told.out
    assert "Errores en las fuentes de los cuadernos: 1" in told.err
    assert not (notebooks / "es").exists()


def test_solutions_go_elsewhere(notebooks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notebooks", "build", "--solutions", str(notebooks / "es")]) == 1
    assert "está dentro de" in capsys.readouterr().err
    assert not (notebooks / "es").exists()
    assert main(["notebooks", "build", "--solutions", str(tmp_path / "sol")]) == 0
    document = json.loads((tmp_path / "sol" / "en" / "03_uno.ipynb").read_text(encoding="utf-8"))
    assert "".join(document["cells"][2]["source"]) == "x = ...\nx = 1"


def test_a_translation_is_stamped(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(notebooks, "m3-end", "## Final")
    main(["notebooks", "build"])
    assert "aviso 03_uno · m3-end: su traducción (en) es de un texto anterior" in capsys.readouterr().out
    assert "Esta parte" not in (notebooks / "en" / "03_uno.ipynb").read_text(encoding="utf-8")
    assert "translation is not up to date" in (notebooks / "en" / "03_uno.ipynb").read_text(encoding="utf-8")
    assert main(["notebooks", "stamp", "03", "m3-end"]) == 0
    assert main(["notebooks", "stamp", "03_uno.ipynb", "--accept"]) == 0
    assert main(["notebooks", "build", "--check"]) == 1
    assert main(["notebooks", "build"]) == 0
    capsys.readouterr()
    assert main(["notebooks", "build", "--check"]) == 0


@pytest.mark.parametrize(
    "words",
    [["notebooks", "stamp", "03_uno"], ["notebooks", "stamp", "03_uno", "m3-end", "--accept"], ["notebooks", "stamp"]],
)
def test_stamp_wants_cells_or_all(notebooks: Path, words: list[str]) -> None:
    assert main(words) == 2


def test_an_unknown_notebook_is_named(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notebooks", "build", "--only", "07"]) == 2
    assert "Están 03_uno" in capsys.readouterr().err


def test_status_is_one_row_a_notebook(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["notebooks", "build"])
    capsys.readouterr()
    assert main(["notebooks", "status"]) == 0
    head, row, total, *said = capsys.readouterr().out.splitlines()
    assert said == [text("notebooks.points_differ", total="2", wanted="100")]
    assert head.split()[0] == "cuaderno"
    assert row.split() == ["03_uno", "5", "1", "2", "2/2", "0", "0", "✓", "sí"]
    assert total.split() == ["total", "2"]


def test_without_sources_a_wheel_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notebooks" / "es").mkdir(parents=True)
    monkeypatch.setattr("labkit.grading.editions.places.find_lab_file", lambda relative: tmp_path / relative)
    monkeypatch.setenv("LABKIT_LANG", "en")
    monkeypatch.chdir(tmp_path)
    assert main(["notebooks", "status"]) == 1
    assert "This installation has no sources" in capsys.readouterr().err
