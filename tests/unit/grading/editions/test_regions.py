from __future__ import annotations

import pytest

from labkit.grading.editions.regions import Unbalanced, blank_code, blank_text, drop_marks, find_regions, solution_lines

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def wrap(*lines: str, indent: str = "") -> str:
    return "\n".join([f"{indent}{BEGIN}", *(f"{indent}{line}" for line in lines), f"{indent}{END}"])


@pytest.mark.parametrize(
    ("source", "student"),
    [
        (wrap("a = 1", "b = 2"), "..."),
        (f"a = ...\n{wrap('a = 1')}", "a = ..."),
        (f"a, b = ...\n\n{wrap('a, b = 1, 2')}\n", "a, b = ..."),
        (f"rows: int = ...\n{wrap('rows = 1')}", "rows: int = ..."),
        (f"policy['Statement'] = ...\n{wrap('x')}", "policy['Statement'] = ..."),
        (f"a = 1\n{wrap('b = 2')}", "a = 1\n..."),
        (f"def f(x):\n{wrap('return x', indent='    ')}", "def f(x):\n    ..."),
        (f"a = ...\ndef f(x):\n{wrap('return x', indent='    ')}", "a = ...\ndef f(x):\n    ..."),
        (
            f"def f(x):\n    y = ...\n{wrap('y = x', indent='    ')}\n    return y",
            "def f(x):\n    y = ...\n    return y",
        ),
        (f"a = ...\n{wrap('a = 1')}\nb = 3\n{wrap('c = 4')}", "a = ...\nb = 3\n..."),
        (f"a == ...\n{wrap('b')}", "a == ...\n..."),
        (f"if x:\n    a = ...\n{wrap('b = 1')}", "if x:\n    a = ...\n..."),
        (f"%%writefile h.py\nimport os\n{wrap('x = 1')}", "%%writefile h.py\nimport os\n..."),
        (f"{wrap('secreto = 42')}\n{wrap('y')}", "...\n..."),
    ],
)
def test_a_student_gets_dots_or_the_placeholder(source: str, student: str) -> None:
    assert blank_code(source) == student


def test_the_solution_keeps_its_code_and_loses_its_marks() -> None:
    source = f"a = ...\n{wrap('a = 1', '', 'b = a')}\nc = 3"
    assert drop_marks(source) == "a = ...\na = 1\n\nb = a\nc = 3"
    assert list(solution_lines(source)) == ["a = 1", "", "b = a"]


def test_a_text_keeps_what_stands_around_the_region() -> None:
    assert blank_text(f"Decide.\n\n{wrap('Glue.')}\n\nFin.", "*Aquí.*") == "Decide.\n\n*Aquí.*\n\nFin."


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        (f"a\n{BEGIN}\nb", 2, "begin_alone"),
        (f"{END}", 1, "end_alone"),
        (f"{BEGIN}\n{BEGIN}\n{END}\n{END}", 2, "nested"),
        (f"{END}\n{BEGIN}", 1, "end_alone"),
    ],
)
def test_marks_that_do_not_pair_are_named(source: str, line: int, reason: str) -> None:
    with pytest.raises(Unbalanced) as raised:
        find_regions(source)
    assert (raised.value.line, raised.value.reason) == (line, reason)
