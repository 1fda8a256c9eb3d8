from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labkit import i18n
from labkit.errors import LabError
from labkit.grading.editions.build import (
    find_leftovers,
    find_outdated,
    render_edition,
    write_solution_editions,
    write_student_editions,
)
from labkit.grading.editions.cells import read_notebook
from labkit.grading.editions.places import Places, find_notebook
from labkit.grading.editions.previous import find_previous
from labkit.grading.editions.pristine import read_pristine
from labkit.grading.editions.translations import accept, read_translation, write_translation
from labkit.grading.editions.validate import read_source

Lab = Any


@pytest.fixture(autouse=True)
def spanish() -> None:
    i18n.use_language("es")


def build(lab: Lab, kind: str = "student", language: str = "es") -> Any:
    return nbformat.reads(render_edition(read_source(lab.places, lab.name), kind, language).decode(), as_version=4)


def sources(document: Any) -> dict[str, str]:
    return {cell.id: cell.source for cell in document.cells}


def test_a_student_gets_no_line_of_a_solution(small_lab: Lab) -> None:
    for language, prompt in (("es", "*Escribe aquí tu respuesta.*"), ("en", "*Write your answer here.*")):
        cells = sources(build(small_lab, "student", language))
        assert cells["t3-1-answer"] == "schema = ..."
        assert cells["t3-2-answer"].endswith(f"\n\n{prompt}")
        assert not [text for text in cells.values() if "SOLUTION" in text or "crece" in text or "grows" in text]


def test_a_student_cannot_type_into_a_check_nor_delete_a_cell_that_counts(small_lab: Lab) -> None:
    kept = {
        cell.id: {name: value for name, value in cell.metadata.items() if name in ("editable", "deletable")}
        for cell in build(small_lab).cells
    }
    assert kept["t3-1-check"] == {"editable": False, "deletable": False}
    assert kept["t3-1-answer"] == kept["t3-2-answer"] == {"deletable": False}
    assert kept["m3-intro"] == {}
    assert not [cell for cell in build(small_lab, "solution").cells if "deletable" in cell.metadata]


def test_a_solution_edition_has_the_reference_and_no_marks(small_lab: Lab) -> None:
    cells = sources(build(small_lab, "solution", "en"))
    assert cells["t3-1-answer"] == 'schema = ...\nschema = {"fecha": "date"}'
    assert cells["t3-2-answer"] == "Decide and say why.\n\nGlue, because the volume grows."


def test_code_and_ids_are_the_same_in_every_language(small_lab: Lab) -> None:
    spanish, english = build(small_lab), build(small_lab, language="en")
    assert [cell.id for cell in spanish.cells] == [cell.id for cell in english.cells]
    assert [cell for cell in spanish.cells if cell.cell_type == "code"] == [
        cell for cell in english.cells if cell.cell_type == "code"
    ]
    assert sources(english)["m3-intro"].startswith("# The crawler")


def test_an_edition_says_what_it_is(small_lab: Lab) -> None:
    metadata = build(small_lab, "student", "en").metadata
    assert metadata.kernelspec.name == "python3"
    assert metadata.lang == "en"
    assert (metadata.labkit.step, metadata.labkit.language, metadata.labkit.edition) == (3, "en", "student")
    assert metadata.labkit.source_hash == build(small_lab, "solution", "es").metadata.labkit.source_hash
    before = metadata.labkit.source_hash
    small_lab.cell("m3-open")["source"] = "import labkit\n\nlab = labkit.open(3)"
    assert build(small_lab.write()).metadata.labkit.source_hash != before


def test_the_same_source_gives_the_same_bytes_however_it_was_saved(small_lab: Lab) -> None:
    source = read_source(small_lab.places, small_lab.name)
    before = render_edition(source, "student", "es")
    path = small_lab.places.source_of(small_lab.name)
    document = json.loads(path.read_text(encoding="utf-8"))
    for cell in document["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n").splitlines(keepends=True)
    path.write_text(json.dumps(document, indent=4, sort_keys=True), encoding="utf-8-sig")
    assert render_edition(read_source(small_lab.places, small_lab.name), "student", "es") == before
    assert b"\r" not in before


def test_what_is_stale_is_shown_in_spanish_with_a_note(small_lab: Lab) -> None:
    small_lab.cell("m3-end")["source"] = "## Resumen nuevo\n\n[El 04](04_otro.ipynb)"
    words = sources(build(small_lab.write(), language="en"))["m3-end"]
    note, _, rest = words.partition("\n\n")
    assert note == "> This part has changed and its translation is not up to date yet: it is shown in Spanish."
    assert rest == "## Resumen nuevo\n\n[El 04](04_otro.ipynb)"


def test_a_translation_is_accepted_cell_by_cell(small_lab: Lab) -> None:
    small_lab.cell("m3-end")["source"] = "## Resumen\n\nSigue, por favor, en [el cuaderno 04](04_otro.ipynb)."
    notebook = read_notebook(small_lab.write().places.source_of(small_lab.name))
    path = small_lab.places.translation_of(small_lab.name, "en")
    write_translation(path, accept(read_translation(path, "en"), notebook, ["m3-end"]), notebook)
    assert small_lab.keys() == []
    assert list(json.loads(path.read_text(encoding="utf-8"))) == ["m3-intro", "t3-1-task", "t3-2-answer", "m3-end"]
    with pytest.raises(LabError, match="no-hay"):
        accept(read_translation(path, "en"), notebook, ["no-hay"])


