"""The notebook that is run is ours but for the answers, whatever became of the student's cells."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.rebuild.build import LONGEST_ANSWER, Rebuilt, rebuild
from labkit.grading.rebuild.read import StudentCell, StudentNotebook
from labkit.i18n import load_catalogue

ANSWER = "schema = ...\n### BEGIN SOLUTION\nschema = 42\n### END SOLUTION"
CHECK = 'lab.check("1.1", schema=schema)'


def graded(cell_id: str, **over: Any) -> dict[str, Any]:
    base = {"schema_version": 3, "grade_id": cell_id, "grade": False, "solution": False, "locked": True, "task": False}
    return {"nbgrader": {**base, **over}}


REFERENCE = Notebook(
    "01_s3",
    (
        Cell("intro", "markdown", "# Uno", graded("intro")),
        Cell("open", "code", "lab = labkit.open(1)", graded("open")),
        Cell("t1-1-answer", "code", ANSWER, graded("t1-1-answer", solution=True, locked=False)),
        Cell("t1-1-check", "code", CHECK, graded("t1-1-check", grade=True, points=3)),
        Cell(
            "t1-2-answer",
            "markdown",
            "### BEGIN SOLUTION\nmodelo\n### END SOLUTION",
            graded("t1-2-answer", solution=True, locked=False, grade=True, points=4),
        ),
    ),
)
INTACT = (
    StudentCell(("intro",), "markdown", "# Uno"),
    StudentCell(("open",), "code", "lab = labkit.open(1)"),
    StudentCell(("t1-1-answer",), "code", "schema = 41"),
    StudentCell(("t1-1-check",), "code", CHECK),
    StudentCell(("t1-2-answer",), "markdown", "Lo mío"),
)


def build(*cells: StudentCell, notes: tuple[str, ...] = ()) -> Rebuilt:
    found = rebuild(REFERENCE, "es", StudentNotebook(cells, notes))
    document = json.loads(found.render())
    nbformat.validate(document)
    assert [cell["id"] for cell in document["cells"]] == [cell.id for cell in REFERENCE.cells]
    for built, cell in zip(document["cells"], REFERENCE.cells, strict=True):
        kept = {name: value for name, value in built["metadata"].items() if name not in ("deletable", "editable")}
        assert kept == dict(cell.metadata)
        assert built["cell_type"] == cell.kind
        if not cell.is_answer:
            assert "".join(built["source"]) == cell.source
    assert "schema = 42" not in found.render().decode()
    assert "modelo" not in found.render().decode()
    assert all(set(load_catalogue()[note.key]) == {"es", "en"} for note in found.notes)
    return found


def source_of(found: Rebuilt, cell_id: str) -> str:
    return next("".join(cell["source"]) for cell in found.document["cells"] if cell["id"] == cell_id)


def told(found: Rebuilt) -> list[tuple[str, str]]:
    return [(note.key, note.cell) for note in found.notes]


def replace_cell(cell_id: str, *cells: StudentCell) -> list[StudentCell]:
    return [new for cell in INTACT for new in (cells if cell_id in cell.keys else (cell,))]


def test_an_intact_notebook_gives_its_answers_and_no_notes() -> None:
    found = build(*INTACT)
    assert dict(found.answers) == {"t1-1-answer": "schema = 41", "t1-2-answer": "Lo mío"}
    assert source_of(found, "t1-1-answer") == "schema = 41"
    assert told(found) == []


def test_nothing_handed_in_is_the_student_edition() -> None:
    found = build(notes=("rebuild.no_ids",))
    assert source_of(found, "t1-1-answer") == "schema = ..."
    assert told(found) == [
        ("rebuild.no_ids", ""),
        ("rebuild.missing", "t1-1-answer"),
        ("rebuild.missing", "t1-2-answer"),
        ("rebuild.check_gone", "t1-1-check"),
    ]


def test_order_is_ours() -> None:
    assert build(*reversed(INTACT)).document == build(*INTACT).document


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        ((), "rebuild.check_gone"),
        ((StudentCell(("t1-1-check",), "code", "pass"),), "rebuild.check_changed"),
        ((StudentCell(("t1-1-check",), "code", CHECK + "\n# NBVAL_SKIP"),), "rebuild.check_changed"),
        ((StudentCell(("t1-1-check",), "markdown", CHECK),), "rebuild.check_changed"),
        ((INTACT[3], StudentCell(("t1-1-check",), "code", "pass")), "rebuild.check_changed"),
    ],
)
def test_a_check_that_was_tampered_with_is_put_back(cells: tuple[StudentCell, ...], note: str) -> None:
    found = build(*replace_cell("t1-1-check", *cells))
    assert told(found) == [(note, "t1-1-check")]
    assert found.document == build(*INTACT).document


def test_a_missing_answer_is_as_it_was_handed_out() -> None:
    found = build(*replace_cell("t1-1-answer"))
    assert source_of(found, "t1-1-answer") == "schema = ..."
    assert told(found) == [("rebuild.missing", "t1-1-answer")]


def test_an_answer_of_another_kind_does_not_count() -> None:
    found = build(*replace_cell("t1-1-answer", StudentCell(("t1-1-answer",), "markdown", "schema = 41")))
    assert "t1-1-answer" not in found.answers
    assert told(found) == [("rebuild.other_kind", "t1-1-answer")]


def pieces(*sources: str) -> list[StudentCell]:
    return replace_cell("t1-1-answer", *(StudentCell(("t1-1-answer",), "code", source) for source in sources))


LONG = (
    "client = lab.client('s3')\nnames = [item['Name'] for item in client.list_buckets()['Buckets']]\nschema = names[0]"
)


@pytest.mark.parametrize(
    ("sources", "counts", "note"),
    [
        ((LONG, LONG.replace("[0]", "[1]")), LONG.replace("[0]", "[1]"), "rebuild.twice"),
        (("schema = ...", "schema = 41"), "schema = 41", "rebuild.twice"),
        (("schema = 41", "schema = ..."), "schema = 41", "rebuild.twice"),
        (("schema = 41", "", " \n"), "schema = 41", "rebuild.twice"),
        (("", ""), "", "rebuild.twice"),
        (("schema = ...", "schema = ..."), "schema = ...", "rebuild.twice"),
        # Split with JupyterLab's own command: the parts run in their order.
        (("import csv\nrows = list(csv.reader(open(lab.data / 'v.csv')))", "schema = rows[0]"), None, "rebuild.split"),
        (("%%writefile work/job.py\nimport sys", "print(len(sys.argv[1:]))"), None, "rebuild.split"),
        # What would spoil the rest gives way to the last.
        (("for row in (", "schema = 41"), "schema = 41", "rebuild.twice"),
        (("x = 1", "%%bash\nls -la /some/where/else"), "%%bash\nls -la /some/where/else", "rebuild.twice"),
    ],
)
def test_an_answer_in_several_cells(sources: tuple[str, ...], counts: str | None, note: str) -> None:
    found = build(*pieces(*sources))
    assert found.answers["t1-1-answer"] == ("\n".join(sources) if counts is None else counts)
    assert told(found) == [(note, "t1-1-answer")]


def test_a_copy_shares_nbgraders_id_and_not_the_cells_own() -> None:
    copy = StudentCell(("new-id", "t1-1-answer"), "code", "schema = 40")
    found = build(*replace_cell("t1-1-answer", INTACT[2], copy))
    assert found.answers["t1-1-answer"] == "schema = 40"


def test_a_cells_own_id_goes_before_the_one_in_its_metadata() -> None:
    swapped = StudentCell(("t1-1-answer", "t1-1-check"), "code", "schema = 41")
    assert told(build(*replace_cell("t1-1-answer", swapped))) == []


def test_merged_cells_count_where_they_stand() -> None:
    merged = StudentCell(("t1-1-answer",), "code", f"schema = 41\n{CHECK}")
    found = build(*[cell for cell in replace_cell("t1-1-answer", merged) if cell != INTACT[3]])
    assert found.answers["t1-1-answer"] == merged.source
    assert told(found) == [("rebuild.check_gone", "t1-1-check")]


def test_code_in_cells_of_ones_own_is_noted_once_a_place() -> None:
    own = [StudentCell((f"own-{number}",), "code", "helper = 1") for number in range(5)]
    harmless = [StudentCell(("n",), "code", "# a note\n\n"), StudentCell(("m",), "markdown", "texto")]
    found = build(*INTACT[:2], *own, *harmless, *INTACT[2:])
    assert told(found) == [("rebuild.own_cell", "open")]
    assert "helper" not in found.render().decode()


def test_an_answer_that_is_too_long_is_left_out() -> None:
    found = build(*replace_cell("t1-1-answer", StudentCell(("t1-1-answer",), "code", "x" * (LONGEST_ANSWER + 1))))
    assert told(found) == [("rebuild.answer_too_long", "t1-1-answer")]
    assert source_of(found, "t1-1-answer") == "schema = ..."


@pytest.mark.parametrize("words", ["\x00", "\u2028line", "\x0c\x1c", "'\"\\", "</script>", "```", "a\r b", "\ufeff"])
def test_odd_letters_arrive_as_they_are(words: str) -> None:
    found = build(*replace_cell("t1-1-answer", StudentCell(("t1-1-answer",), "code", words)))
    assert source_of(found, "t1-1-answer") == words
