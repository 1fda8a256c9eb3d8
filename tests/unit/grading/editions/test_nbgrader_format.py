"""nbgrader opens our notebooks: the rules of its metadata, schema 3, over every source and every student edition.

The rules are those that nbgrader publishes, written anew; `tests/process/test_nbgrader.py` asks nbgrader itself.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).parents[4] / "notebooks"
FLAGS = ("grade", "solution", "locked", "task")
KNOWN = {*FLAGS, "schema_version", "grade_id", "points", "cell_type", "checksum"}
PATHS = sorted([*NOTEBOOKS.glob("source/*.ipynb"), *NOTEBOOKS.glob("e[sn]/*.ipynb")])


def find_faults(cell: dict[str, Any]) -> list[str]:
    meta = cell["metadata"].get("nbgrader")
    if meta is None:
        return []
    grade, solution, locked = (meta.get(flag) for flag in FLAGS[:3])
    rules = {
        "schema": meta.get("schema_version") == 3,
        "flags": all(isinstance(meta.get(flag, False), bool) for flag in FLAGS) and set(FLAGS[:3]) <= set(meta),
        "unknown key": set(meta) <= KNOWN,
        "id": not (grade or solution or locked) or bool(meta.get("grade_id")),
        "points": not grade or (isinstance(meta.get("points"), int | float) and meta["points"] >= 0),
        "graded text is an answer": cell["cell_type"] != "markdown" or not grade or bool(solution),
        "answer text is graded": cell["cell_type"] != "markdown" or not solution or bool(grade),
        "an answer is open, a check is locked": not (solution and locked) and (not grade or solution or bool(locked)),
    }
    return [name for name, holds in rules.items() if not holds]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_cell_follows_nbgraders_rules(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not [(cell["id"], faults) for cell in cells if (faults := find_faults(cell))]
    ids = Counter(cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"])
    assert not [name for name, count in ids.items() if count > 1]


def test_a_fault_is_seen() -> None:
    meta = {"schema_version": 3, "grade_id": "a", "grade": True, "solution": False, "locked": True, "task": False}
    cell = {"id": "a", "cell_type": "code", "metadata": {"nbgrader": meta}}
    assert find_faults(cell) == ["points"]
    assert find_faults({**cell, "cell_type": "markdown"}) == ["points", "graded text is an answer"]
