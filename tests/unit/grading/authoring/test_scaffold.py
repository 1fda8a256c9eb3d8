"""`labkit new-task` in a copy of the tree: everything a task needs, nothing called done, and never twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.errors import LabError, UsageError
from labkit.grading.authoring.cells import find_place
from labkit.grading.authoring.registry import add_import, add_task, find_table
from labkit.grading.authoring.scaffold import find_scaffolds, plan_scaffold
from labkit.grading.authoring.wish import Wish
from labkit.grading.editions.faults import errors_of
from labkit.grading.editions.places import Places
from labkit.grading.editions.validate import find_faults, read_source

ROOT = Path(__file__).parents[4]
WISH = Wish("03_crawler", "3.9", 2, "automation", ("Dos «rastreadores» {a}", 'Two "crawlers" {a}'))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of this tree that a task of notebook 3 touches or needs, in a folder with an awkward name."""
    root = tmp_path / "clon con ñ"
    for name in ("labkit/checks/step_3", "labkit/checks/step_0.py", "notebooks", "labkit/locale/task_3.json"):
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return root


def read_all(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_everything_a_task_needs_is_written(clone: Path) -> None:
    before = read_all(clone)
    written = [path.relative_to(clone).as_posix() for path in plan_scaffold(clone, WISH).write()]
    after = read_all(clone)
    assert sorted(written) == sorted(name for name in after if after[name] != before.get(name))
    assert set(after) - set(before) == {"labkit/checks/step_3/task_3_9.py", "tests/unit/checks/test_task_3_9.py"}
    assert find_scaffolds(clone) == ["3.9"]


def test_its_cells_follow_every_rule(clone: Path) -> None:
    plan_scaffold(clone, WISH).write()
    places = Places(clone / "notebooks")
    source = read_source(places, "03_crawler")
    ids = [cell.id for cell in source.notebook.cells]
    place = ids.index("t3-9-text")
    assert ids[place - 1 : place + 4] == ["t3-4-check", "t3-9-text", "t3-9-answer", "t3-9-check", "m3-reality"]
    check = source.notebook.find("t3-9-check")
    assert check is not None
    assert check.nbgrader["points"] == 2
    assert source.translations[0].missing(source.notebook) == source.translations[0].stale(source.notebook) == []
    # The registry of this process does not have the task: what is said of that is the only fault.
    found = {(fault.cell, fault.key) for fault in errors_of(find_faults(source, places))}
    assert {cell for cell, _key in found} <= {"t3-9-answer", "t3-9-check"}
    assert {key for _cell, key in found} == {"notebooks.fault.task_unknown"}


def test_what_was_there_stays_byte_for_byte(clone: Path) -> None:
    names = ("notebooks/source/03_crawler.ipynb", "notebooks/translations/en/03_crawler.json")
    before = [read_json(clone / name) for name in names]
    texts = read_json(clone / "labkit/locale/task_3.json")
    plan_scaffold(clone, WISH).write()
    after = [read_json(clone / name) for name in names]
    kept = [cell for cell in after[0]["cells"] if not cell["id"].startswith("t3-9-")]
    assert kept == before[0]["cells"]
    assert {key: words for key, words in after[1].items() if key != "t3-9-text"} == before[1]
    new = read_json(clone / "labkit/locale/task_3.json")
    assert {key: words for key, words in new.items() if not key.startswith("task_3.9.")} == texts
    assert new["task_3.9.title"]["en"].format() == 'Two "crawlers" {a}'


def test_after_puts_it_between_two_tasks(clone: Path) -> None:
    wish = Wish("03_crawler", "3.9", 2, "etl", ("uno", "one"), after="3.2")
    plan_scaffold(clone, wish).write()
    table = find_table(clone / "labkit/checks/step_3")
    assert table is not None
    assert table.ids == ("3.1", "3.2", "3.9", "3.3", "3.4")
    ids = [cell["id"] for cell in read_json(clone / "notebooks/source/03_crawler.ipynb")["cells"]]
    assert ids[ids.index("t3-9-text") - 1] == "t3-2-check"


def test_a_second_time_is_refused_and_touches_nothing(clone: Path) -> None:
    plan_scaffold(clone, WISH).write()
    before = read_all(clone)
    with pytest.raises(UsageError) as caught:
        plan_scaffold(clone, WISH)
    assert caught.value.key == "error.new_task_exists"
    assert "TASKS" in str(caught.value)
    assert read_all(clone) == before


@pytest.mark.parametrize("left", ["labkit/checks/step_3/task_3_9.py", "tests/unit/checks/test_task_3_9.py"])
def test_a_file_that_is_left_over_is_not_overwritten(clone: Path, left: str) -> None:
    (clone / left).parent.mkdir(parents=True, exist_ok=True)
    (clone / left).write_text("somebody's work")
    with pytest.raises(UsageError) as caught:
        plan_scaffold(clone, WISH)
    assert Path(left).name in str(caught.value)


@pytest.mark.parametrize(
    ("notebook", "task", "after", "key"),
    [
        ("03_crawler", "3.1", "", "error.new_task_exists"),
        ("03_crawler", "4.9", "", "error.new_task_id"),
        ("03_crawler", "3", "", "error.new_task_id"),
        ("03_crawler", "3.0", "", "error.new_task_id"),
        ("03_crawler", "3.5.1", "", "error.new_task_id"),
        ("03_crawler", "../3.5", "", "error.new_task_id"),
        ("03_crawler", "3.9", "3.8", "error.new_task_after"),
        ("03_nada", "3.9", "", "error.notebook_unknown"),
        ("00_inicio", "0.9", "", "error.new_task_table"),
    ],
)
def test_what_cannot_be_is_refused_by_name(clone: Path, notebook: str, task: str, after: str, key: str) -> None:
    before = read_all(clone)
    with pytest.raises(LabError) as caught:
        plan_scaffold(clone, Wish(notebook, task, 1, "etl", ("a", "b"), after))
    assert caught.value.key == key
    assert read_all(clone) == before


def test_when_one_file_cannot_be_written_none_is(clone: Path) -> None:
    scaffold = plan_scaffold(clone, WISH)
    (clone / "tests").write_text("a file stands where a folder is needed")
    before = read_all(clone)
    with pytest.raises(LabError) as caught:
        scaffold.write()
    assert caught.value.key == "error.out_unwritable"
    assert read_all(clone) == before


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 7, 8, 90])
def test_the_table_of_every_step_takes_a_task(number: int) -> None:
    table = find_table(ROOT / "labkit" / "checks" / f"step_{number}")
    assert table is not None
    changed = add_task(table, Wish("x", f"{number}.99", 1, "automation", ("a", "b")))
    assert compile(changed, "tasks", "exec")
    assert f'"{number}.99"' in changed
    assert changed.count("AUTOMATION") >= 2


