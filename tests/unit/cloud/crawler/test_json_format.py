from __future__ import annotations

import pytest

from labkit.cloud.crawler.hive_types import render
from labkit.cloud.crawler.json_format import classify_json, parse_json_path
from labkit.cloud.crawler.sample import UnreadableFile


def schema(text: str, json_path: str = "", *, complete: bool = True) -> dict[str, str] | None:
    shape = classify_json(text, complete, json_path)
    return shape and {column.name: render(column.type) for column in shape.columns}


def test_lines_with_every_type() -> None:
    text = '{"id":1,"big":3000000000,"p":1.5,"ok":true,"n":"x","nada":null}\n{"id":2,"Extra":"y"}\n'
    assert schema(text) == {
        "id": "int", "big": "bigint", "p": "double", "ok": "boolean", "n": "string", "nada": "string", "extra": "string",
    }  # fmt: skip


def test_nested_types_merge_over_records() -> None:
    text = '{"a":{"x":1,"tags":["u"]},"l":[{"k":1}]}\n{"a":{"x":2.5,"y":"z"},"l":[{"k":2,"m":null},{"q":true}]}\n'
    assert schema(text) == {
        "a": "struct<x:double,tags:array<string>,y:string>",
        "l": "array<struct<k:int,m:string,q:boolean>>",
    }


def test_conflicting_types_become_string() -> None:
    assert schema('{"a":1}\n{"a":"x"}\n{"a":[1]}\n') == {"a": "string"}


def test_empty_array_and_object() -> None:
    assert schema('{"a":[],"b":{}}\n') == {"a": "array<string>", "b": "string"}


def test_pretty_printed_objects() -> None:
    assert schema('{\n  "a": 1\n}\n{\n  "a": 2,\n  "b": "x"\n}\n') == {"a": "int", "b": "string"}


def test_an_array_file_is_one_column_and_a_custom_path_opens_it() -> None:
    text = '[{"id":1,"n":"a"},{"id":2}]'
    assert schema(text) == {"array": "array<struct<id:int,n:string>>"}
    assert schema(text, "$[*]") == {"id": "int", "n": "string"}


def test_custom_paths() -> None:
    text = '{"meta":1,"records":[{"v":{"x":1}},{"v":{"x":2,"y":true}}]}'
    assert schema(text, "$.records[*]") == {"v": "struct<x:int,y:boolean>"}
    assert schema(text, "$.records[*].v") == {"x": "int", "y": "boolean"}
    assert schema(text, "$['records'][1].v") == {"x": "int", "y": "boolean"}
    assert schema(text, "$.nada[*]") is None


@pytest.mark.parametrize("path", ["records", "$..a", "$.a[?(@.x>1)]", "$.a[1:2]"])
def test_a_path_that_is_not_run_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="JsonPath"):
        parse_json_path(path)


def test_a_sample_cut_inside_a_record() -> None:
    assert schema('{"a":1}\n{"a":2}\n{"a":3,"b":"un te', complete=False) == {"a": "int"}
    assert schema('[{"a":1},{"a":2},{"a', "$[*]", complete=False) == {"a": "int"}
    assert schema('[{"a":1},{"a":2},{"a', complete=False) == {"array": "array<struct<a:int>>"}


def test_a_few_bad_lines_are_left_out_and_many_are_not_json() -> None:
    good = '{"a":1}\n' * 9
    assert schema(good + "{roto\n") == {"a": "int"}
    assert schema('{"a":1}\n{roto\n{roto\n') is None


@pytest.mark.parametrize("text", ["", "1\n2\n", '"a"', "a,b\n1,2\n", "{", "[1,2"])
def test_what_is_not_json(text: str) -> None:
    assert schema(text) is None


def test_deep_nesting_does_not_crash() -> None:
    assert schema("[" * 100_000) is None


def test_nesting_that_is_not_read_is_named() -> None:
    assert schema('{"a":' * 90 + "1" + "}" * 90) is not None
    for levels in (150, 900):
        with pytest.raises(UnreadableFile, match="more than 100 levels deep"):
            schema('{"a":' * levels + "1" + "}" * levels)
