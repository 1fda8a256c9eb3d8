"""One notebook of an honest student and of a hostile one, from the file handed in to the marks; with every change."""

from __future__ import annotations

from pathlib import Path

from tests.grading.attacks_on_cells import ALL, NOTHING
from tests.grading.attacks_on_python import ATTACKS
from tests.grading.grading_run import earned, grade
from tests.grading.submissions import build_solved


def test_who_solved_the_tasks_gets_the_points_and_who_attacks_the_checks_does_not(tmp_path: Path) -> None:
    attack = next(one for one in ATTACKS if one.name == "syntax_rewritten")
    papers = {"Ana Núñez": {"01_s3": build_solved("01_s3")}, "Eva": {"01_s3": attack.build()}}
    graded = grade(tmp_path / "batch", ["01_s3"], papers)
    assert {student: earned(one) for student, one in graded.items()} == {"Ana Núñez": ALL, "Eva": NOTHING}
    assert not any(one.problem or any(mark.our_fault for mark in one.tasks) for one in graded.values())
