"""A class of 30, five of them hostile: every mark as it should be, twice the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.grading.sandbox.protections import find_protections
from tests.grading.classroom import NAMES, build_class
from tests.grading.grading_run import earned, grade

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_protections().files, reason="no bubblewrap, or this kernel allows no namespaces"),
]


def test_a_class_is_graded_twice_with_the_expected_marks(tmp_path: Path) -> None:
    students = build_class()
    papers = {one.name: one.papers for one in students}
    first = {name: earned(one) for name, one in grade(tmp_path / "first", NAMES, papers).items()}
    assert first == {one.name: one.earned for one in students}
    assert {name: earned(one) for name, one in grade(tmp_path / "second", NAMES, papers).items()} == first
