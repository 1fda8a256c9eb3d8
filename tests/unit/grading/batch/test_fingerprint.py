"""What makes a notebook run again, and what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkit.grading.batch import fingerprint
from labkit.grading.batch.fingerprint import hash_notebooks, hash_reference, hash_shared
from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.intake.submission import Paper, Submission

REFERENCES = {"01_s3": "a", "02_iam": "b"}
OPTIONS = {"language": "es", "chain": False}


@pytest.fixture
def ana(tmp_path: Path) -> Submission:
    papers = []
    for name in REFERENCES:
        path = tmp_path / f"{name}.ipynb"
        path.write_text(name)
        papers.append(Paper(name, path, path.name))
    return Submission("Ana", "ana", "Ana", tuple(papers))


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def test_the_same_gives_the_same(ana: Submission) -> None:
    found = hash_notebooks(ana, REFERENCES, OPTIONS)
    assert found == hash_notebooks(ana, dict(REFERENCES), dict(reversed(OPTIONS.items())))
    assert len(set(found.values())) == 2


def test_a_changed_answer_runs_its_notebook_again(ana: Submission) -> None:
    before = hash_notebooks(ana, REFERENCES, OPTIONS)
    ana.papers[1].path.write_text("another answer")
    assert changed(before, hash_notebooks(ana, REFERENCES, OPTIONS)) == ["02_iam"]


def test_in_a_chain_what_comes_after_runs_again_too(ana: Submission) -> None:
    before = hash_notebooks(ana, REFERENCES, OPTIONS, chain=True)
    ana.papers[0].path.write_text("another answer")
    assert changed(before, hash_notebooks(ana, REFERENCES, OPTIONS, chain=True)) == ["01_s3", "02_iam"]


def test_a_notebook_handed_in_later_runs(ana: Submission) -> None:
    before = hash_notebooks(replace(ana, papers=ana.papers[:1]), REFERENCES, OPTIONS)
    assert changed(before, hash_notebooks(ana, REFERENCES, OPTIONS)) == ["02_iam"]


def test_seed_options_and_reference_count_and_the_name_shown_does_not(ana: Submission) -> None:
    before = hash_notebooks(ana, REFERENCES, OPTIONS)
    both = ["01_s3", "02_iam"]
    assert changed(before, hash_notebooks(replace(ana, seed="Luis"), REFERENCES, OPTIONS)) == both
    assert changed(before, hash_notebooks(ana, REFERENCES, {**OPTIONS, "language": "en"})) == both
    assert changed(before, hash_notebooks(ana, {**REFERENCES, "01_s3": "edited"}, OPTIONS)) == ["01_s3"]
    renamed = replace(ana, student="Núñez, Ana", lms_id="4711", late=True)
    assert changed(before, hash_notebooks(renamed, REFERENCES, OPTIONS)) == []


def test_a_paper_that_cannot_be_read_has_a_fingerprint(ana: Submission) -> None:
    ana.papers[0].path.unlink()
    assert hash_notebooks(ana, REFERENCES, OPTIONS)["01_s3"]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A package of a few files in the place of labkit's; `edit` changes one and gives the hashes of the notebooks 3 and 4."""
    files = [
        "checks/run.py",
        "checks/rubric_8.json",
        "checks/step_3/a.py",
        "checks/step_4.py",
        "cloud/s3.py",
        "grading/pages/page.py",
    ]
    root = tmp_path / "labkit"
    monkeypatch.setattr(fingerprint, "_PACKAGE", root)

    def edit(name: str) -> tuple[str, str]:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.read_text() + "# edited" if path.exists() else "")
        hash_shared.cache_clear()
        three, four = (hash_reference(Notebook(name, (Cell("a", "code", "1"),))) for name in ("03_crawler", "04_glue"))
        return three, four

    for name in files:
        edit(name)
    yield edit
    hash_shared.cache_clear()


def test_an_edited_check_changes_its_own_notebook_only(package: Any) -> None:
    three, four = package("grading/pages/page.py")
    edited_three, same_four = package("checks/step_3/a.py")
    assert edited_three != three
    assert same_four == four
    same_three, edited_four = package("checks/step_4.py")
    assert same_three == edited_three
    assert edited_four != four


@pytest.mark.parametrize("name", ["checks/run.py", "cloud/s3.py"])
def test_what_is_shared_changes_all(package: Any, name: str) -> None:
    before = package("grading/pages/page.py")
    after = package(name)
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_how_a_page_words_it_changes_nothing(package: Any) -> None:
    before = package("grading/pages/page.py")
    assert package("grading/pages/page.py") == before
    assert package("locale/grading.json") == before


def test_an_edited_rubric_runs_nothing_again(package: Any) -> None:
    before = package("grading/pages/page.py")
    assert package("checks/rubric_8.json") == before


def test_an_edited_cell_changes_the_reference() -> None:
    one = hash_reference(Notebook("01_s3", (Cell("a", "code", "1"),)))
    assert one != hash_reference(Notebook("01_s3", (Cell("a", "code", "2"),)))
    assert one == hash_reference(Notebook("01_s3", (Cell("a", "code", "1"),)))
