"""Reading whatever was handed in: the text of its cells, or a problem with a name, and never an exception."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from labkit.grading.rebuild import read as reading
from labkit.grading.rebuild.read import StudentCell, StudentNotebook, read_student_notebook
from labkit.i18n import load_catalogue


def read(tmp_path: Path, content: bytes | str) -> StudentNotebook:
    path = tmp_path / "01_s3.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_student_notebook(path)


def code(cell_id: str, source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "id": cell_id, "metadata": {}, "outputs": [], "source": source, **more}


def test_nbformat_4_5(tmp_path: Path) -> None:
    cells = [code("a", ["x = 1\n", "y = 2"]), {"cell_type": "markdown", "id": "b", "source": "texto"}]
    found = read(tmp_path, json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    assert found.cells == (StudentCell(("a",), "code", "x = 1\ny = 2"), StudentCell(("b",), "markdown", "texto"))
    assert (found.notes, found.problem) == ((), "")


def test_nbformat_4_4_is_known_by_nbgraders_ids(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "t1-1-answer"}}, "source": "x = 1"}
    found = read(tmp_path, json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 4}))
    assert found.cells[0].keys == ("t1-1-answer",)
    assert found.notes == ()


def test_nbformat_3_has_worksheets_and_inputs(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "a"}}, "input": ["x = 1\n", "y"]}
    sheets = [{"cells": [cell]}, {"cells": [{"cell_type": "heading", "source": "b", "level": 1}]}]
    found = read(tmp_path, json.dumps({"worksheets": sheets, "nbformat": 3}))
    assert found.cells == (StudentCell(("a",), "code", "x = 1\ny"), StudentCell((), "other", "b"))
    assert found.notes == ("rebuild.nbformat_3",)


def test_cells_without_any_id_are_said(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps({"cells": [{"cell_type": "code", "source": "x"}]}))
    assert found.notes == ("rebuild.no_ids",)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "rebuild.empty"),
        (b" \n\t", "rebuild.empty"),
        (b"\xef\xbb\xbf", "rebuild.empty"),
        ("ñ".encode("latin-1"), "rebuild.not_text"),
        ('{"cells": []}'.encode("utf-16"), "rebuild.not_text"),
        (b"\x00\x01\x02\xff", "rebuild.not_text"),
        (b"PK\x03\x04", "rebuild.not_json"),
        (b"<html>", "rebuild.not_json"),
        (b'{"cells": [', "rebuild.not_json"),
        (b"[" * 100_000, "rebuild.not_json"),
        (b'{"cells": [], "n": ' + b"9" * 10_000 + b"}", "rebuild.not_json"),
        (b'{\n<<<<<<< HEAD\n "cells": []\n=======\n "cells": []\n>>>>>>> a\n}', "rebuild.conflict"),
        (b"null", "rebuild.not_a_notebook"),
        (b"[]", "rebuild.not_a_notebook"),
        (b"3", "rebuild.not_a_notebook"),
        (b'"cells"', "rebuild.not_a_notebook"),
        (b"{}", "rebuild.not_a_notebook"),
        (b'{"cells": null}', "rebuild.not_a_notebook"),
        (b'{"cells": {}}', "rebuild.not_a_notebook"),
        (b'{"worksheets": {}}', "rebuild.not_a_notebook"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    found = read(tmp_path, content)
    assert (found.cells, found.problem) == ((), problem)
    assert set(load_catalogue()[problem]) == {"es", "en"}


def test_missing_file_folder_and_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_student_notebook(tmp_path / "none.ipynb").problem == "rebuild.unreadable"
    assert read_student_notebook(tmp_path).problem == "rebuild.unreadable"
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    assert read(tmp_path, '{"cells": [1]}').problem == "rebuild.too_large"


ODD: list[Any] = [None, True, 0, -1.5, "", "text", [], [1], [[]], {}, {"a": []}, float("nan"), 10**30]


@pytest.mark.parametrize("field", ["id", "cell_type", "source", "input", "metadata", "nbgrader", "grade_id", "outputs"])
def test_any_json_in_any_field_of_a_cell(tmp_path: Path, field: str) -> None:
    for value in ODD:
        cell = code("a", "x = 1")
        if field == "nbgrader":
            cell["metadata"] = {"nbgrader": value}
        elif field == "grade_id":
            cell["metadata"] = {"nbgrader": {"grade_id": value}}
        else:
            cell[field] = value
        found = read(tmp_path, json.dumps({"cells": [cell, code("b", "y")]}))
        assert found.problem == ""
        assert found.cells[-1] == StudentCell(("b",), "code", "y")
        assert all(isinstance(key, str) and key for item in found.cells for key in item.keys)


@pytest.mark.parametrize("place", ["cells", "worksheets", "sheet", "cell"])
def test_any_json_in_the_place_of_cells(tmp_path: Path, place: str) -> None:
    for value, beside in product(ODD, [True, False]):
        rest = [code("b", "y")] if beside else []
        document = {
            "cells": {"cells": value},
            "worksheets": {"worksheets": value},
            "sheet": {"worksheets": [value, {"cells": value}, {"cells": rest}]},
            "cell": {"cells": [value, *rest]},
        }[place]
        found = read(tmp_path, json.dumps(document))
        assert isinstance(found, StudentNotebook)
        if beside and place in ("sheet", "cell"):
            assert found.cells[-1].source == "y"


def test_half_a_character_becomes_a_question_mark(tmp_path: Path) -> None:
    found = read(tmp_path, '{"cells": [{"cell_type": "code", "id": "\\udfff", "source": "a = \\"\\ud800\\""}]}')
    assert found.cells[0].source == 'a = "?"'


def test_windows_line_ends_are_one(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps({"cells": [code("a", ["x = 1\r\n", "y = 2\r\n"])]}))
    assert found.cells[0].source == "x = 1\ny = 2\n"
