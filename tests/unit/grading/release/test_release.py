"""What goes out to students, and what never does."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from labkit.cli import main
from labkit.grading.editions.places import Places, find_places
from labkit.grading.editions.validate import Source, read_source
from labkit.grading.release.contents import list_contents
from labkit.grading.release.leaks import Leak, find_leaks
from labkit.grading.release.pack import FOLDER, write_release

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def places() -> Places:
    return find_places()


@pytest.fixture(scope="module")
def sources(places: Places) -> list[Source]:
    return [read_source(places, name) for name in places.names()]


@pytest.fixture(scope="module")
def contents(sources: list[Source], places: Places) -> Mapping[str, bytes]:
    return list_contents(sources, places, ("es", "en"))


def test_everything_that_make_lab_needs_is_there(contents: Mapping[str, bytes]) -> None:
    needed = [
        "pyproject.toml",
        "Makefile",
        "README.md",
        "LICENSE",
        "environment.yml",
        "pins/labkit.txt",
        "labkit/__init__.py",
    ]
    needed += ["labkit/locale/cli.json", "etl/sales_etl.py", "lambda/start_glue_job.py", "data/ventas_2024_01.csv"]
    needed += ["notebooks/img/paso_1.svg", "labkit/cloud/site/awsglue/__init__.py"]
    assert not set(needed) - set(contents)
    for language in ("es", "en"):
        names = {path.name for path in (ROOT / "notebooks/source").glob("*.ipynb")}
        assert names == {name.split("/")[-1] for name in contents if name.startswith(f"notebooks/{language}/")}


def test_what_stays_with_the_instructor(contents: Mapping[str, bytes]) -> None:
    kept = (
        "notebooks/source",
        "notebooks/translations",
        "tests/",
        ".git",
        "docs/decisions",
        "docs/grading",
        "docs/calificar",
    )
    assert not [name for name in contents if name.startswith(kept)]
    assert not [name for name in contents if "rubric_8" in name or "__pycache__" in name or name.endswith(".pyc")]


def test_editions_are_built_and_not_copied(
    contents: Mapping[str, bytes], sources: list[Source], tmp_path: Path
) -> None:
    """Whatever somebody wrote into the edition of a clone, students get the one that its source gives."""
    for name in (name for name in contents if name.endswith(".ipynb")):
        cells = json.loads(contents[name])["cells"]
        assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


def test_no_solution_is_in_it(contents: Mapping[str, bytes], sources: list[Source]) -> None:
    assert find_leaks(contents, sources) == []
    assert not [name for name, words in contents.items() if b"BEGIN SOLUTION" in words]


def test_a_solution_is_found_wherever_it_hides(sources: list[Source]) -> None:
    source = next(one for one in sources if one.notebook.name == "01_s3")
    answer = source.notebook.find("t1-1-answer")
    assert answer is not None
    solution = answer.source.split("### BEGIN SOLUTION\n")[1].split("\n### END SOLUTION")[0]
    wrapped = "\n    ".join(solution.split(" "))
    notebook = json.dumps({"cells": [{"source": [line + "\n" for line in solution.split("\n")]}]})
    hidden = {
        "etl/old.py": f"x = 1\n{wrapped}\n".encode(),
        "notebooks/es/x.ipynb": notebook.encode(),
        "data/a.csv": b"### END SOLUTION",
        "notebooks/source/x.txt": b"",
        "labkit/ok.py": b"bucket = 1",
    }
    found = find_leaks(hidden, [source])
    assert {leak.place for leak in found} == set(hidden) - {"labkit/ok.py"}
    assert Leak("etl/old.py", "t1-1-answer#0") in found


def test_a_line_of_a_reference_among_the_checks_is_found(sources: list[Source]) -> None:
    source = next(one for one in sources if one.notebook.name == "07_athena_costes")
    line = "requests = days * workload['invocations_per_day']".replace("'", '"')
    held = {"labkit/checks/step_7/x.py": f"def f():\n        {line}\n".encode(), "labkit/aws/x.py": line.encode()}
    assert [leak.place for leak in find_leaks(held, [source])] == ["labkit/checks/step_7/x.py"]
    # What students are given to read is no secret.
    assert find_leaks(held | {"lambda/x.py": line.encode()}, [source]) == []


def test_a_free_text_of_the_translation_is_found(sources: list[Source]) -> None:
    source = next(one for one in sources if one.notebook.name == "08_evaluacion")
    (english,) = source.translations
    text = next(
        words.text
        for cell, words in english.words.items()
        if "### BEGIN SOLUTION" in words.text and cell.startswith("t8")
    )
    solution = text.split("### BEGIN SOLUTION\n")[1].split("\n### END SOLUTION")[0]
    assert [leak.cell for leak in find_leaks({"docs/x.md": solution.encode()}, [source])]


def test_one_language(sources: list[Source], places: Places) -> None:
    contents = list_contents(sources, places, ("en",))
    assert contents["labkit.toml"] == b'language = "en"\n'
    assert not [name for name in contents if name.startswith(("notebooks/es", "labkit/pristine/es"))]
    assert contents["README.md"].startswith(b"# A data engineering lab")


def test_links_of_pages_lead_somewhere(contents: Mapping[str, bytes]) -> None:
    assert b"](decisions/" not in contents["docs/parity.md"] + contents["docs/events.md"]
    assert b"](identity.md" in b"".join(words for name, words in contents.items() if name.startswith("docs/"))


def test_the_same_contents_are_the_same_bytes(tmp_path: Path) -> None:
    contents = {"start": b"#!/bin/sh\n", "b/ñ.txt": b"x", "a.txt": b"y"}
    write_release(tmp_path / "1.zip", contents)
    write_release(tmp_path / "2.zip", dict(reversed(contents.items())))
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        assert archive.namelist() == [f"{FOLDER}/{name}" for name in ("a.txt", "b/ñ.txt", "start")]
        assert stat.S_IMODE(archive.infolist()[2].external_attr >> 16) == 0o755


def test_the_command_refuses_a_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from labkit.grading.release import contents, leaks

    monkeypatch.setattr(contents, "list_contents", lambda *_: {})
    monkeypatch.setattr(leaks, "find_leaks", lambda *_: [Leak("etl/x.py", "t1-1-answer#0")])
    assert main(["release", "--out", str(tmp_path / "lab.zip")]) == 1
    assert "etl/x.py t1-1-answer#0" in capsys.readouterr().err
    assert not (tmp_path / "lab.zip").exists()


def test_the_command_refuses_tasks_that_are_not_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scaffold that `labkit new-task` writes, found in a clone by the command's own search."""
    from labkit.grading.authoring import scaffold
    from labkit.grading.authoring.check_module import build_check
    from labkit.grading.authoring.wish import Wish

    check = tmp_path / "labkit/checks/step_3/task_3_9.py"
    check.parent.mkdir(parents=True)
    check.write_text(build_check(Wish("03_crawler", "3.9", 2, "etl", ("Título", "Title"))), encoding="utf-8")
    search = scaffold.find_scaffolds
    monkeypatch.setattr(scaffold, "find_scaffolds", lambda _root: search(tmp_path))
    assert main(["release", "--out", str(tmp_path / "lab.zip")]) == 1
    assert "3.9" in capsys.readouterr().err
    assert not (tmp_path / "lab.zip").exists()
