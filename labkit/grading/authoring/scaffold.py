"""A new task in a clone: every file that it needs, all of them or none."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError, UsageError
from labkit.grading.authoring.cells import add_cells, add_translation
from labkit.grading.authoring.check_module import build_check, build_test
from labkit.grading.authoring.registry import Table, add_task, find_table
from labkit.grading.authoring.wish import Wish, is_task_id
from labkit.grading.editions.cells import read_json
from labkit.grading.editions.places import Places
from labkit.i18n import LANGUAGES, build_lesson, load_catalogue

_SCAFFOLD = re.compile(r'"task_(\d+\.\d+)\.scaffold"')


@dataclass(frozen=True)
class Scaffold:
    """The files' texts by path, in the order in which an author goes through them."""

    files: Mapping[Path, str]

    def write(self) -> list[Path]:
        """Write all of them; when one cannot be written, none is changed. LabError then."""
        drafts = {path: path.with_name(f".{path.name}.draft") for path in self.files}
        try:
            for path, draft in drafts.items():
                draft.parent.mkdir(parents=True, exist_ok=True)
                draft.write_text(self.files[path], encoding="utf-8")
        except OSError as error:
            for draft in drafts.values():
                if draft.is_file():
                    draft.unlink()
            reason = error.strerror or str(error)
            raise build_lesson(LabError, "error.out_unwritable", folder=str(error.filename), reason=reason) from error
        for path, draft in drafts.items():
            os.replace(draft, path)
        return list(drafts)


def plan_scaffold(root: Path, wish: Wish) -> Scaffold:
    """What a clone at `root` looks like with the task in it; nothing is written.

    UsageError for an id that is none or of another notebook, that is there already, or whose `after` is not there.
    """
    places = Places(root / "notebooks")
    _judge_names(places, wish)
    package = root / "labkit" / "checks" / f"step_{wish.step}"
    table = find_table(package)
    if table is None:
        raise build_lesson(LabError, "error.new_task_table", folder=str(package.relative_to(root)))
    source = read_json(places.source_of(wish.notebook))
    check = package / f"{wish.module}.py"
    test = root / "tests" / "unit" / "checks" / f"test_{wish.module}.py"
    locale = root / "labkit" / "locale" / f"task_{wish.step}.json"
    texts = locale.read_text(encoding="utf-8") if locale.is_file() else "{\n}\n"
    _judge_new(wish, table, [cell["id"] for cell in source["cells"]], (check, test), texts)
    notebook = add_cells(source, wish)
    order = [cell["id"] for cell in source["cells"]]
    translation = places.translation_of(wish.notebook, "en")
    words = read_json(translation) if translation.is_file() else {}
    return Scaffold(
        {
            places.source_of(wish.notebook): notebook,
            translation: add_translation(words, wish, order),
            check: build_check(wish),
            table.path: add_task(table, wish),
            locale: add_texts(texts, wish),
            test: build_test(wish),
        }
    )


def find_scaffolds(root: Path) -> list[str]:
    """The tasks whose check is still a scaffold, by the key that only a scaffold has."""
    found = {
        task
        for path in sorted((root / "labkit" / "checks").rglob("*.py"))
        for task in _SCAFFOLD.findall(path.read_text(encoding="utf-8"))
    }
    return sorted(found, key=lambda task: tuple(map(int, task.split("."))))


def add_texts(texts: str, wish: Wish) -> str:
    """A file of the catalogue with the scaffold's texts at its end; what is there stays as its author laid it out."""
    catalogue = load_catalogue()
    # Texts of the catalogue are format strings.
    titles = {
        name: title.replace("{", "{{").replace("}", "}}") for name, title in zip(LANGUAGES, wish.titles, strict=True)
    }
    new = {
        f"{wish.key}.title": titles,
        f"{wish.key}.hint_1": catalogue["new_task.hint_1"],
        f"{wish.key}.hint_2": catalogue["new_task.hint_2"],
        f"{wish.key}.scaffold": catalogue["new_task.scaffold"],
    }
    rest = texts.rstrip().removesuffix("}").rstrip()
    block = json.dumps(new, ensure_ascii=False, indent=1).removeprefix("{\n").removesuffix("\n}")
    return f"{rest}{'' if rest.endswith('{') else ','}\n{block}\n}}\n"


def _judge_names(places: Places, wish: Wish) -> None:
    if wish.notebook not in places.names():
        raise build_lesson(
            UsageError, "error.notebook_unknown", name=wish.notebook, known=", ".join(places.names()) or "—"
        )
    if not is_task_id(wish.task) or wish.step != int(wish.notebook.partition("_")[0]):
        raise build_lesson(UsageError, "error.new_task_id", task=wish.task, notebook=wish.notebook)


def _judge_new(wish: Wish, table: Table, cell_ids: list[str], files: tuple[Path, ...], texts: str) -> None:
    there = [f"TASKS ({table.path.name})"] if wish.task in table.ids else []
    there += [cell_id for cell_id in cell_ids if cell_id.startswith(f"{wish.cell_prefix}-")]
    there += [path.name for path in files if path.exists()]
    there += [f"{wish.key}.…"] if f'"{wish.key}.' in texts else []
    if there:
        raise build_lesson(UsageError, "error.new_task_exists", task=wish.task, where=", ".join(there))
    if wish.after and wish.after not in table.ids:
        known = ", ".join(table.ids)
        raise build_lesson(UsageError, "error.new_task_after", after=wish.after, notebook=wish.notebook, known=known)
