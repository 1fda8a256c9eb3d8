"""json_extract's paths, and a search that stops where it has found something."""

from __future__ import annotations

import pytest

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.jsondata.extract import scalar, size, structure, tokens


def test_the_names_of_a_path() -> None:
    assert tokens('$.a["b c"][0].x:y["q\\"q"]') == ("a", "b c", "0", "x:y", 'q"q')
    assert tokens("$") == ()


@pytest.mark.parametrize(
    "path", ["", "a", "$.", "$..a", "$.*", "$[*]", "$[", "$[-1]", "$['a']", '$["a', '$["\\n"]', "$.a b", "$ .a"]
)
def test_a_path_that_is_not_of_this_language_is_refused(path: str) -> None:
    with pytest.raises(QueryFailure, match="Invalid JSON path"):
        tokens(path)


def test_the_search_goes_no_further_than_it_must() -> None:
    assert scalar('{"a": 1, broken', "$.a") == "1"
    assert scalar('{broken, "a": 1}', "$.a") is None
    assert scalar('{"a": 1, "a": 2}', "$.a") == "1"
    assert scalar('[1, {"b": [2.50]}]', "$[1].b[0]") == "2.50"


def test_values_by_kind() -> None:
    document = '{"s": "x", "n": null, "o": {"b": 1.0, "a": []}, "l": [1, 2]}'
    assert [scalar(document, f"$.{name}") for name in "snol"] == ["x", None, None, None]
    assert [structure(document, f"$.{name}") for name in "snolz"] == ['"x"', "null", '{"b":1.0,"a":[]}', "[1,2]", None]
    assert [size(document, f"$.{name}") for name in "snolz"] == [0, 0, 2, 2, None]
