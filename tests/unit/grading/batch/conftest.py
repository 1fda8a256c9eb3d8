"""A batch with workers that only pretend: what a "notebook" handed in says is what its worker does."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.grading.batch.kept import Marked
from labkit.grading.batch.run import Batch, BatchOptions
from labkit.grading.editions.cells import Notebook
from labkit.grading.intake.submission import Paper, Submission
from labkit.grading.sandbox.protections import NOTHING, Protections

NAMES = ("01_s3", "02_iam")
NO_WALLS = Protections(NOTHING, network=False, files=False, processes=False)

# Each line of a paper is a wish: "earn", "fail", "hang", "flood", "meet N" (wait until N workers run), "alone" (no other runs).
WORKER = """
import json, os, subprocess, sys, time
from pathlib import Path

job = json.loads(Path(sys.argv[1]).read_text())
board = Path(os.environ["TEST_BOARD"])
(board / f"{job['key']}.pid").write_text(str(os.getpid()))
with (board / "ran.jsonl").open("a") as file:
    file.write(json.dumps({"key": job["key"], "names": list(job["results"]), "job": job}) + "\\n")

def wait_for(is_true):
    while not is_true():
        time.sleep(0.005)

for name, place in job["results"].items():
    wishes = Path(job["papers"][name]).read_text().splitlines() if name in job["papers"] else []
    for wish in wishes:
        word, _, rest = wish.partition(" ")
        if word == "meet":
            wait_for(lambda: len(list(board.glob("*.pid"))) >= int(rest))
        elif word == "alone":
            (board / "busy").mkdir()
            time.sleep(0.02)
            (board / "busy").rmdir()
        elif word == "fail":
            sys.exit(3)
        elif word == "hang":
            child = subprocess.Popen(["sleep", "600"], start_new_session=True)
            (board / f"{job['key']}.child").write_text(str(child.pid))
            (board / f"{job['key']}.hangs").touch()
            time.sleep(600)
        elif word == "flood":
            while True:
                sys.stdout.write("x" * 100_000)
        elif word == "secret":
            (Path(job["work"]) / "left.txt").write_text(rest)
    earned = 1 if "earn" in wishes else 0
    status = "passed" if earned else "not_yet"
    if "broken" in wishes:
        status = "broken"
    mark = {"task": f"{int(name[:2])}.1", "status": status, "earned": earned, "points": 3, "outcome": "etl",
            "findings": [], "our_fault": status == "broken"}
    graded = {"student": job["student"], "key": job["key"], "tasks": [mark], "cells": [], "notes": [],
              "protections": {"network": True}, "seconds": 1.0, "memory_bytes": 0, "problem": "", "texts": {}}
    Path(place + ".new").write_text(json.dumps(graded))
    os.replace(place + ".new", place)
"""


class Classroom:
    """Students, their papers, and a batch over them; `ran()` are the jobs that workers were started with."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.out, self.board = folder, folder / "out" / ".grading", folder / "board"
        self.board.mkdir()
        (folder / "worker.py").write_text(WORKER)
        monkeypatch.setenv("TEST_BOARD", str(self.board))
        self.references = [Notebook(name, ()) for name in NAMES]

    def hand_in(self, student: str, *papers: str, seed: str = "") -> Submission:
        """A student with what each of their notebooks tells its worker."""
        folder = self.folder / "papers" / student
        folder.mkdir(parents=True, exist_ok=True)
        found = []
        for name, words in zip(NAMES, papers, strict=False):
            path = folder / f"{name}.ipynb"
            path.write_text(words, encoding="utf-8")
            found.append(Paper(name, path, path.name))
        return Submission(student, student.lower(), seed or student, tuple(found))

    def mark(self, *submissions: Submission, **fingerprints: str) -> list[Marked]:
        return [Marked(one, {name: fingerprints.get(name[:2], "f") for name in NAMES}) for one in submissions]

    def batch(self, options: BatchOptions | None = None) -> Batch:
        words = ("-I", "-S", str(self.folder / "worker.py"))
        return Batch(self.out, NO_WALLS, options or BatchOptions(), self.references, words)

    def run(self, marked: Sequence[Marked], **changes: object) -> dict[str, object]:
        """Run to the end; what was done, by student."""
        options = replace(BatchOptions(), **changes)  # type: ignore[arg-type]
        return {done.submission.student: done for done in self.batch(options).run(marked, lambda _one: None)}

    def ran(self) -> list[tuple[str, list[str]]]:
        """(student, notebooks) of each worker that was started."""
        path = self.board / "ran.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(row["key"], row["names"]) for row in map(json.loads, lines)]

    def forget_ran(self) -> None:
        for path in self.board.glob("*"):
            path.unlink()


@pytest.fixture
def classroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Classroom:
    return Classroom(tmp_path, monkeypatch)


Start = Callable[[Submission], None]
