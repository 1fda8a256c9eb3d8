from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labkit import i18n
from labkit.grading.editions.faults import errors_of
from labkit.grading.editions.rules_format import check_format
from labkit.grading.editions.validate import read_source

Lab = Any


def set_source(cell_id: str, source: str) -> Callable[[Lab], None]:
    def spoil(lab: Lab) -> None:
        lab.cell(cell_id)["source"] = source

    return spoil


def set_meta(cell_id: str, **changes: Any) -> Callable[[Lab], None]:
    def spoil(lab: Lab) -> None:
        lab.cell(cell_id)["metadata"]["nbgrader"].update(changes)

    return spoil


def change(cell_id: str, **changes: Any) -> Callable[[Lab], None]:
    def spoil(lab: Lab) -> None:
        lab.cell(cell_id).update(changes)

    return spoil


def drop(cell_id: str) -> Callable[[Lab], None]:
    def spoil(lab: Lab) -> None:
        lab.cells.remove(lab.cell(cell_id))

    return spoil


def add_tag(cell_id: str, tags: Any) -> Callable[[Lab], None]:
    return lambda lab: lab.cell(cell_id)["metadata"].update(tags=tags)


BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"

FORMAT = [
    ("id", change("m3-open", id="celda ñ")),
    ("id", change("m3-open", id="x" * 65)),
    ("id_twice", change("m3-end", id="m3-intro")),
    ("id_made_up", change("m3-open", id="a1b2c3d4")),
    ("kind", change("m3-open", cell_type="raw")),
    ("outputs", change("m3-open", execution_count=3)),
    ("outputs", change("m3-open", outputs=[{"output_type": "stream", "name": "stdout", "text": "x"}])),
    ("empty", set_source("m3-open", " \n")),
    ("metadata", lambda lab: lab.cell("m3-open")["metadata"].update(collapsed=True)),
    ("tags", add_tag("m3-open", ["nbval-skip"])),
    ("tags", add_tag("m3-open", "raises-exception")),
    ("nbgrader", lambda lab: lab.cell("m3-open")["metadata"].pop("nbgrader")),
    ("schema_version", set_meta("m3-open", schema_version=2)),
    ("schema_version", set_meta("m3-open", schema_version="3")),
    ("grade_id", set_meta("m3-open", grade_id="other")),
    ("flags", set_meta("m3-open", locked=1)),
    ("flags", lambda lab: lab.cell("m3-open")["metadata"]["nbgrader"].pop("task")),
    ("nbgrader_keys", set_meta("m3-open", hidden=True)),
    ("task_cell", set_meta("m3-intro", task=True)),
    ("locked", set_meta("m3-open", locked=False)),
    ("locked", set_meta("t3-1-answer", locked=True)),
    ("markdown_graded", set_meta("t3-2-answer", grade=False)),
    ("code_both", set_meta("t3-1-check", solution=True, locked=False)),
    ("points", set_meta("t3-1-check", points=True)),
    ("points", set_meta("t3-1-check", points=-1)),
    ("points_unused", set_meta("m3-open", points=1)),
]
CODE = [
    ("region_begin_alone", set_source("t3-1-answer", f"a = 1\n{BEGIN}")),
    ("region_nested", set_source("t3-1-answer", f"{BEGIN}\n{BEGIN}\n{END}\n{END}")),
    ("region_end_alone", set_source("t3-2-answer", f"a\n{END}")),
    ("no_region", set_source("t3-1-answer", "schema = {}")),
    ("no_region", set_source("t3-2-answer", "Glue.")),
    ("region_elsewhere", set_source("m3-open", f"import labkit\nlab = labkit.open(3)\n{BEGIN}\n{END}")),
    ("comment", set_source("m3-open", "import labkit  # la caja\nlab = labkit.open(3)")),
    ("comment", set_source("t3-1-answer", f"%%writefile h.py\n{BEGIN}\nx = 1  # uno\n{END}")),
    ("python", set_source("m3-open", "lab = = labkit.open(3)")),
    ("student_python", set_source("t3-1-answer", f"x = ...\n{BEGIN}\nif a:\n    x = 1\n{END}\nelse:\n    x = 2")),
    ("only_prints", set_source("m3-open", "print('hola')")),
    (
        "literal_name",
        set_source("m3-open", "lab = labkit.open(3)\nlab.client('s3').list_objects_v2(Bucket='bsg-data-raw')"),
    ),
    ("prose", set_source("m3-open", "lab = labkit.open(3)\nx = 'esto es un texto para leer'")),
    ("long", set_source("m3-open", "lab = labkit.open(3)\n" + "x = 1\n" * 9)),
    ("not_opened", set_source("m3-open", "import labkit")),
    ("other_opened", set_source("m3-open", "labkit.open(3)\nlabkit.open(4)")),
]
WORDS = [
    ("alt", set_source("m3-intro", "# El rastreador\n\n![](../img/paso_3.svg)")),
    ("picture", set_source("m3-intro", "# El rastreador\n\n![Dibujo del paso tres](../img/no.svg)")),
    ("remote_picture", set_source("m3-intro", "# R\n\n![Dibujo del paso tres](https://example.org/a.png)")),
    ("link", set_source("m3-end", "## Resumen\n\n[El cuaderno 05](05_no.ipynb)")),
    ("link", set_source("m3-end", "## Resumen\n\n[a](04_otro.ipynb) y [la paridad](../../docs/no.md)")),
    ("link_words", set_source("m3-end", "## Resumen\n\n[aquí](04_otro.ipynb)")),
    ("html", set_source("m3-end", "## Resumen\n\n<script>alert(1)</script> [b](04_otro.ipynb)")),
    ("title", set_source("m3-intro", "## El rastreador")),
    ("second_title", set_source("m3-end", "# Resumen\n\n[b](04_otro.ipynb)")),
    ("heading", set_source("m3-end", "#### Resumen\n\n[b](04_otro.ipynb)")),
    ("no_summary", lambda lab: (drop("m3-end")(lab), drop("t3-2-answer")(lab))),
    ("leads_nowhere", set_source("m3-end", "## Resumen")),
]
TASKS = [
    ("check_call", set_source("t3-1-check", "lab.check(task, schema=schema)")),
    ("check_call", set_source("t3-1-check", "lab.check('3.1')\nlab.check('3.1')")),
    ("task_unknown", set_source("t3-1-check", "lab.check('3.9')")),
    ("points_differ", set_meta("t3-1-check", points=5)),
    ("points_differ", set_meta("t3-2-answer", points=5)),
    ("check_without_points", set_source("m3-open", "lab = labkit.open(3)\nlab.check('3.1')")),
    ("unchecked", drop("t3-1-check")),
    ("no_free_text", drop("t3-2-answer")),
    ("no_answer", drop("t3-1-answer")),
]


