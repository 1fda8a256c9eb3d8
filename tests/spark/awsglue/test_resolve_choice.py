"""ResolveChoice and toDF(options): every action, on fields anywhere.

Sources: glue-runtime.md 4 (DG aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html#...resolveChoice; aws-glue-samples
examples/resolve_choice.md) and 1 (toDF). On columns without a choice make_struct, make_cols and project change nothing.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


LINES = (
    '{"id": 1, "v": 1, "s": {"p": 1}, "l": [{"price": 1}, {"price": "x"}], "n": [1, "a"]}',
    '{"id": 2, "v": "2.5", "s": {"p": "b"}, "l": [], "n": []}',
    '{"id": 3, "v": "2024-02-03"}',
)


@pytest.fixture
def mixed(frame: Any) -> Any:
    return frame(*LINES)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("decimal(10,2)", [Decimal("1.00"), Decimal("2.50"), None]),
        ("double", [1.0, 2.5, None]),
        ("string", ["1", "2.5", "2024-02-03"]),
        ("date", [None, None, dt.date(2024, 2, 3)]),
        ("timestamp", [dt.datetime(1970, 1, 1, 0, 0, 1), None, dt.datetime(2024, 2, 3)]),  # noqa: DTZ001
        ("BIGINT", [1, 2, None]),
    ],
)
def test_cast_nulls_what_does_not_convert(mixed: Any, kind: str, expected: list[Any]) -> None:
    assert [row["v"] for row in rows(mixed.resolveChoice(specs=[("v", f"cast:{kind}")]))] == expected


def test_several_specs_at_once(mixed: Any) -> None:
    resolved = mixed.resolveChoice(
        specs=[("v", "make_cols"), ("s.p", "cast:string"), ("l[].price", "project:int"), ("n[]", "make_struct")]
    )
    assert rows(resolved)[0] == {
        "id": 1, "v_int": 1, "v_string": None, "s": {"p": "1"}, "l": [{"price": 1}, {"price": None}],
        "n": [{"int": 1, "string": None}, {"int": None, "string": "a"}],
    }  # fmt: skip


def test_make_cols_in_a_struct(mixed: Any) -> None:
    resolved = mixed.resolveChoice(specs=[("s.p", "make_cols")])
    assert [row["s"] for row in rows(resolved)] == [
        {"p_int": 1, "p_string": None}, {"p_int": None, "p_string": "b"}, None,
    ]  # fmt: skip


def test_make_cols_in_array_elements(mixed: Any) -> None:
    resolved = mixed.resolveChoice(specs=[("l.price", "make_cols")])
    assert rows(resolved)[0]["l"] == [{"price_int": 1, "price_string": None}, {"price_int": None, "price_string": "x"}]


def test_make_cols_of_the_elements_themselves_is_refused(mixed: Any) -> None:
    with pytest.raises(ValueError, match="make_cols cannot make several columns of the elements of 'n'"):
        mixed.resolveChoice(specs=[("n[]", "make_cols")])


def test_cast_reaches_array_elements_and_map_values(mixed: Any, glue_context: Any) -> None:
    assert rows(mixed.resolveChoice(specs=[("n[]", "cast:string")]))[0]["n"] == ["1", "a"]
    everywhere = mixed.resolveChoice(choice="cast:string")
    assert rows(everywhere)[0]["l"] == [{"price": "1"}, {"price": "x"}]
    assert "choice" not in str(everywhere.schema().jsonValue())


def test_choices_inside_choices(frame: Any) -> None:
    made = frame('{"v": {"x": 1}}', '{"v": {"x": "a"}}', '{"v": "plain"}')
    struct = made.resolveChoice(choice="make_struct")
    assert "choice" not in str(struct.schema().jsonValue())
    assert rows(struct)[0]["v"]["struct"]["x"] == {"int": 1, "string": None}
    inner = made.resolveChoice(specs=[("v.x", "cast:string")])
    assert rows(inner)[0]["v"]["struct"] == {"x": "1"}


@pytest.mark.parametrize("action", ["make_struct", "make_cols", "project:string"])
def test_fields_without_a_choice_stay(frame: Any, action: str) -> None:
    made = frame('{"a": 1}')
    assert rows(made.resolveChoice(specs=[("a", action)])) == [{"a": 1}]
    assert rows(made.resolveChoice(choice=action)) == [{"a": 1}]


def test_cast_of_a_field_without_a_choice(frame: Any) -> None:
    assert rows(frame('{"a": 1}').resolveChoice(specs=[("a", "cast:string")])) == [{"a": "1"}]


def test_a_path_that_is_not_there_changes_nothing(mixed: Any) -> None:
    assert types(mixed.resolveChoice(specs=[("nothing", "cast:int")])) == types(mixed)


def test_match_catalog_casts_to_the_table_s_types(frame: Any, catalog: Any) -> None:
    catalog.add_table(
        "t",
        "/nowhere",
        [("id", "int"), ("v", "double"), ("s", "struct<p:string>"), ("l", "array<struct<price:bigint>>")],
    )
    made = frame(*LINES).resolveChoice(choice="match_catalog", database="db", table_name="t")
    assert [row["v"] for row in rows(made)] == [1.0, 2.5, None]
    assert rows(made)[0]["s"] == {"p": "1"}
    assert rows(made)[0]["l"] == [{"price": 1}, {"price": None}]
    assert rows(made)[0]["n"] == [{"int": 1, "string": None}, {"int": None, "string": "a"}]


def test_match_catalog_is_no_spec(mixed: Any) -> None:
    with pytest.raises(ValueError, match='match_catalog is for choice="match_catalog"'):
        mixed.resolveChoice(specs=[("v", "match_catalog")])


@pytest.mark.parametrize("spec", [("v",), "v", ("v", "cast:int", 1), (1, "cast:int")])
def test_a_spec_is_a_pair_of_strings(mixed: Any, spec: Any) -> None:
    with pytest.raises(ValueError, match="specs: each one is a pair"):
        mixed.resolveChoice(specs=[spec])


@pytest.mark.parametrize("action", ["cast:", "cast", "make_rows", "cast:integerish"])
def test_an_unknown_action_or_type_lists_those_that_there_are(mixed: Any, action: str) -> None:
    with pytest.raises(ValueError, match=r"make_cols|bigint"):
        mixed.resolveChoice(specs=[("v", action)])


def test_columns_that_make_cols_would_double_are_named(frame: Any) -> None:
    made = frame('{"v": 1, "v_int": 7}', '{"v": "a"}')
    with pytest.raises(ValueError, match="exist already: v_int"):
        made.resolveChoice(choice="make_cols")


def test_csv_of_the_catalog_resolves_as_in_the_walkthrough(glue_context: Any, catalog: Any, tmp_path: Any) -> None:
    """aws-glue-samples resolve_choice.md: bad values of a bigint column make a choice; cast:long nulls them."""
    (tmp_path / "rows.csv").write_text("provider id,name\n10,a\nCR Number,b\n30,c\n", encoding="utf-8")
    catalog.add_table("payments", str(tmp_path), [("provider id", "bigint"), ("name", "string")])
    made = glue_context.create_dynamic_frame.from_catalog("db", "payments")
    assert list(made.schema().getField("provider id").dataType.choices) == ["long", "string"]
    cast = made.resolveChoice(specs=[("provider id", "cast:long")])
    assert [row["provider id"] for row in rows(cast)] == [10, None, 30]


def test_to_df_has_a_struct_for_a_choice_anywhere(mixed: Any) -> None:
    first = mixed.toDF().collect()[0].asDict(recursive=True)
    assert first["v"] == {"int": 1, "string": None}
    assert first["l"][1] == {"price": {"int": None, "string": "x"}}
    assert first["n"] == [{"int": 1, "string": None}, {"int": None, "string": "a"}]


def test_to_df_options_reach_into_structs_and_arrays(mixed: Any) -> None:
    from awsglue.dynamicframe import ResolveOption
    from awsglue.gluetypes import IntegerType, StringType

    options = [ResolveOption("s.p", "Project", StringType()), ResolveOption("l.price", "Project", IntegerType())]
    first, second, _ = mixed.toDF(options).collect()
    assert first.l[0].price == 1
    assert first.l[1].price is None
    assert (first.s.p, second.s.p) == (None, "b")
    assert first.v.asDict() == {"int": 1, "string": None}
    with pytest.raises(ValueError, match="needs a target"):
        mixed.toDF([ResolveOption("v", "Project")])
    with pytest.raises(TypeError, match="ResolveOption"):
        mixed.toDF(["v"])
