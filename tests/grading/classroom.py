"""Thirty submissions: most honest and more or less complete, five hostile."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkit.checks.task import Task
from labkit.checks.tasks import list_step_tasks
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source
from tests.grading import attacks_on_machine, attacks_on_python
from tests.grading.submissions import Attack, build_partly

NAMES = ("01_s3", "02_iam")
_FIRST = ("Ana Núñez", "José Ñíguez", "Zoë", "Łukasz", "李 小龍", "O'Brien", "Peña-López", "María del Mar")


@dataclass(frozen=True)
class Student:
    """One submission, and the points it deserves by task."""

    name: str
    papers: Mapping[str, bytes]
    earned: Mapping[str, int]


def build_class(names: Sequence[str] = NAMES, size: int = 30) -> list[Student]:
    """The same class every time. Hostile students attack in the first notebook, and hand in the others solved."""
    chance = random.Random(7)
    hostile = _choose_attacks()
    honest = [_build_honest(number, names, chance) for number in range(size - len(hostile))]
    return [*honest, *(_build_hostile(attack, names) for attack in hostile)]


def _choose_attacks() -> list[Attack]:
    wanted = {"syntax_rewritten", "modules_shadowed", "fork_bomb", "stubborn_loop", "ten_gigabytes_of_output"}
    return [one for one in (*attacks_on_python.ATTACKS, *attacks_on_machine.ATTACKS) if one.name in wanted]


def _build_honest(number: int, names: Sequence[str], chance: random.Random) -> Student:
    """Every third has solved everything; the others left a task of each notebook open, and every tenth forgot a notebook."""
    name = f"{_FIRST[number % len(_FIRST)]} {number:02}"
    handed_in = list(names[:-1]) if number % 10 == 9 else list(names)
    papers: dict[str, bytes] = {}
    earned: dict[str, int] = {}
    for notebook in names:
        tasks = {task.id: task.points for task in _tasks(notebook)}
        left_open = set() if number % 3 == 0 else {chance.choice(sorted(set(tasks) & set(INDEPENDENT)) or [""])}
        if notebook in handed_in:
            papers[notebook] = build_partly(notebook, left_open)
        for task, points in tasks.items():
            earned[task] = points if notebook in handed_in and task not in left_open else 0
    return Student(name, papers, earned)


def _build_hostile(attack: Attack, names: Sequence[str]) -> Student:
    others = [name for name in names if name != attack.notebook]
    papers = {attack.notebook: attack.build(), **{name: build_partly(name, set()) for name in others}}
    earned = dict(attack.earned)
    for name in others:
        earned |= {task.id: task.points for task in _tasks(name)}
    return Student(attack.name, papers, earned)


# Tasks that no later task of their notebook stands on.
INDEPENDENT = ("1.2", "1.3", "1.4", "2.3", "2.4", "2.5", "3.2", "4.6", "5.5", "6.3", "7.3")


def _tasks(notebook: str) -> list[Task]:
    return list(list_step_tasks(read_source(find_places(), notebook).notebook.step))
