"""The mark scheme as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import labkit.checks
from labkit.checks.tasks import list_step_tasks
from labkit.errors import DataError
from labkit.grading.rubric import scheme
from labkit.grading.rubric.scheme import find_rubrics, format_points, read_rubrics, tidy
from labkit.i18n import LANGUAGES, use_language

OURS = Path(labkit.checks.__file__).parent / "rubric_8.json"


def write(tmp_path: Path, **changes: Any) -> Path:
    """The lab's own rubric with something else in its first item."""
    document = json.loads(OURS.read_text(encoding="utf-8"))
    document["items"][0] |= changes
    document.pop("points")
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_labs_rubric_shares_out_what_the_task_gives_by_hand() -> None:
    task = next(task for task in list_step_tasks(8) if task.by_hand)
    rubric = find_rubrics([1, 8])[task.id]
    assert rubric.points == task.by_hand
    for item in rubric.items:
        for language in LANGUAGES:
            use_language(language)
            assert all((item.title_text(), item.met_text(), item.missed_text(), item.note_text()))


def test_notebooks_without_free_text_have_no_rubric() -> None:
    assert find_rubrics([0, 1, 2]) == {}


def test_a_rubric_of_ones_own_takes_the_place_of_the_labs(tmp_path: Path) -> None:
    rubric = find_rubrics([8], write(tmp_path, points=1.3))["8.5"]
    assert rubric.points == 3.0
    assert rubric.items[0].points == 1.3


def test_a_text_that_is_given_once_serves_both_languages(tmp_path: Path) -> None:
    item = read_rubrics(write(tmp_path, met="Good.", note="Look twice."))[0].items[0]
    assert item.met_text() == "Good."
    assert item.note_text() == "Look twice."


def test_a_task_without_a_rubric_is_one_item(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scheme, "_FOLDER", tmp_path)
    assert [item.points for item in find_rubrics([8])["8.5"].items] == [2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "Expecting"),
        ("[1]", "subscriptable"),
        ('{"task": "8.5"}', "items"),
        (json.dumps({"task": "8.5", "points": 2, "items": []}), "add up to 0"),
        (json.dumps({"task": "8.5", "items": [{"id": "a", "points": -1}]}), "points of a"),
        (json.dumps({"task": "8.5", "items": [{"id": "a b", "points": 1}]}), "not one word"),
        (json.dumps({"task": "8.5", "items": [{"id": "a", "points": 1, "title": {"es": "x"}}]}), "en"),
        (
            json.dumps({"task": "8.5", "items": [{"id": "a", "points": 1, "title": "", "met": "", "missed": ""}] * 2}),
            "same id",
        ),
    ],
)
def test_a_rubric_that_cannot_be_used_says_why(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_rubrics(path)
    assert said in str(caught.value)


def test_a_rubric_that_is_not_there_or_of_another_task_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.json"):
        find_rubrics([8], tmp_path / "gone.json")
    with pytest.raises(DataError, match=r"8\.5"):
        find_rubrics([1], write(tmp_path))


def test_points_are_written_as_people_write_them() -> None:
    assert tidy(0.1 + 0.2) == 0.3
    assert isinstance(tidy(2.0), int)
    assert format_points(1.25) == "1,25"
    use_language("en")
    assert format_points(1.25) == "1.25"
    assert format_points(1234567.0) == "1234567"