@pytest.fixture(autouse=True)
def spanish() -> None:
    i18n.use_language("es")


def test_a_sound_notebook_has_no_fault(small_lab: Lab) -> None:
    assert [fault.describe() for fault in small_lab.faults()] == []


@pytest.mark.parametrize(("key", "spoil"), [*FORMAT, *CODE, *WORDS, *TASKS])
def test_each_fault_is_found_and_told_in_both_languages(small_lab: Lab, key: str, spoil: Callable[[Lab], None]) -> None:
    spoil(small_lab)
    small_lab.write()
    found = [fault for fault in small_lab.faults() if fault.key == f"notebooks.fault.{key}"]
    assert found
    for language in i18n.LANGUAGES:
        i18n.use_language(language)
        assert len(found[0].describe()) > 20


def test_a_task_checked_twice_would_count_twice(small_lab: Lab) -> None:
    again = {**small_lab.cell("t3-1-check"), "id": "t3-1-check2"}
    again["metadata"] = {"nbgrader": {**again["metadata"]["nbgrader"], "grade_id": "t3-1-check2"}}
    small_lab.cells.insert(5, again)
    assert "checked_twice" in small_lab.write().keys()  # noqa: SIM118 - a method of ours


def test_an_old_format_is_named(small_lab: Lab) -> None:
    import dataclasses

    notebook = read_source(small_lab.places, small_lab.name).notebook
    faults = list(check_format(dataclasses.replace(notebook, version=(4, 4))))
    assert [fault.key for fault in faults] == ["notebooks.fault.version"]
    assert "4.4" in faults[0].describe()


