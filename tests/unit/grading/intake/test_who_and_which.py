"""Who is who in a class list, and which file counts."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from labkit.errors import DataError
from labkit.grading.intake.choose import read_blanks
from labkit.grading.intake.kinds import RECEIPT
from labkit.grading.intake.people import Person, build_key
from labkit.grading.intake.receipt import Receipt
from labkit.grading.intake.roster import Enrolled, match_enrolled, read_roster

from .conftest import Read, by_name, keys, nameless, notebook, pack, papers, reasons

CLASS = (
    Enrolled("Ana Núñez Peña", "ana.nunez", "u1"),
    Enrolled("Luis Gil", "luis.gil", "u2"),
    Enrolled("María García", "maria.1", "u3"),
    Enrolled("María García", "maria.2", "u4"),
)


@pytest.mark.parametrize(
    ("name", "lms_id", "expected"),
    [
        ("Núñez Peña, Ana", "", 0),
        ("ana nunez pena", "", 0),
        ("nunezpenaana", "", 0),
        ("anapena", "", 0),
        ("Ana Núñez", "", 0),
        ("Grupo 3 - Luis Gil", "", 1),
        ("u2", "", 1),
        ("Quien Sea", "u2", 1),
        ("María García", "u4", 3),
        ("maria.1", "", 2),
    ],
)
def test_who_is_who(name: str, lms_id: str, expected: int) -> None:
    assert match_enrolled(CLASS, Person(name, lms_id)).enrolled is CLASS[expected]


@pytest.mark.parametrize("name", ["Ana", "Gil Robles", "", "Pedro", "gi", "luis", "Luisa Gil"])
def test_who_is_nobody(name: str) -> None:
    assert match_enrolled(CLASS, Person(name)).enrolled is None


def test_two_of_one_name_need_a_number() -> None:
    assert match_enrolled(CLASS, Person("García María")).enrolled is None


def test_a_number_that_is_anothers_by_chance_does_not_beat_a_name() -> None:
    assert match_enrolled(CLASS, Person("Luis Gil", "u1")).enrolled is CLASS[1]


def test_an_accent_can_tell_two_apart() -> None:
    two = (Enrolled("Ana Peña", "a"), Enrolled("Ana Pena", "b"))
    assert match_enrolled(two, Person("Ana Peña")).enrolled is two[0]
    assert match_enrolled(two, Person("Ana Pena")).enrolled is two[1]


def test_everybody_in_the_list_has_a_row(read: Read) -> None:
    intake = read({"gil, luis/01_s3.ipynb": notebook(1), "Pedro Paz/01_s3.ipynb": notebook(1)}, roster=CLASS[:2])
    assert {name: (one.seed, papers(one), keys(one)) for name, one in by_name(intake).items()} == {
        "Ana Núñez Peña": ("ana.nunez", [], ["intake.missing"]),
        "Luis Gil": ("luis.gil", ["01_s3"], []),
        "Pedro Paz": ("Pedro Paz", ["01_s3"], ["intake.not_in_roster"]),
    }


def test_the_list_finds_a_student_in_any_folder(read: Read) -> None:
    given = {f"Lab/grupo {who[0]}/{who}/x/01_s3.ipynb": notebook(1) for who in ("Luis Gil", "Ana Núñez Peña")}
    assert sorted(by_name(read(given, roster=CLASS[:2]))) == ["Ana Núñez Peña", "Luis Gil"]


def test_one_student_twice_is_one(read: Read) -> None:
    given = {"Ana Núñez/01_s3.ipynb": notebook(1), "Núñez, Ana/04_glue_etl.ipynb": notebook()}
    (ana,) = read({**given, "Ana Nuñez_9_assignsubmission_file_/02_iam.ipynb": notebook(2)}).submissions
    assert papers(ana) == ["01_s3", "02_iam", "04_glue_etl"]
    assert ana.lms_id == "9"
    assert "intake.merged" in keys(ana)


def test_two_students_of_one_name_are_two(read: Read) -> None:
    intake = read(pack({f"García María_{n}_assignsubmission_file_/01_s3.ipynb": notebook(1) for n in (33, 44)}))
    assert [(one.key, one.lms_id) for one in intake.submissions] == [
        ("garcia-maria-33", "33"),
        ("garcia-maria-44", "44"),
    ]


def test_names_in_other_letters_stay_apart(read: Read) -> None:
    intake = read(
        {"李明/01_s3.ipynb": notebook(1), "王芳/01_s3.ipynb": notebook(1), "Søren Ø/01_s3.ipynb": notebook(1)}
    )
    assert len({one.key for one in intake.submissions}) == 3
    assert build_key("Søren Ø") == "soren-o"
    assert build_key("Núñez Peña, Ana") == "nunez-pena-ana"


def test_a_renamed_notebook_is_told_by_its_cells(read: Read) -> None:
    (ana,) = read({"Ana/trabajo final.ipynb": notebook(4), "Ana/01_s3.ipynb": notebook(2)}).submissions
    assert papers(ana) == ["02_iam", "04_glue_etl"]
    assert keys(ana) == ["intake.renamed"]


def test_a_broken_one_is_told_by_its_name_or_its_remains(read: Read) -> None:
    torn = notebook(1).replace(b'"source"', b"\n<<<<<<< HEAD\n")
    given = {"Ana/x.ipynb": torn, "Ana/04_glue_etl (3).ipynb": b"", "Ana/Copia de 02_iam.ipynb.txt": nameless()}
    assert papers(by_name(read(given))["Ana"]) == ["01_s3", "02_iam", "04_glue_etl"]


def test_an_old_notebook_is_told_by_nbgrader_s_ids(read: Read) -> None:
    old = notebook(4).replace(b'"id": "t4-1-answer", ', b"").replace(b'"step": 4', b'"stage": 4')
    assert papers(by_name(read({"Ana/x.ipynb": old}))["Ana"]) == ["04_glue_etl"]


def test_the_later_of_two_counts(read: Read, tmp_path: Path) -> None:
    given = {"Ana/04_glue_etl.ipynb": notebook(answer="b"), "Ana/copia de 04_glue_etl.ipynb": notebook(answer="a")}
    read(given)
    os.utime(tmp_path / "entregas/Ana/04_glue_etl.ipynb", (2_000_000_000, 2_000_000_000))
    (ana,) = read(given).submissions
    os.utime(tmp_path / "entregas/Ana/04_glue_etl.ipynb", (2_000_000_000, 2_000_000_000))
    (ana,) = read(tmp_path / "entregas").submissions
    assert [paper.handed_in_as for paper in ana.papers] == ["Ana/04_glue_etl.ipynb"]
    assert keys(ana) == ["intake.two_files"]


def test_of_two_of_one_moment_the_higher_number_counts(read: Read) -> None:
    names = ["n_1_2_04_glue_etl.ipynb", "n_1_3_04_glue_etl-1.ipynb", "n_1_4_04_glue_etl-2.ipynb"]
    (ana,) = read(pack({name: notebook(answer=name) for name in names})).submissions
    assert [paper.handed_in_as for paper in ana.papers] == [names[2]]


def test_the_same_file_twice_is_not_worth_a_word(read: Read) -> None:
    (ana,) = read({"Ana/04_glue_etl.ipynb": notebook(), "Ana/04_glue_etl-1.ipynb": notebook()}).submissions
    assert keys(ana) == []


def test_the_one_that_was_worked_in_counts(read: Read) -> None:
    """The whole folder of the lab holds each notebook in two languages."""
    blank = read_blanks("01_s3")
    cell, sources = next((key, known) for key, known in blank.items() if key.startswith("t1-1"))
    untouched = notebook(1, next(iter(sources))).replace(b"t1-1-answer", cell.encode())
    worked = notebook(1, "mine = 1").replace(b"t1-1-answer", cell.encode())
    given = {
        "Ana/notebooks/en/01_s3.ipynb": worked,
        "Ana/notebooks/es/01_s3.ipynb": untouched,
        "Ana/x/01_s3.ipynb": b"",
    }
    (ana,) = read(given, blanks=read_blanks).submissions
    assert [paper.handed_in_as for paper in ana.papers] == ["Ana/notebooks/en/01_s3.ipynb"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_in_any_spelling(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [
        ["Nombre", "Apellido(s)", "Dirección de correo", "Semilla"],
        ["Ana", "Núñez Peña", "anp@uni.es", "s-1"],
        ["", "", "", ""],
    ]
    (tmp_path / "c.csv").write_text("\n".join(delimiter.join(row) for row in rows), encoding=encoding)
    assert read_roster(tmp_path / "c.csv") == (Enrolled("Ana Núñez Peña", "s-1", "", ("anp@uni.es", "anp")),)


def test_a_list_without_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError):
        read_roster(tmp_path / "c.csv")


def test_a_foreign_notebook_is_said_with_its_student(read: Read) -> None:
    intake = read(pack({"Gil Luis_7_assignsubmission_file_/deberes.ipynb": nameless()}))
    assert reasons(intake) == {"Gil Luis_7_assignsubmission_file_/deberes.ipynb": "intake.no_notebook"}
    assert keys(by_name(intake)["Gil Luis"]) == ["intake.no_notebook"]


def test_a_notebook_of_the_lab_that_is_not_graded_now_is_no_news(read: Read) -> None:
    intake = read({"Ana/00_inicio.ipynb": notebook(0), "Ana/01_s3.ipynb": notebook(1)})
    assert papers(by_name(intake)["Ana"]) == ["01_s3"]
    assert not intake.unplaced
    assert not keys(by_name(intake)["Ana"])


def _submitted(student: str, files: dict[str, bytes], seed: str = "") -> bytes:
    listed = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    receipt = Receipt(student, seed, "2026-03-01T10:00:00+01:00", listed)
    return pack({**files, RECEIPT: json.dumps(receipt.as_document()).encode()})


def test_the_receipt_names_whoever_nobody_else_names(read: Read) -> None:
    packed = _submitted("Ana Núñez", {"01_s3.ipynb": notebook(1)})
    assert {name: keys(one) for name, one in by_name(read({"download (3).zip": packed})).items()} == {
        "Ana Núñez": ["intake.receipt_holds"]
    }


def test_a_receipt_is_the_students_word_and_the_platform_knows_better(read: Read) -> None:
    packed = _submitted("Luis Gil", {"01_s3.ipynb": notebook(1)}, seed="luis")
    (ana,) = read(pack({"Núñez Ana_7_assignsubmission_file_/e.zip": packed})).submissions
    assert (ana.student, ana.seed) == ("Núñez Ana", "Núñez Ana")
    assert keys(ana) == ["intake.receipt_holds", "intake.receipt_name", "intake.seed_differs"]


def test_a_receipt_that_does_not_agree(read: Read) -> None:
    packed = _submitted("Ana", {"01_s3.ipynb": notebook(1), "../x": b""})
    given = {"Ana/01_s3.ipynb": notebook(1, "changed"), f"Ana/{RECEIPT}": b"", "Luis/01_s3.ipynb": notebook(1)}
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        given[f"Ana/{RECEIPT}"] = archive.read(RECEIPT)
    intake = read({**given, f"Luis/{RECEIPT}": b"{"})
    found = by_name(intake)
    assert [note.detail for note in found["Ana"].notes if note.key == "intake.receipt_differs"] == ["../x, 01_s3.ipynb"]
    assert keys(found["Luis"]) == ["intake.receipt_unreadable"]


def test_a_name_cannot_move_the_cursor(read: Read) -> None:
    intake = read(pack({"Ana \x1b[2J\u202eNúñez/01_s3.ipynb": notebook(1)}), called="entregas")
    assert list(by_name(intake)) == ["Ana [2JNúñez"]


def test_keys_are_one_a_student_whatever_they_are_called(read: Read) -> None:
    two = (Enrolled("Ana", "a"), Enrolled("Ana", "b"), Enrolled("Ana 2", "c"))
    assert len({one.key for one in read({}, roster=two).submissions}) == 3


def test_the_whole_folder_of_the_lab_in_one_zip(read: Read) -> None:
    lab = {
        "labkit-lab/notebooks/es/01_s3.ipynb": notebook(1, "mine = 1"),
        "labkit-lab/labkit/pristine/es/01_s3.ipynb": notebook(1, "..."),
        "labkit-lab/.labkit/backups/01_s3.ipynb": notebook(1, "old = 1"),
    }
    blanks = {"t1-1-answer": frozenset({"..."})}
    (ana,) = read(pack(lab), called="Ana Núñez", blanks=lambda _name: blanks).submissions
    assert ana.student == "Ana Núñez"
    assert [paper.handed_in_as for paper in ana.papers] == ["labkit-lab/notebooks/es/01_s3.ipynb"]
    assert keys(ana) == []


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (
            'Identificador,"Nombre completo","Dirección de correo",Calificación\nParticipante123,"Ana Núñez",ana@x,\n',
            Enrolled("Ana Núñez", "Ana Núñez", "123", ("123", "ana@x", "ana")),
        ),
        (
            'Student,ID,SIS User ID,Lab (1)\n    Points Possible,,,10\n"Núñez, Ana",47,S1,\n"Student, Test",99,,\n',
            Enrolled("Núñez, Ana", "Núñez, Ana", "47", ("47", "S1")),
        ),
    ],
)
def test_a_mark_sheet_does_as_a_class_list(tmp_path: Path, sheet: str, expected: Enrolled) -> None:
    (tmp_path / "c.csv").write_text(sheet, encoding="utf-8")
    (found,) = read_roster(tmp_path / "c.csv")
    assert (found.name, set(found.more_ids)) == (expected.name, set(expected.more_ids))
    assert found.lms_id in expected.more_ids


def test_two_surnames_the_other_way_round_are_another_family() -> None:
    two = (Enrolled("Ana Gil García", "a"), Enrolled("Ana García Gil", "b"))
    assert match_enrolled(two, Person("Gil García, Ana")).enrolled is two[0]
    assert match_enrolled(two, Person("García Gil Ana")).enrolled is two[1]
    assert match_enrolled(two[:1], Person("García Ana Gil")).enrolled is two[0]
    assert match_enrolled(two, Person("garciagilana")).enrolled is two[1]


def test_they_are_not_taken_together_either(read: Read) -> None:
    given = {f"{who}/01_s3.ipynb": notebook(1) for who in ("Gil García Ana", "Ana García Gil", "García Gil, Ana")}
    assert sorted(by_name(read(given))) == ["Ana García Gil", "Gil García Ana"]