def test_committed_editions_are_compared_cell_by_cell(small_lab: Lab) -> None:
    source = read_source(small_lab.places, small_lab.name)
    assert [one.reason for one in find_outdated(source, small_lab.places)] == ["missing", "missing"]
    assert len(write_student_editions(source, small_lab.places)) == 2
    assert list(find_outdated(source, small_lab.places)) == []
    assert write_student_editions(source, small_lab.places) == []
    small_lab.cell("m3-open")["source"] += "\nlab.plan()"
    (spanish, english) = find_outdated(read_source(small_lab.write().places, small_lab.name), small_lab.places)
    assert (spanish.reason, spanish.cells, english.cells) == ("differs", ("m3-open",), ("m3-open",))


def test_an_edition_without_a_source_is_found(small_lab: Lab) -> None:
    path = small_lab.places.edition_of("09_viejo", "en")
    path.parent.mkdir(parents=True)
    path.write_text("{}", encoding="utf-8")
    assert [one.path.name for one in find_leftovers(small_lab.places)] == ["09_viejo.ipynb"]


def test_a_notebook_that_somebody_worked_in_is_not_overwritten(small_lab: Lab) -> None:
    source = read_source(small_lab.places, small_lab.name)
    write_student_editions(source, small_lab.places)
    path = small_lab.places.edition_of(small_lab.name, "es")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["cells"][1]["execution_count"] = 1
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(LabError, match="ha trabajado alguien"):
        write_student_editions(source, small_lab.places)
    assert json.loads(path.read_text(encoding="utf-8")) == document
    write_student_editions(source, small_lab.places, force=True)
    assert list(find_outdated(source, small_lab.places)) == []


def test_solutions_are_not_written_beside_the_students_notebooks(small_lab: Lab, tmp_path: Path) -> None:
    source = read_source(small_lab.places, small_lab.name)
    with pytest.raises(LabError, match="está dentro de"):
        write_solution_editions(source, small_lab.places, small_lab.places.root / "es" / ".." / "soluciones")
    written = write_solution_editions(source, small_lab.places, tmp_path / "con ñ y espacio")
    assert [path.parent.name for path in written] == ["es", "en"]
    assert (tmp_path / "con ñ y espacio" / "img" / "paso_3.svg").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{", "su JSON está roto"),
        ("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> otra\n", "fusión de git sin terminar"),
        ("[]", "no es un cuaderno de Jupyter"),
        ('{"cells": 3}', "no es un cuaderno de Jupyter"),
    ],
)
def test_a_file_that_is_no_notebook_is_a_lesson(tmp_path: Path, words: str, said: str) -> None:
    path = tmp_path / "03_roto.ipynb"
    path.write_text(words, encoding="utf-8")
    with pytest.raises(LabError) as raised:
        read_notebook(path)
    assert said in raised.value.what
    assert raised.value.next_step


def test_the_text_that_was_translated_is_found_in_the_history(tmp_path: Path, small_lab: Lab) -> None:
    folder = small_lab.places.source
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **who})

    git("init", "-q", ".")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    before = small_lab.cell("m3-end")["source"]
    small_lab.cell("m3-end")["source"] = "otro"
    small_lab.write()
    wanted = hashlib.sha256(before.encode()).hexdigest()
    source = small_lab.places.source_of(small_lab.name)
    assert find_previous("m3-end", wanted, tmp_path / "none.ipynb", source) == before
    assert find_previous("m3-end", "0" * 64, tmp_path / "none.ipynb", source) is None


def test_a_step_without_a_notebook_is_a_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "notebooks" / "es"
    folder.mkdir(parents=True)
    (folder / "03_rastreador.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr("labkit.grading.editions.places.find_lab_file", lambda relative: tmp_path / relative)
    assert find_notebook(3, "es").name == "03_rastreador.ipynb"
    with pytest.raises(LabError, match="paso 7"):
        find_notebook(7, "es")


def test_places_of_a_notebook() -> None:
    places = Places(Path("notebooks"))
    assert places.edition_of("01_s3", "en").as_posix() == "notebooks/en/01_s3.ipynb"
    assert places.translation_of("01_s3", "en").as_posix() == "notebooks/translations/en/01_s3.json"


def test_a_reset_gets_the_edition_as_it_was_handed_out(
    small_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(relative: str) -> Path:
        return tmp_path / relative

    monkeypatch.setattr("labkit.grading.editions.places.find_lab_file", find)
    monkeypatch.setattr("labkit.grading.editions.pristine.find_lab_file", find)
    source = read_source(small_lab.places, small_lab.name)
    (path, _) = write_student_editions(source, small_lab.places)
    handed_out = path.read_bytes()
    path.write_text("worked in", encoding="utf-8")
    assert read_pristine(small_lab.name, "es") == handed_out
    small_lab.places.source_of(small_lab.name).unlink()
    assert read_pristine(small_lab.name, "es") == b"worked in"  # a wheel's own copy is the one that was shipped
    with pytest.raises(LabError, match="No existe el cuaderno"):
        read_pristine("07_no", "es")
