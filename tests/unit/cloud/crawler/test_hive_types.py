from __future__ import annotations

import pytest

from labkit.cloud.crawler.hive_types import NULL, Array, Map, Struct, merge, render


@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        ("int", "bigint", "bigint"),
        ("tinyint", "smallint", "smallint"),
        ("bigint", "double", "double"),
        ("float", "int", "double"),
        ("decimal(5,2)", "decimal(10,4)", "decimal(10,4)"),
        ("decimal(9,2)", "decimal(10,4)", "decimal(11,4)"),
        ("decimal(5,2)", "int", "decimal(12,2)"),
        ("decimal(5,2)", "double", "double"),
        ("boolean", "int", "string"),
        ("date", "timestamp", "string"),
        (NULL, "date", "date"),
        ("date", NULL, "date"),
        (Array("int"), Array("double"), Array("double")),
        (Array("int"), "int", "string"),
        (Map("string", "int"), Map("string", "bigint"), Map("string", "bigint")),
    ],
)
def test_merge(left: object, right: object, merged: object) -> None:
    assert merge(left, right) == merged  # type: ignore[arg-type]


def test_render_nested() -> None:
    kind = Array(Struct((("a", "int"), ("m", Map("string", NULL)))))
    assert render(kind) == "array<struct<a:int,m:map<string,string>>>"