@pytest.mark.parametrize(
    "source",
    [
        "lab = labkit.open(3)\nlab.query('SELECT count(*) FROM ventas WHERE canal = 1 AND mes IN (1, 2)')",
        "%pip list\nlab = labkit.open(3)",
        "lab = labkit.open(3)\nrows = !ls",
        "lab = labkit.open(3)\n# NBVAL_IGNORE_OUTPUT\nlab.map()",
        "lab = labkit.open(3)\n'#raw_sales'",
    ],
)
def test_what_a_cell_may_hold(small_lab: Lab, source: str) -> None:
    small_lab.cell("m3-open")["source"] = source
    assert small_lab.write().keys() == []


def test_a_link_in_code_or_to_the_web_is_no_fault(small_lab: Lab) -> None:
    small_lab.cell("m3-end")["source"] = (
        "## Resumen\n\n`[x](no.md)` [AWS Glue](https://docs.aws.amazon.com/glue/) [cuaderno](04_otro.ipynb)\n"
        "```\n# no es un título\n[y](no.md)\n```"
    )
    assert small_lab.write().keys() == ["stale"]


def test_a_missing_translation_is_an_error(small_lab: Lab) -> None:
    del small_lab.words["m3-end"]
    faults = errors_of(small_lab.translate().faults())
    assert [(fault.cell, fault.key) for fault in faults] == [("m3-end", "notebooks.fault.missing")]


def test_a_stale_translation_warns_with_what_changed(small_lab: Lab) -> None:
    from labkit.grading.editions.build import write_student_editions

    write_student_editions(read_source(small_lab.places, small_lab.name), small_lab.places)
    small_lab.cell("m3-end")["source"] = "## Resumen\n\nVe al [cuaderno 04](04_otro.ipynb)."
    (fault,) = small_lab.write().faults()
    assert fault.is_warning
    assert "-Sigue en [el cuaderno 04](04_otro.ipynb).\n+Ve al [cuaderno 04](04_otro.ipynb)." in fault.describe()


def test_a_stale_translation_without_its_old_text_says_so(small_lab: Lab) -> None:
    small_lab.cell("m3-end")["source"] = "## Resumen\n\nVe al [cuaderno 04](04_otro.ipynb)."
    (fault,) = small_lab.write().faults()
    assert "ni en la edición construida ni en el historial" in fault.describe()


def test_a_translation_of_a_cell_that_is_gone_warns(small_lab: Lab) -> None:
    small_lab.words["m3-old"] = "Gone."
    (fault,) = small_lab.translate().faults()
    assert (fault.cell, fault.key, fault.is_warning) == ("m3-old", "notebooks.fault.orphan", True)


@pytest.mark.parametrize(
    ("cell_id", "words", "key"),
    [
        (
            "m3-intro",
            "## The crawler\n\n![Picture of step 3, from the file to the table](../img/paso_3.svg)",
            "other_headings",
        ),
        ("m3-end", "## Summary", "other_links"),
        ("t3-2-answer", "Decide and say why.", "other_regions"),
        ("m3-end", "## Summary\n\n[Notebook 04](04_other.ipynb)", "link"),
        ("m3-end", "", "empty"),
    ],
)
def test_a_translation_has_the_bones_of_its_source(small_lab: Lab, cell_id: str, words: str, key: str) -> None:
    small_lab.words[cell_id] = words
    assert key in small_lab.translate().keys()  # noqa: SIM118 - a method of ours
