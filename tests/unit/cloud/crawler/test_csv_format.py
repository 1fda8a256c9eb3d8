from __future__ import annotations

import pytest

from labkit.cloud.crawler.csv_format import CsvOptions, classify_csv
from labkit.cloud.crawler.shape import CsvLayout, FileShape


def csv(text: str, **options: object) -> FileShape:
    shape = classify_csv(text, True, CsvOptions(**options))  # type: ignore[arg-type]
    assert shape is not None
    return shape


def schema(text: str, **options: object) -> dict[str, object]:
    return {column.name: column.type for column in csv(text, **options).columns}


def layout(text: str, **options: object) -> CsvLayout:
    found = csv(text, **options).layout
    assert isinstance(found, CsvLayout)
    return found


@pytest.mark.parametrize("delimiter", [",", "|", ";", "\t", "\u0001"])
def test_each_delimiter_of_the_built_in_classifier_is_found(delimiter: str) -> None:
    text = "id,precio\n1,2.5\n2,3.5\n".replace(",", delimiter)
    assert schema(text) == {"id": "bigint", "precio": "double"}
    assert layout(text).delimiter == delimiter


def test_decimal_commas_do_not_hide_the_semicolon() -> None:
    assert schema("id;precio\n1;2,50\n2;3,75\n") == {"id": "bigint", "precio": "string"}


def test_dates_and_timestamps_stay_strings() -> None:
    text = "id,fecha,hora\n1,2024-01-15,2024-01-15 10:00:00\n2,2024-01-16,2024-01-16T10:00:00Z\n"
    assert schema(text) == {"id": "bigint", "fecha": "string", "hora": "string"}


def test_types_widen_over_the_rows() -> None:
    text = "a,b,c,d,e\n1,1,true,1,\n2,2.5,FALSE,x,\n,3e4,true,3,\n"
    assert schema(text) == {"a": "bigint", "b": "double", "c": "boolean", "d": "string", "e": "string"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("007", "bigint"),
        ("-12", "bigint"),
        ("+3", "bigint"),
        (".5", "double"),
        ("1e-3", "double"),
        ("9223372036854775807", "bigint"),
        ("9223372036854775808", "double"),
        ("1,5", "string"),
        ("NaN", "string"),
        ("12-3", "string"),
        ("٣", "string"),
    ],
)
def test_value_types(value: str, kind: str) -> None:
    assert schema(f"nombre;v;n\nana;{value};1\nluz;{value};2\n")["v"] == kind


def test_all_string_file_has_no_header_and_numbered_columns() -> None:
    text = "nombre,ciudad\nAna,Lima\nLuz,Cusco\n"
    assert schema(text) == {"col0": "string", "col1": "string"}
    assert not layout(text).has_header


def test_numeric_first_row_is_data() -> None:
    assert schema("1,2\n3,4\n") == {"col0": "bigint", "col1": "bigint"}


def test_header_with_an_empty_cell_is_no_header_but_a_trailing_delimiter_is_allowed() -> None:
    assert list(schema("id,,c\n1,2,3\n4,5,6\n")) == ["col0", "col1", "col2"]
    assert list(schema("id,b,\n1,2,\n4,5,\n")) == ["id", "b", "col2"]


def test_a_header_cell_of_150_characters_is_no_header() -> None:
    assert next(iter(schema(f"{'x' * 149},b\n1,2\n3,4\n"))) == "x" * 149
    assert list(schema(f"{'x' * 150},b\n1,2\n3,4\n")) == ["col0", "col1"]


def test_names_are_lower_cased_with_accents_and_spaces_kept() -> None:
    assert list(schema("Código Divipola Departamento,AÑO\n5,2024\n8,2024\n")) == ["código divipola departamento", "año"]


def test_duplicate_names_get_a_number() -> None:
    assert list(schema("id,ID,id\n1,2,3\n4,5,6\n")) == ["id", "id_2", "id_3"]


def test_quoted_fields_with_delimiters_and_line_ends() -> None:
    text = '"id","nota"\n"1","a, b"\n"2","dos\nlíneas"\n'
    assert schema(text) == {"id": "bigint", "nota": "string"}
    assert layout(text).quoted


def test_a_quote_in_one_value_does_not_make_the_columns_quoted() -> None:
    assert not layout('id,nota\n1,"a, b"\n2,c\n').quoted


def test_blank_and_ragged_lines() -> None:
    text = "id,a,b\n\n1,2,3\n   \n4,5\n7,8,9,10\n1,2,3\n4,5,6\n"
    assert schema(text) == {"id": "bigint", "a": "bigint", "b": "bigint"}


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends(end: str) -> None:
    assert schema(f"id,a{end}1,2{end}3,4{end}") == {"id": "bigint", "a": "bigint"}


@pytest.mark.parametrize(
    "text", ["", "\n\n", "una sola columna\n1\n2\n", "Hola, mundo.\nEsto es prosa\ny nada más\ncreo\n"]
)
def test_what_is_not_csv(text: str) -> None:
    assert classify_csv(text, True) is None


def test_two_rows_of_data_are_needed_to_be_sure() -> None:
    assert not csv("id,a\n1,2\n").enough
    assert csv("id,a\n1,2\n3,4\n").enough
    assert csv("1,2\n3,4\n").enough


def test_the_line_that_the_sample_cuts_is_left_out() -> None:
    shape = classify_csv("id,a\n1,2\n3,4\n5,x", complete=False)
    assert shape is not None
    assert {column.type for column in shape.columns} == {"bigint"}


def test_custom_classifier_delimiter_quote_and_header() -> None:
    text = "'a~b'~x\n'c~d'~y\n"
    assert schema(text, delimiter="~", quote="'", header="PRESENT") == {"a~b": "string", "x": "string"}
    assert schema(text, delimiter="~", quote="'", header="ABSENT", names=("uno", "dos")) == {
        "uno": "string",
        "dos": "string",
    }
    assert classify_csv("a,b\nc,d\n", True, CsvOptions(delimiter="~")) is None


def test_custom_classifier_single_column_and_value_trimming() -> None:
    assert schema("1\n2\n", delimiter=",", allow_single_column=True) == {"col0": "bigint"}
    assert schema("a, 1\nb, 2\n", delimiter=",", trim=False) == {"col0": "string", "col1": "string"}


def test_custom_datatypes() -> None:
    text = "a;b;c;d\n1;2024-01-15;1.50;40000\n2;2024-01-16;22.5;2\n"
    kinds = schema(text, delimiter=";", datatypes=("INT", "DATE", "DECIMAL", "SHORT"))
    assert kinds == {"a": "smallint", "b": "date", "c": "decimal(4,2)", "d": "int"}
