"""One student from the command to the page, and the same notebooks by hand with `pytest --nbval-lax`: both say the same."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.grading.editions.build import write_editions
from labkit.grading.editions.edition import SOLUTION, STUDENT
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source

NAMES = ("01_s3", "02_iam")
# Every answer of Ana is right; Eva solved the first notebook only.
PAPERS = {"Ana Núñez": (SOLUTION, SOLUTION), "Eva": (SOLUTION, STUDENT)}


def hand_in(folder: Path, scratch: Path) -> None:
    places = find_places()
    for student, kinds in PAPERS.items():
        for name, kind in zip(NAMES, kinds, strict=True):
            (path,) = write_editions(read_source(places, name), places, scratch / student / kind, kind, ("es",))
            (folder / student).mkdir(parents=True, exist_ok=True)
            path.rename(folder / student / path.name)


def run_by_hand(command: str, report: Path) -> dict[str, bool]:
    """Outcome by cell number of the kept notebook: what plain nbval says of each."""
    words = [*shlex.split(command), f"--junitxml={report}"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    subprocess.run(words, env=environ, capture_output=True, check=False)
    from xml.etree import ElementTree

    cases = ElementTree.parse(report).iter("testcase")
    return {case.attrib["name"].split()[-1]: not list(case.iter("failure")) for case in cases}


def read_code_cells(notebook: Path) -> list[str]:
    document = json.loads(notebook.read_text(encoding="utf-8"))
    return [cell["id"] for cell in document["cells"] if cell["cell_type"] == "code"]


@pytest.mark.slow
def test_by_hand_agrees_with_the_grader_on_honest_notebooks(tmp_path: Path) -> None:
    hand_in(tmp_path / "subs", tmp_path / "built")
    out, keep = tmp_path / "out", tmp_path / "keep"
    words = ["grade", str(tmp_path / "subs"), "--out", str(out), "--keep", str(keep), "--lang", "en"]
    words += [word for name in NAMES for word in ("--notebooks", name)]
    done = subprocess.run([sys.executable, "-m", "labkit", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    commands = re.findall(r"^  (env .*)\n  (.*)$", done.stdout, re.MULTILINE)
    assert len(commands) == len(PAPERS) * len(NAMES)
    with (out / "cells.csv").open(encoding="utf-8-sig", newline="") as file:
        graded = {(row["key"], row["cell"]): row["outcome"] == "passed" for row in csv.DictReader(file)}
    found = {}
    for number, (command, down) in enumerate(commands):
        notebook = Path(shlex.split(command)[-1])
        key = notebook.relative_to(keep).parts[0]
        by_hand = list(run_by_hand(command, tmp_path / f"{number}.xml").values())
        subprocess.run(shlex.split(down), capture_output=True, check=False)
        cells = read_code_cells(notebook)
        assert len(by_hand) == len(cells)
        found |= {(key, cell): passed for cell, passed in zip(cells, by_hand, strict=True)}
    assert found == graded
    checks = {
        key: [passed for (who, cell), passed in found.items() if who == key and cell.endswith("-check")]
        for key in {who for who, _cell in found}
    }
    assert all(checks["ana-nunez"])
    assert any(checks["eva"])
    assert not all(checks["eva"])
