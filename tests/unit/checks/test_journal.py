from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest

from labkit.checks.journal import Journal
from labkit.errors import LabError

NOON = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "estado", clock=lambda: NOON)


def test_what_is_recorded_is_read_back_in_order(journal: Journal) -> None:
    journal.record("hint", task="4.2", number=1)
    journal.record("prediction", task="3.1", values={"año": "entero\u2028\n"})
    assert [(entry.number, entry.kind) for entry in journal.entries()] == [(0, "hint"), (1, "prediction")]
    assert journal.entries("prediction")[0].data["values"] == {"año": "entero\u2028\n"}
    assert journal.last("hint", task="4.2") is not None
    assert journal.last("hint", task="4.3") is None


def test_a_journal_that_does_not_exist_is_empty(journal: Journal) -> None:
    assert journal.entries() == []


def test_many_writers_lose_nothing(journal: Journal) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.record("check", task="1.1", number=number), range(80)))
    assert sorted(entry.data["number"] for entry in journal.entries("check")) == list(range(80))


@pytest.mark.parametrize("change", ["edit", "remove", "swap", "garbage", "binary"])
def test_a_line_that_was_tampered_with_shows(journal: Journal, change: str) -> None:
    for number in range(4):
        journal.record("prediction", task="8.1", number=number)
    lines = journal.path.read_text().splitlines()
    if change == "edit":
        document = json.loads(lines[1])
        document["data"]["number"] = 99
        lines[1] = json.dumps(document)
    elif change == "remove":
        del lines[1]
    elif change == "swap":
        lines[1], lines[2] = lines[2], lines[1]
    else:
        lines[1] = "{"
    journal.path.write_text("\n".join(lines) + "\n")
    if change == "binary":
        journal.path.write_bytes(b"\xff\xfe" + journal.path.read_bytes())
        journal.record("check", task="1.1", status="passed")
    with pytest.raises(LabError) as raised:
        journal.entries()
    assert raised.value.key == "error.journal_broken"


@pytest.mark.parametrize(("cut", "kept"), [(1, 3), (25, 2), (0, 3)])
def test_a_last_line_that_was_cut_short_never_was(journal: Journal, cut: int, kept: int) -> None:
    for number in range(3):
        journal.record("hint", task="1.1", number=number)
    written = journal.path.read_bytes()
    journal.path.write_bytes(written[: len(written) - cut])
    assert len(journal.entries()) == kept
    journal.record("check", task="1.1", status="passed")
    assert [entry.kind for entry in journal.entries()] == ["hint"] * kept + ["check"]


def test_a_reset_forgets_its_own_step_but_not_that_a_solution_was_shown(journal: Journal) -> None:
    journal.record("prediction", task="3.1", values={})
    journal.record("prediction", task="8.1", values={})
    journal.record("solution", task="3.1")
    journal.record("reset", step=3)
    journal.record("check", task="3.1", status="passed")
    assert [entry.data["task"] for entry in journal.entries("prediction")] == ["8.1"]
    assert len(journal.entries("solution", task="3.1")) == 1
    assert len(journal.entries("check", task="3.1")) == 1


def test_a_folder_that_cannot_be_written_is_a_lesson(tmp_path: Path) -> None:
    (tmp_path / "estado").write_text("a file where the folder should be")
    with pytest.raises(LabError) as raised:
        Journal(tmp_path / "estado").record("hint", task="1.1")
    assert raised.value.key == "error.journal_unwritable"
