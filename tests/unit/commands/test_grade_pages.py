"""The end of `labkit grade` with results that are there: marks of texts are merged, kept, and reckoned anew."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import labkit.checks
from labkit.commands.grade_pages import build_command, read_marking, write_results
from labkit.errors import DataError, LabError
from labkit.grading.intake.submission import Intake, Submission
from labkit.i18n import use_language
from tests.unit.grading import made_up


@pytest.fixture(autouse=True)
def in_spanish() -> Iterator[None]:
    use_language("es")
    yield
    use_language("es")


@pytest.fixture(autouse=True)
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of the class has tests of its own, and its plots take a second."""
    from labkit.grading.pages import write

    monkeypatch.setattr(write, "build_class_page", lambda report: "")


def run(
    out: Path, *, names: tuple[str, ...] = made_up.NAMES, more: tuple[str, ...] = (), **options: Path
) -> dict[str, list[str]]:
    """What `labkit grade` does once the class is graded; marks.csv by the student's key."""
    asked = argparse.Namespace(submissions=Path("entregas"), out=out, rubric=None, scheme=None)
    vars(asked).update(options)
    references = [made_up.source_of(name).notebook for name in names]
    marking = read_marking(asked, references)
    found = made_up.build_class()
    people = [(one.student, one.key) for one in found] + [(name, name.lower()) for name in more]
    intake = Intake(tuple(Submission(name, key, name, ()) for name, key in people), ())
    write_results(asked, references, intake, "—", marking.build_rows(found), marking)
    lines = list(csv.reader((out / "marks.csv").read_text(encoding="utf-8-sig").splitlines()))
    return {line[1]: line for line in lines[1:]}


def fill_in(path: Path, percents: dict[str, str], out: Path | None = None) -> Path:
    """Write percentages into Ana's lines, as a person would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["key"] == "ana-nunez" and row["item"].removeprefix("8.5 ") in percents:
            row["percent"] = percents[row["item"].removeprefix("8.5 ")]
    with (out or path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return out or path


FULL = dict.fromkeys(made_up.ITEMS, "100")


def test_every_file_is_written_and_what_waits_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path)
    said = capsys.readouterr().out
    for name in ("marks.csv", "index.html", "students/ana-nunez.html", "rubric.csv", "rubric.html"):
        assert (tmp_path / name).is_file()
    assert "3 estudiantes, 18 apartados" in said
    assert str(tmp_path / "rubric.html") in said


def test_without_a_free_text_there_is_no_rubric(tmp_path: Path) -> None:
    run(tmp_path, names=("01_s3",))
    assert not (tmp_path / "rubric.csv").exists()
    assert not (tmp_path / "rubric.html").exists()


def test_marks_given_in_a_file_are_merged_and_stay(tmp_path: Path) -> None:
    assert run(tmp_path)["ana-nunez"][2] == "18"
    filled = fill_in(tmp_path / "rubric.csv", FULL, tmp_path / "mine.csv")
    assert run(tmp_path, rubric=filled)["ana-nunez"][2] == "20"
    assert run(tmp_path)["ana-nunez"][2] == "20", "what was merged once is in OUT/rubric.csv"


def test_marks_filled_in_in_place_count_and_are_not_overwritten(tmp_path: Path) -> None:
    run(tmp_path)
    fill_in(tmp_path / "rubric.csv", {"context": "50", "options": "x"})
    assert run(tmp_path)["ana-nunez"][2] == "18.65"
    assert run(tmp_path)["ana-nunez"][2] == "18.65"
    assert (tmp_path / ".grading" / "rubric-before.csv").read_bytes() == (tmp_path / "rubric.csv").read_bytes()


def test_an_item_with_other_points_and_words_changes_everybodys_mark_and_page(tmp_path: Path) -> None:
    run(tmp_path)
    fill_in(tmp_path / "rubric.csv", FULL)
    own = json.loads((Path(labkit.checks.__file__).parent / "rubric_8.json").read_text(encoding="utf-8"))
    own["points"] = 2.7
    own["items"][0] |= {"points": 1.0, "met": {"es": "Contexto impecable.", "en": "Flawless context."}}
    scheme = tmp_path / "own.json"
    scheme.write_text(json.dumps(own), encoding="utf-8")
    line = run(tmp_path, scheme=scheme)["ana-nunez"]
    assert line[2:4] == ["20.7", "20.7"]
    assert "Contexto impecable." in (tmp_path / "students" / "ana-nunez.html").read_text(encoding="utf-8")


def test_a_slip_in_the_file_is_told_before_anything_is_graded(tmp_path: Path) -> None:
    run(tmp_path)
    fill_in(tmp_path / "rubric.csv", {"context": "mucho"})
    before = (tmp_path / "rubric.csv").read_bytes()
    with pytest.raises(DataError, match="mucho"):
        run(tmp_path)
    assert (tmp_path / "rubric.csv").read_bytes() == before


def test_marks_of_somebody_who_is_not_in_the_class_are_kept_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path)
    with (tmp_path / "rubric.csv").open("a", encoding="utf-8") as file:
        file.write("Zoe,zoe,8.5 context,,,100,,\r\n")
    run(tmp_path)
    run(tmp_path)
    assert "zoe, 8.5 context" in capsys.readouterr().out
    assert "zoe,8.5 context" in (tmp_path / "rubric.csv").read_text(encoding="utf-8-sig")


def test_a_folder_that_cannot_be_written_is_a_lesson(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(LabError):
        run(tmp_path / "out")


def test_the_command_on_the_form_is_the_same_batch() -> None:
    asked = argparse.Namespace(
        submissions=Path("mis entregas.zip"), out=Path("notas"), roster=Path("clase.csv"), notebooks=["01_s3", "08_evaluacion"],
        notebook_language="es", chain=True, only=["Ana"], jobs=2, keep=None, rubric=Path("x.csv"), scheme=None, lang=None, dry_run=False,
    )  # fmt: skip
    assert build_command(asked) == (
        "labkit grade 'mis entregas.zip' --out notas --roster clase.csv --notebooks 01_s3 --notebooks 08_evaluacion "
        "--notebook-language es --chain --rubric ~/Downloads/rubric.csv"
    )


def test_who_handed_in_and_has_no_result_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, more=("Eva",))
    assert "aún no tienen resultado: Eva" in capsys.readouterr().out
