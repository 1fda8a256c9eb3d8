"""unnest_ddb_json and simplify_ddb_json: DynamoDB JSON as plain fields.

Sources: DG aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html (unnest_ddb_json: the export's Item is taken off, N stays
text, arrays of structs are not unnested; simplify_ddb_json: lists of several types, or of maps, are not simplified).
"""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


@pytest.fixture
def export(frame: Any) -> Any:
    return frame(
        '{"Item": {"id": {"S": "a"}, "n": {"N": "5"}, "ok": {"BOOL": true}, "tags": {"SS": ["x", "y"]}, "m": {"M": {"k": {"S": "v"}}},'
        ' "l": {"L": [{"S": "p"}, {"S": "q"}]}, "objects": {"L": [{"M": {"z": {"N": "1"}}}]}, "mixed": {"L": [{"S": "p"}, {"N": "1"}]}}}',
        '{"Item": {"id": {"S": "b"}, "n": {"NULL": true}}}',
    )  # fmt: skip


def test_the_guide_s_example(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    made = frame('{"Item": {"ColA": {"S": "a"}, "ColB": {"S": "b"}, "ColC": {"N": "1"}, "ColD": {"L": []}}}')
    made.unnest_ddb_json().printSchema()
    assert capsys.readouterr().out.splitlines()[:6] == [
        "root", "|-- ColA: string", "|-- ColB: string", "|-- ColC: string", "|-- ColD: array", "|    |-- element: null",
    ]  # fmt: skip


def test_unnest_flattens_maps(export: Any) -> None:
    first, second = rows(export.unnest_ddb_json())
    assert (first["id"], first["n"], first["ok"], first["tags"], first["m.k"], first["l"]) == (
        "a",
        "5",
        True,
        ["x", "y"],
        "v",
        ["p", "q"],
    )
    assert (second["id"], second["n"]) == ("b", None)


def test_simplify_keeps_maps_as_structs_and_leaves_lists_of_maps_alone(export: Any) -> None:
    first = rows(export.simplify_ddb_json())[0]
    assert (first["id"], first["m"], first["l"]) == ("a", {"k": "v"}, ["p", "q"])
    assert first["objects"] == [{"M": {"z": {"N": "1"}}}]
    assert first["mixed"] == [{"S": "p", "N": None}, {"S": None, "N": "1"}]


def test_a_field_of_several_types(frame: Any) -> None:
    made = frame(
        '{"v": {"S": "a"}, "k": 1}', '{"v": {"N": "5"}, "k": 2}', '{"v": {"BOOL": true}, "k": 3}'
    ).simplify_ddb_json()
    assert made.schema().getField("v").dataType.typeName() == "choice"
    assert [row["v"] for row in rows(made.resolveChoice(choice="cast:string"))] == ["a", "5", "true"]


def test_functions_after_it_see_what_is_missing(export: Any) -> None:
    seen = export.simplify_ddb_json().map(lambda r: {"keys": sorted(r)})
    assert [row["keys"] for row in rows(seen)][1] == ["id"]
