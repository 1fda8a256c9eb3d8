"""The cells of a scaffold, put into a source notebook, and the English of its text."""

from __future__ import annotations

import json
from typing import Any

from labkit.grading.authoring.wish import Wish
from labkit.grading.editions.regions import BEGIN, END
from labkit.grading.editions.translations import hash_text
from labkit.i18n import load_catalogue


def add_cells(document: dict[str, Any], wish: Wish) -> str:
    """Put heading, answer and check after the cells of the task before; the notebook's text as it is written to disk."""
    cells = document["cells"]
    place = find_place(cells, wish)
    document["cells"] = [*cells[:place], *_build_cells(wish), *cells[place:]]
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def add_translation(document: dict[str, Any], wish: Wish, order: list[str]) -> str:
    """The file of translations with the scaffold's own, in the order of the notebook's cells."""
    words = {"hash": hash_text(build_text(wish, "es")), "text": build_text(wish, "en")}
    whole = {**document, f"{wish.cell_prefix}-text": words}
    names = sorted(whole, key=lambda name: order.index(name) if name in order else len(order))
    return json.dumps({name: whole[name] for name in names}, ensure_ascii=False, indent=1) + "\n"


def build_text(wish: Wish, language: str) -> str:
    """The heading and what is to be written under it."""
    title = wish.titles[0 if language == "es" else 1]
    catalogue = load_catalogue()
    return catalogue["new_task.cell"][language].format(task=wish.task, title=title, points=wish.points)


def find_place(cells: list[dict[str, Any]], wish: Wish) -> int:
    """Where the new cells go: behind the last cell of the task before it, or of all tasks; before the summary when there is none."""
    wanted = f"t{wish.after.replace('.', '-')}-" if wish.after else "t"
    found = [number for number, cell in enumerate(cells) if cell["id"].startswith(wanted)]
    return found[-1] + 1 if found else max(1, len(cells) - 1)


def _build_cells(wish: Wish) -> list[dict[str, Any]]:
    prefix, answer = wish.cell_prefix, wish.answer
    blank = f"{answer} = ...\n{BEGIN}\n{answer} = None\n{END}"
    check = f'lab.check("{wish.task}", {answer}={answer})'
    return [
        _build("markdown", f"{prefix}-text", build_text(wish, "es")),
        _build("code", f"{prefix}-answer", blank, solution=True, locked=False),
        _build("code", f"{prefix}-check", check, grade=True, points=wish.points),
    ]


def _build(kind: str, cell_id: str, source: str, **changes: object) -> dict[str, Any]:
    meta = {"schema_version": 3, "grade_id": cell_id, "grade": False, "solution": False, "locked": True, "task": False}
    cell = {"cell_type": kind, "id": cell_id, "metadata": {"nbgrader": {**meta, **changes}}, "source": source}
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}
