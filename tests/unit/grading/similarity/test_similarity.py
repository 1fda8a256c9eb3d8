"""Which answers read alike: what is ignored, what is found, and how it is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.intake.submission import Paper, Submission
from labkit.grading.similarity.compare import Answers, find_known, find_pairs, read_answers
from labkit.grading.similarity.page import build_page
from labkit.grading.similarity.tokens import read_code, read_shingles, read_words
from labkit.i18n import load_catalogue, use_language

ONE = """
import csv
totals = {}
with open(lab.data / "ventas_2024_01.csv", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        totals[row["tienda"]] = totals.get(row["tienda"], 0) + float(row["importe"]) * 1.21
best = max(totals, key=lambda name: totals[name])
schema = sorted(totals.items(), key=lambda pair: -pair[1])[:10]
"""
# The same with other names, quotes, blanks, comments, numbers and texts.
RENAMED = """
import csv
d = {}   # suma
with open(lab.data / 'ventas_2024_07.csv', encoding='utf-8') as f:
    for r in csv.DictReader(f):
        d[r['store']] = (d.get(r['store'], 0)
                         + float(r['amount']) * 1.1)
m = max(d, key=lambda x: d[x])
schema = sorted(d.items(), key=lambda p: -p[1])[:5]
"""
OTHER = """
import pandas as pd
frame = pd.concat(pd.read_csv(path) for path in sorted(lab.data.glob("ventas_*.csv")))
grouped = frame.groupby("tienda")["importe"].sum().sort_values(ascending=False)
schema = list(grouped.head(10).items())
best = grouped.idxmax()
assert frame.notna().all(axis=None), frame.isna().sum()
"""
SOLUTION = "client = lab.client('s3')\nschema = [item['Key'] for item in client.list_objects_v2(Bucket=b)['Contents']]"


def meta(cell_id: str, **over: Any) -> dict[str, Any]:
    base = {"schema_version": 3, "grade_id": cell_id, "grade": False, "solution": False, "locked": True, "task": False}
    return {"nbgrader": {**base, **over}}


REFERENCE = Notebook(
    "01_s3",
    (
        Cell(
            "t1-1-answer",
            "code",
            f"schema = ...\n### BEGIN SOLUTION\n{SOLUTION}\n### END SOLUTION",
            meta("t1-1-answer", solution=True, locked=False),
        ),
        Cell("t1-1-check", "code", 'lab.check("1.1", schema=schema)', meta("t1-1-check", grade=True, points=1)),
    ),
)


KNOWN = find_known(REFERENCE)


def hand_in(folder: Path, student: str, source: str) -> Submission:
    path = folder / f"{student}.ipynb"
    cell = {"cell_type": "code", "id": "t1-1-answer", "metadata": {}, "source": source}
    path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    return Submission(student, student.lower(), student, (Paper("01_s3", path, path.name),))


@pytest.fixture
def compare(tmp_path: Path) -> Any:
    def run(threshold: float = 0.6, **sources: str) -> list[tuple[str, str]]:
        answers = [read_answers(hand_in(tmp_path, name, words), [KNOWN], "es") for name, words in sources.items()]
        return [pair.students for pair in find_pairs(answers, threshold)]

    return run


def test_names_blanks_comments_numbers_and_texts_do_not_count() -> None:
    assert read_code(ONE) == read_code(RENAMED)
    assert read_code(ONE) != read_code(OTHER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 'a'", 'y = "b"'),
        ("x = f'{a} b'", "x = 'c'"),
        ("def f(a): return a + 1", "def g(b: int) -> int:\n    return b + 2"),
        ("import pandas as pd\npd.x()", "import pandas as p\np.x()"),
        ("%time x = 3", "%time x = 4"),
        ("x = [ 1,\n 2 ]", "x=[1,2]"),
        ("x = ('a', 1", "x = ('b', 2"),
        ("'a docstring'\nx = 1", "'another one'\nx = 2"),
    ],
)
def test_the_same_shape(one: str, other: str) -> None:
    assert read_code(one) == read_code(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("s3.put_object()", "s3.get_object()"), ("x = 1 + y", "x = y - 1"), ("x = None", "x = True"), ("f(a)", "f(a=a)")],
)
def test_another_shape(one: str, other: str) -> None:
    assert read_code(one) != read_code(other)


def test_words_of_a_text() -> None:
    assert read_words("Elegí **Glue**: 42 s, por 0.3 €") == ["elegi", "glue", "s", "por"]
    assert len(read_shingles("uno dos tres cuatro cinco", "markdown")) == 2


@pytest.mark.parametrize("source", ["", "...", "(" * 5000, "-" * 20_000 + "1", "\x00", "%%bash\nls", "x" * 300_000])
def test_anything_can_be_read(source: str) -> None:
    assert isinstance(read_shingles(source, "code"), frozenset)
    assert isinstance(read_shingles(source, "markdown"), frozenset)


def test_a_renamed_copy_is_found_and_another_way_is_not(compare: Any) -> None:
    assert compare(Ana=ONE, Luis=RENAMED, Eva=OTHER) == [("Ana", "Luis")]


def test_a_copy_with_lines_moved_and_added_is_found(compare: Any) -> None:
    moved = RENAMED + "\nprint(len(d), sum(d.values()))\ndel d"
    assert compare(Ana=ONE, Luis=moved) == [("Ana", "Luis")]


def test_the_reference_and_the_skeleton_do_not_count(compare: Any) -> None:
    assert compare(Ana=SOLUTION, Luis=SOLUTION.replace("client", "c")) == []
    assert compare(Ana="schema = ...", Luis="schema = ...") == []


def test_what_most_of_the_class_wrote_does_not_count(compare: Any) -> None:
    assert compare(**{f"Student{number}": ONE for number in range(10)}) == []


def test_a_few_who_share_in_a_large_class_are_found(compare: Any) -> None:
    others = {f"S{number}": f"schema = lab.query('x').call_{number}(a, b)[c].d{number}(e).f(g)" for number in range(20)}
    found = compare(Ana=ONE, Luis=RENAMED, Eva=ONE, **others)
    assert found == [("Ana", "Eva"), ("Ana", "Luis"), ("Luis", "Eva")]


def test_short_answers_say_nothing(compare: Any) -> None:
    assert compare(Ana="schema = lab.query(a).value", Luis="schema = lab.query(b).value") == []


def test_the_threshold_is_kept(compare: Any) -> None:
    half = ONE + OTHER
    assert compare(threshold=0.95, Ana=half, Luis=RENAMED + SOLUTION) == [("Ana", "Luis")]
    assert compare(threshold=0.95, Ana=half, Luis=RENAMED + "\n".join(f"a.call_{n}(b, c)" for n in range(20))) == []


def test_a_paper_that_is_no_notebook_has_no_answers(tmp_path: Path) -> None:
    one = hand_in(tmp_path, "Ana", ONE)
    one.papers[0].path.write_text("<<<<<<< HEAD")
    assert read_answers(one, [KNOWN], "es") == Answers("Ana", {}, {})


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_shows_both_and_accuses_nobody(tmp_path: Path, language: str) -> None:
    hostile = ONE + '\nx = "</pre><script>alert(1)</script>"'
    students = {"<b>Ana</b>": hostile, "Luis": RENAMED}
    answers = []
    for number, (name, source) in enumerate(students.items()):
        one = hand_in(tmp_path, f"s{number}", source)
        answers.append(read_answers(Submission(name, "k", "", one.papers), [KNOWN], "es"))
    use_language(language)
    page = build_page(find_pairs(answers, 0.5), 2, 0.5)
    assert "<script" not in page
    assert "<b>Ana" not in page
    assert "&lt;script&gt;" in page
    assert f'lang="{language}"' in page
    use_language("es")


def test_no_text_accuses() -> None:
    texts = {key: words for key, words in load_catalogue().items() if key.startswith(("similarity.", "cli.similarity"))}
    for words in texts.values():
        told = " ".join(words.values()).lower()
        assert not [word for word in ("plagi", "copi", "fraud", "trampa", "cheat", "sospech", "suspic") if word in told]


def test_a_class_of_a_hundred_is_compared_at_once() -> None:
    runs = [frozenset((str(number), str(place)) for place in range(60)) for number in range(100)]
    answers = [Answers(f"S{n}", {}, {f"c{cell}": runs[(n + cell) % 100] for cell in range(40)}) for n in range(100)]
    assert find_pairs(answers, 0.9) == []
