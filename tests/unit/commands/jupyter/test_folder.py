"""The notebooks a student works on: found, copied once, and never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.commands.jupyter import folder as folders
from labkit.commands.jupyter.folder import Copied, copy_notebooks, find_folder, find_notebook
from labkit.errors import LabError, UsageError


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an installed labkit carries."""
    source = tmp_path / "site" / "shipped" / "notebooks"
    for name in ("es/00_inicio.ipynb", "es/03_crawler.ipynb", "en/00_inicio.ipynb", "img/paso_1.svg"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(f"{name} v1", encoding="utf-8")
    (source / "es/.ipynb_checkpoints").mkdir()
    (source / "es/.ipynb_checkpoints/00_inicio-checkpoint.ipynb").write_text("left by Jupyter")
    monkeypatch.setattr(folders, "find_lab_file", lambda relative: source.parent / relative)
    return source


def test_an_installed_labkit_works_on_copies_at_home(shipped: Path, tmp_path: Path) -> None:
    assert find_folder(None, tmp_path) == (tmp_path / "labkit-lab", True)
    assert find_folder(tmp_path / "mi año", tmp_path) == (tmp_path / "mi año", True)


def test_a_clone_is_the_students_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = tmp_path / "clon"
    monkeypatch.setattr(folders, "find_lab_file", lambda relative: clone / relative)
    assert find_folder(None, tmp_path) == (clone, False)
    assert find_folder(clone, tmp_path) == (clone, False)
    assert find_folder(tmp_path / "otra", tmp_path) == (tmp_path / "otra", True)


def test_copying_takes_the_notebooks_and_the_pictures_and_nothing_hidden(shipped: Path, tmp_path: Path) -> None:
    lab = tmp_path / "lab de la señora"
    assert len(copy_notebooks(lab).new) == 4
    found = sorted(path.relative_to(lab).as_posix() for path in lab.rglob("*") if path.is_file())
    assert found == [
        "notebooks/.labkit-copies.json",
        "notebooks/en/00_inicio.ipynb",
        "notebooks/es/00_inicio.ipynb",
        "notebooks/es/03_crawler.ipynb",
        "notebooks/img/paso_1.svg",
    ]


def test_copying_again_changes_nothing(shipped: Path, tmp_path: Path) -> None:
    copy_notebooks(tmp_path / "lab")
    assert copy_notebooks(tmp_path / "lab") == Copied((), (), ())


def test_work_is_never_overwritten_and_a_newer_original_is_told_of(shipped: Path, tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    copy_notebooks(lab)
    mine = lab / "notebooks/es/03_crawler.ipynb"
    mine.write_text("my answers", encoding="utf-8")
    assert copy_notebooks(lab) == Copied((), (), ())
    (shipped / "es/03_crawler.ipynb").write_text("v2", encoding="utf-8")
    (shipped / "en/00_inicio.ipynb").write_text("v2", encoding="utf-8")
    assert copy_notebooks(lab) == Copied((), ("en/00_inicio.ipynb",), ("es/03_crawler.ipynb",))
    assert mine.read_text(encoding="utf-8") == "my answers"
    assert (lab / "notebooks/en/00_inicio.ipynb").read_text(encoding="utf-8") == "v2"


def test_a_deleted_notebook_comes_back(shipped: Path, tmp_path: Path) -> None:
    copy_notebooks(tmp_path / "lab")
    (tmp_path / "lab/notebooks/es/03_crawler.ipynb").unlink()
    assert copy_notebooks(tmp_path / "lab").new == ("es/03_crawler.ipynb",)


def test_a_lost_record_costs_no_work(shipped: Path, tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    copy_notebooks(lab)
    (lab / "notebooks/.labkit-copies.json").write_text("[", encoding="utf-8")
    (lab / "notebooks/es/03_crawler.ipynb").write_text("my answers", encoding="utf-8")
    assert copy_notebooks(lab).kept == ("es/03_crawler.ipynb",)


def test_a_folder_that_cannot_be_written_is_a_lesson(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("a file", encoding="utf-8")
    with pytest.raises(LabError) as told:
        copy_notebooks(tmp_path / "lab")
    assert str(tmp_path / "lab") in told.value.what
    assert "--folder" in told.value.next_step


@pytest.mark.parametrize("wished", ["3", "03", "03_crawler", "03_crawler.ipynb", "notebooks/es/03_crawler.ipynb"])
def test_a_notebook_is_named_by_number_name_or_path(shipped: Path, wished: str) -> None:
    assert find_notebook(shipped.parent, "es", wished) == shipped / "es/03_crawler.ipynb"


def test_without_a_name_the_first_notebook_opens(shipped: Path) -> None:
    assert find_notebook(shipped.parent, "en", None) == shipped / "en/00_inicio.ipynb"


@pytest.mark.parametrize("wished", ["4", "13", "crawler", "../../../etc/passwd"])
def test_an_unknown_notebook_is_answered_with_the_names_there_are(shipped: Path, wished: str) -> None:
    with pytest.raises(UsageError) as told:
        find_notebook(shipped.parent, "es", wished)
    assert "00_inicio, 03_crawler" in told.value.cause
