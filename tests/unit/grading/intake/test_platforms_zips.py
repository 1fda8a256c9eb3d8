"""Downloads of Moodle and Canvas as they come, and what students pack."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from labkit.grading.intake.entry_names import decode_name

from .conftest import Read, by_name, keys, nameless, notebook, pack, papers, reasons, with_raw_name

MOODLE = "Núñez Peña Ana_123456_assignsubmission_file_"


def test_moodle_folders(read: Read) -> None:
    intake = read(
        pack({f"{MOODLE}/01_s3.ipynb": notebook(1), "Gil Luis_7_assignsubmission_file_/04_glue_etl.ipynb": notebook()})
    )
    assert {name: (one.lms_id, papers(one)) for name, one in by_name(intake).items()} == {
        "Núñez Peña Ana": ("123456", ["01_s3"]),
        "Gil Luis": ("7", ["04_glue_etl"]),
    }
    assert not intake.unplaced


def test_moodle_flat(read: Read) -> None:
    intake = read(pack({f"{MOODLE}04_glue_etl.ipynb": notebook(), f"{MOODLE}01_s3.ipynb": notebook(1)}))
    assert papers(by_name(intake)["Núñez Peña Ana"]) == ["01_s3", "04_glue_etl"]


def test_moodle_with_hidden_names(read: Read) -> None:
    intake = read(pack({f"Participante_{n}_assignsubmission_file_/01_s3.ipynb": notebook(1) for n in (11, 12)}))
    assert sorted(by_name(intake)) == ["Participante 11", "Participante 12"]


def test_canvas(read: Read) -> None:
    intake = read(
        pack({"nunezana_LATE_4711_987654_04_glue_etl-1.ipynb": notebook(), "gilluis_47_98_01_s3.ipynb": notebook(1)})
    )
    ana, luis = by_name(intake)["nunezana"], by_name(intake)["gilluis"]
    assert (ana.lms_id, ana.late, papers(ana)) == ("4711", True, ["04_glue_etl"])
    assert "intake.late" in keys(ana)
    assert (luis.lms_id, luis.late) == ("47", False)


def test_a_students_zip_inside_the_download_and_one_inside_that(read: Read) -> None:
    inner = pack({"entrega/04_glue_etl.ipynb": notebook(), "entrega/otro.zip": pack({"01_s3.ipynb": notebook(1)})})
    intake = read(pack({f"{MOODLE}/entrega.zip": inner, "nunoz_1_2_lab.zip": pack({"01_s3.ipynb": notebook(1)})}))
    assert papers(by_name(intake)["Núñez Peña Ana"]) == ["01_s3", "04_glue_etl"]
    assert papers(by_name(intake)["nunoz"]) == ["01_s3"]


def test_a_download_that_lies_zipped_in_a_folder(read: Read) -> None:
    assert list(by_name(read({"Lab-entregas-99.zip": pack({f"{MOODLE}/01_s3.ipynb": notebook(1)})}))) == [
        "Núñez Peña Ana"
    ]


@pytest.mark.parametrize("encoding", ["cp437", "cp850", "utf-8", "cp1252"])
def test_names_without_the_utf_8_mark(read: Read, encoding: str) -> None:
    raw = MOODLE.encode(encoding)
    plain = b"N" * len(raw)
    packed = with_raw_name(pack({f"{plain.decode()}/01_s3.ipynb": notebook(1)}), plain, raw)
    assert list(by_name(read(packed))) == ["Núñez Peña Ana"]


def test_names_that_macos_took_apart(read: Read) -> None:
    apart = unicodedata.normalize("NFD", MOODLE)
    intake = read(pack({f"{apart}/01_s3.ipynb": notebook(1), f"{MOODLE}/04_glue_etl.ipynb": notebook()}))
    assert {name: papers(one) for name, one in by_name(intake).items()} == {"Núñez Peña Ana": ["01_s3", "04_glue_etl"]}


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("José Íñigo", "cp1252"), ("ÁNGELA MUÑOZ", "cp1252"), ("Ángel Güell Coś", "utf-8"), ("Óscar Úbeda", "cp850")],
)
def test_names_whose_encoding_nobody_wrote_down(name: str, encoding: str) -> None:
    assert decode_name(name.encode(encoding)) == name


def test_a_folder_a_student_and_the_lab_s_own_folders(read: Read) -> None:
    intake = read({"Ana Núñez/notebooks/es/01_s3.ipynb": notebook(1), "Luis Gil/04_glue_etl.ipynb": notebook()})
    assert {name: papers(one) for name, one in by_name(intake).items()} == {
        "Ana Núñez": ["01_s3"],
        "Luis Gil": ["04_glue_etl"],
    }


def test_a_wrapper_around_the_class_is_no_student(read: Read) -> None:
    intake = read(pack({f"Grupo B 2026/{who}/01_s3.ipynb": notebook(1) for who in ("Ana", "Luis")}))
    assert sorted(by_name(intake)) == ["Ana", "Luis"]


def test_loose_notebooks_with_a_name(read: Read) -> None:
    intake = read({"04_glue_etl_Ana.ipynb": notebook(), "Luis Gil - 01_s3 (2).ipynb": notebook(1)})
    assert {name: papers(one) for name, one in by_name(intake).items()} == {
        "Ana": ["04_glue_etl"],
        "Luis Gil": ["01_s3"],
    }


def test_loose_notebooks_without_one_are_of_the_folder(read: Read) -> None:
    intake = read({"04_glue_etl.ipynb": notebook(), "es/01_s3.ipynb": notebook(1)}, called="Ana Núñez")
    assert {name: papers(one) for name, one in by_name(intake).items()} == {"Ana Núñez": ["01_s3", "04_glue_etl"]}


def test_one_among_others_without_a_name_is_nobodys(read: Read) -> None:
    intake = read({"04_glue_etl.ipynb": notebook(), "Luis Gil/01_s3.ipynb": notebook(1)})
    assert list(by_name(intake)) == ["Luis Gil"]
    assert reasons(intake) == {"04_glue_etl.ipynb": "intake.nobody"}


def test_one_notebook(read: Read, tmp_path: Path) -> None:
    (tmp_path / "04_glue_etl_Ana Núñez.ipynb").write_bytes(notebook())
    assert list(by_name(read(tmp_path / "04_glue_etl_Ana Núñez.ipynb"))) == ["Ana Núñez"]


def test_one_zip_of_one_student(read: Read) -> None:
    assert list(by_name(read(pack({"notebooks/es/01_s3.ipynb": notebook(1)}), called="Ana Núñez"))) == ["Ana Núñez"]


def test_what_systems_and_editors_leave_behind(read: Read) -> None:
    junk = ["__MACOSX/Ana/._01_s3.ipynb", "Ana/.DS_Store", "Ana/.ipynb_checkpoints/01_s3-checkpoint.ipynb"]
    junk += ["Ana/._01_s3.ipynb", "Ana/Thumbs.db", "Ana/desktop.ini", "Ana/~$01_s3.ipynb"]
    intake = read({"Ana/01_s3.ipynb": notebook(1), "Ana/apuntes.pdf": b"%PDF", **dict.fromkeys(junk, notebook(1))})
    (ana,) = intake.submissions
    assert papers(ana) == ["01_s3"]
    assert not ana.notes
    assert not intake.unplaced


def test_what_is_no_notebook_is_said(read: Read) -> None:
    intake = read(
        pack(
            {f"{MOODLE}/informe.pdf": b"%PDF", "Gil Luis_7_assignsubmission_file_/todo.rar": b"Rar!", "LEEME.txt": b""}
        )
    )
    assert {name: (papers(one), keys(one)) for name, one in by_name(intake).items()} == {
        "Núñez Peña Ana": ([], ["intake.not_a_notebook"]),
        "Gil Luis": ([], ["intake.other_archive"]),
    }
    assert sorted(reasons(intake).values()) == ["intake.not_a_notebook", "intake.other_archive"]


def test_a_notebook_of_something_else(read: Read) -> None:
    intake = read({"Ana/practica.ipynb": nameless(), "Ana/01_s3.ipynb": notebook(1)})
    assert reasons(intake) == {"Ana/practica.ipynb": "intake.no_notebook"}
    assert papers(by_name(intake)["Ana"]) == ["01_s3"]
