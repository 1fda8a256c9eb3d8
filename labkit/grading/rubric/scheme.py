"""The mark scheme of a free text, as data: items with points, what a student is told, and a note for who grades."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import labkit.checks
from labkit.checks.task import Task
from labkit.checks.tasks import list_step_tasks
from labkit.errors import DataError
from labkit.i18n import LANGUAGES, build_lesson, current_language, load_catalogue

_FOLDER = Path(labkit.checks.__file__).parent


@dataclass(frozen=True)
class Item:
    """One item: `met` and `missed` are told to the student, `note` only to the person who grades. Texts by language."""

    id: str
    points: float
    title: Mapping[str, str]
    met: Mapping[str, str]
    missed: Mapping[str, str]
    note: Mapping[str, str] = field(default_factory=dict)

    def title_text(self) -> str:
        return self.title[current_language()]

    def met_text(self) -> str:
        return self.met[current_language()]

    def missed_text(self) -> str:
        return self.missed[current_language()]

    def note_text(self) -> str:
        """For the person who grades; "" when there is nothing to say."""
        return self.note.get(current_language(), "")


@dataclass(frozen=True)
class Rubric:
    """The items of one task's free text."""

    task: str
    items: tuple[Item, ...]

    @property
    def points(self) -> float:
        return tidy(sum(item.points for item in self.items))

    def find(self, item_id: str) -> Item | None:
        """The item of this id, or None."""
        return next((item for item in self.items if item.id == item_id), None)


def tidy(points: float) -> float:
    """Points without the dust of binary fractions; a whole number is an int."""
    rounded = round(points, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def format_points(points: float) -> str:
    """Points as they are written in the language of now: 1,5 or 1.5."""
    words = str(tidy(points))
    return words.replace(".", ",") if current_language() == "es" else words


def find_rubrics(steps: Iterable[int], own: Path | None = None) -> dict[str, Rubric]:
    """The rubrics of these notebooks' free texts by task: that in `own` where it names the task, else the lab's, else a single item."""
    found = {}
    theirs = {rubric.task: rubric for rubric in (read_rubrics(own) if own else ())}
    for step in steps:
        for task in list_step_tasks(step):
            if task.by_hand:
                found[task.id] = theirs.pop(task.id) if task.id in theirs else _find_ours(task)
    if theirs:
        known = ", ".join(found) or "—"
        raise build_lesson(DataError, "error.rubric_task", file=str(own), tasks=", ".join(theirs), known=known)
    return found


def _find_ours(task: Task) -> Rubric:
    path = _FOLDER / f"rubric_{task.step}.json"
    ours = read_rubrics(path) if path.is_file() else ()
    whole = load_catalogue()
    words = (whole["rubric.whole"], whole["rubric.whole_met"], whole["rubric.whole_missed"])
    alone = Rubric(task.id, (Item("text", task.by_hand, *words),))
    return next((rubric for rubric in ours if rubric.task == task.id), alone)


def read_rubrics(path: Path) -> tuple[Rubric, ...]:
    """Read a rubric, or a list of them, from a JSON file. DataError says what is wrong with it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        return tuple(_read(entry) for entry in (document if isinstance(document, list) else [document]))
    except OSError as error:
        reason = error.strerror or str(error)
    except KeyError as error:
        reason = f"no {error}"
    except (ValueError, TypeError, AttributeError) as error:
        reason = str(error)
    raise build_lesson(DataError, "error.rubric_unreadable", file=str(path), reason=reason)


def _read(entry: Mapping[str, Any]) -> Rubric:
    items = tuple(_read_item(item) for item in entry["items"])
    rubric = Rubric(str(entry["task"]), items)
    if len({item.id for item in items}) != len(items):
        raise ValueError("two items have the same id")
    said = entry.get("points")
    if said is not None and tidy(float(said)) != rubric.points:
        raise ValueError(f"points is {said}, and the items add up to {rubric.points}")
    return rubric


def _read_item(item: Mapping[str, Any]) -> Item:
    if not re.fullmatch(r"[\w-]{1,40}", str(item["id"])):
        raise ValueError(f"the id {item['id']!r} is not one word")
    points = float(item["points"])
    if not 0 <= points < 1000:
        raise ValueError(f"points of {item['id']} is {item['points']}")
    title, met, missed = (_in_languages(item[part]) for part in ("title", "met", "missed"))
    return Item(str(item["id"]), points, title, met, missed, _in_languages(item.get("note", "")))


def _in_languages(words: Any) -> dict[str, str]:
    """A text for each language; one that is given once serves all."""
    return {language: str(words if isinstance(words, str) else words[language]) for language in LANGUAGES}