def test_an_import_finds_its_place() -> None:
    source = "from labkit.a import b\nfrom labkit.checks.task import ETL, Task\n"
    assert add_import(source, "labkit.checks.task", "AUTOMATION").endswith("import AUTOMATION, ETL, Task\n")
    assert add_import(source, "labkit.b", "c").splitlines()[1] == "from labkit.b import c"
    assert add_import(source, "labkit.a", "b") == source


def test_a_notebook_without_tasks_gets_its_first_before_the_summary() -> None:
    cells = [{"id": name} for name in ("m9-title", "m9-open", "m9-end")]
    assert find_place(cells, Wish("09_x", "9.1", 1, "etl", ("a", "b"))) == 2


@pytest.fixture
def whole_clone(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "clon"
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("labkit", "notebooks", "etl", "lambda", "data", "tests", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", root)
    yield root
    shutil.rmtree(root)


@pytest.mark.slow
def test_a_scaffold_builds_and_is_honest(whole_clone: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *words], cwd=whole_clone, capture_output=True, text=True, check=False
        )

    made = run("labkit", "new-task", "03_crawler", "3.9", "--points", "2", "--outcome", "etl", "--title", "Uno  más\n")
    assert made.returncode == 0, made.stderr
    assert run("labkit", "notebooks", "build", "--only", "03_crawler").returncode == 0
    status = run("labkit", "notebooks", "status")
    assert "102" in status.stdout
    assert "3.9" in status.stdout
    tested = run("pytest", "-q", "-p", "no:cacheprovider", "tests/unit/checks/test_task_3_9.py")
    assert tested.returncode == 0, tested.stdout
    again = run("labkit", "new-task", "03_crawler", "3.9", "--points", "2", "--outcome", "etl")
    assert again.returncode == 2
    assert "3.9" in again.stderr
