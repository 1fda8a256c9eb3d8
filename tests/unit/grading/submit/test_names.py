"""Which names of an answer stay behind when only answer cells are taken."""

from __future__ import annotations

import pytest

from labkit.grading.rebuild.read import StudentCell, StudentNotebook
from labkit.grading.submit.names import find_left_behind, read_names


def _handed_out(*cells: tuple[str, str, bool]) -> list[dict[str, object]]:
    return [
        {"id": key, "cell_type": "code", "source": [source], "metadata": {"nbgrader": {"solution": is_answer}}}
        for key, source, is_answer in cells
    ]


GIVEN = _handed_out(("open", "import labkit\nlab = labkit.open(1)", False), ("answer", "...", True))


def _find(answer: str, *own: str, given: list[dict[str, object]] = GIVEN) -> dict[str, tuple[str, ...]]:
    cells = [*(StudentCell(("mine",), "code", source) for source in own), StudentCell(("answer",), "code", answer)]
    return find_left_behind(given, StudentNotebook(tuple(cells)))


@pytest.mark.parametrize(
    ("answer", "own", "names"),
    [
        ("helper(3)", "def helper(x): return x", ("helper",)),
        ("np.zeros(LENGTH)", "import numpy as np\nLENGTH = 3", ("LENGTH", "np")),
        ("def f():\n    return helper()", "helper = print", ("helper",)),
        ("class A(Base):\n    x = LIMIT", "class Base: pass\nLIMIT = 1", ("Base", "LIMIT")),
        ("!ls {folder} $other", "folder = other = '.'", ("folder", "other")),
        ("await job(rows)", "async def job(r): pass\nrows = []", ("job", "rows")),
        ("print(listed)", "listed = !ls", ("listed",)),
        ("total = ...", "total = 5", ("total",)),
        ("def f():\n    global seen\n    seen = 1\nprint(seen, used)", "used = seen = 1", ("used",)),
        ("x = [row for row in rows if keep(row)]", "rows = []\nrow = 1\ndef keep(r): return True", ("keep", "rows")),
    ],
)
def test_what_an_answer_needs_and_leaves_behind(answer: str, own: str, names: tuple[str, ...]) -> None:
    assert _find(answer, own) == {"answer": names}


@pytest.mark.parametrize(
    ("answer", "own"),
    [
        ("lab.check('1.1'); print(len([1]))", "lab = 3\nlen = 4"),
        ("helper = print\nhelper(1)", "def helper(): pass"),
        ("import json as js\njs.dumps(1)", "import json as js"),
        ("def f(rows, *rest, key=None):\n    return rows, rest, key", "rows = rest = key = 1"),
        ("{name: value for name, value in {}.items()}", "name = value = 1"),
        ("lab.names.bucket", "names = bucket = 1"),
        ("with open('x') as file:\n    file.read()", "file = 1"),
        ("try:\n    pass\nexcept OSError as error:\n    error.args", "error = 1"),
        ("(n := 3) + n", "n = 1"),
        ("total = ...\ntotal = 4", "total = 5"),
        ("get_ipython().run_line_magic('time', '_')\ndisplay(Out)", "display = Out = 1"),
        ("from tools import *\nhelper()", "def helper(): pass"),
        ("%run tools.py\nhelper()", "def helper(): pass"),
        ("%%writefile job.py\nprint(helper())", "def helper(): pass"),
        ("%%bash\necho helper", "helper = 1"),
        ("this is no Python (", "helper = 1"),
        ("helper()", "this is no Python: helper = ("),
        ("undefined_anywhere()", "other = 1"),
    ],
)
def test_what_stays_behind_of_no_answer(answer: str, own: str) -> None:
    assert _find(answer, own) == {}


def test_a_given_cell_that_was_changed_gives_nothing() -> None:
    cells = (
        StudentCell(("open",), "code", "import labkit\nlab = labkit.open(1)\nBUCKET = 'x'"),
        StudentCell(("answer",), "code", "print(BUCKET, lab)"),
    )
    assert find_left_behind(GIVEN, StudentNotebook(cells)) == {"answer": ("BUCKET",)}


def test_another_answer_may_define_it_and_given_cells_that_were_deleted_still_run() -> None:
    given = [*GIVEN, *_handed_out(("second", "...", True))]
    cells = (
        StudentCell(("answer",), "code", "rows = 3"),
        StudentCell(("second",), "code", "print(lab, rows)"),
        StudentCell(("mine",), "code", "lab = rows = 5"),
    )
    assert find_left_behind(given, StudentNotebook(cells)) == {}


def test_without_ids_nothing_is_claimed() -> None:
    cells = (StudentCell((), "code", "helper = 1"), StudentCell((), "code", "helper"))
    assert find_left_behind(GIVEN, StudentNotebook(cells, ("rebuild.no_ids",))) == {}


def test_names_of_one_cell() -> None:
    found = read_names("import os.path\nfrom a import b as c\nx: int = d\nfor e in f: pass\ndel x")
    assert found.made == {"os", "c", "x", "e"}
    assert found.needed == {"d", "f"}
    assert not found.is_open
