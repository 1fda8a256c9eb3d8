"""CSV options. Sources: DG aws-glue-programming-etl-format-csv-home.html (CSV configuration reference) and RFC 4180, which it names;
catalog: DG aws-glue-programming-etl-connect-s3-home.html; glue-runtime.md sections 1 and 2."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path
from typing import Any

import pytest


def put(folder: Path, name: str, data: str | bytes) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return str(folder)


@pytest.fixture
def read(glue_context: Any, tmp_path: Path) -> Any:
    """A function that reads files of these contents as CSV: rows as tuples."""

    def rows(*texts: str | bytes, connection: dict[str, Any] | None = None, **options: Any) -> Any:
        for place, text in enumerate(texts):
            put(tmp_path / "in", f"{place}.csv", text)
        paths = {"paths": [str(tmp_path / "in")], **(connection or {})}
        frame = glue_context.create_dynamic_frame.from_options("s3", paths, "csv", options)
        df = frame.toDF()
        return df.columns, [tuple(row) for row in df.collect()]

    return rows


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a\tb\n1\t2\n", {"separator": "\t", "withHeader": True}, [("1", "2")]),
        ("a\tb\n1\t2\n", {"separator": "\\t", "withHeader": True}, [("1", "2")]),
        ("1|2\n", {"separator": "|"}, [("1", "2")]),
        ("1\x012\n", {"separator": "\x01"}, [("1", "2")]),
        ("'a,b',\"c\"\n", {"quoteChar": "'"}, [("a,b", '"c"')]),
        ('"a,b"\n', {"quoteChar": "-1"}, [('"a', 'b"')]),
        ('1,"say ""hi"""\n', {}, [("1", 'say "hi"')]),
        ('"one\ntwo",x\n', {"MULTILINE": "true"}, [("one\ntwo", "x")]),
        ("x,y\r\n1,2\r\n3,4\r\n", {"withHeader": "true"}, [("1", "2"), ("3", "4")]),
        ("1,2\n\n\n3,4\n", {}, [("1", "2"), ("3", "4")]),
        ("1,2\n3\n4,5,6\n", {}, [("1", "2", None), ("3", None, None), ("4", "5", "6")]),
        ("a,b\n1\n2,3,4\n", {"withHeader": True}, [("1", None), ("2", "3")]),
        ("x\n1\n2\n", {"withHeader": True, "skipFirst": True}, [("2",)]),
        ("x\n1\n2\n", {"skipFirst": True}, [("1",), ("2",)]),
        ("a,b\n1,2\n", {"withHeader": True, "optimizePerformance": True}, [("1", "2")]),
    ],
)  # fmt: skip
def test_format_options(read: Any, text: str, options: dict[str, Any], expected: list[Any]) -> None:
    assert read(text, **options)[1] == expected


def test_the_letter_after_the_escaper_is_literal_except_well_known_ones(read: Any) -> None:
    # "The character that immediately follows is used as-is, except for \n, \r, \t, and \0."
    text = 'a\\,b,"say \\"hi\\"",x\\ny,\\t\\0,\\\\\n'
    assert read(text, escaper="\\")[1] == [("a,b", 'say "hi"', "x\ny", "\t\0", "\\")]


def test_an_escaper_that_no_file_holds_costs_nothing(glue_context: Any, tmp_path: Path) -> None:
    folder = put(tmp_path, "a.csv", 'a,"b ""c"""\n')
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder]}, "csv", {"escaper": "\\"})
    assert [tuple(row) for row in frame.toDF().collect()] == [("a", 'b "c"')]
    assert "MapInArrow" not in frame.toDF()._jdf.queryExecution().toString()


@pytest.mark.parametrize("options", [{"withHeader": True}, {"withHeader": True, "skipFirst": True}])
def test_a_byte_order_mark_is_no_part_of_the_first_name(read: Any, options: dict[str, Any]) -> None:
    names, rows = read("\ufeffaño,ciudad\nx,y\n1,León\n", **options)
    assert names == ["año", "ciudad"]
    assert rows[-1] == ("1", "León")


def test_files_with_different_headers_are_matched_by_name(read: Any) -> None:
    names, rows = read("x,y\n1,2\n", "y,z\n20,30\n", withHeader=True)
    assert names == ["x", "y", "z"]
    assert sorted(rows, key=str) == [("1", "2", None), (None, "20", "30")]


def test_empty_and_header_only_files(read: Any) -> None:
    assert read("", "x,y\n", "x,y\n1,2\n", withHeader=True) == (["x", "y"], [("1", "2")])


def test_a_header_only_file_has_columns_and_no_row(read: Any) -> None:
    assert read("x,y\n", withHeader=True) == (["x", "y"], [])


@pytest.mark.slow
def test_only_empty_files_give_an_empty_frame(read: Any) -> None:
    assert read("", "", withHeader=True) == ([], [])


def test_repeated_and_blank_names_are_told_apart(read: Any, capsys: pytest.CaptureFixture[str]) -> None:
    # Not documented; a DynamicFrame cannot hold two fields of one name, and Spark does not tell id from ID.
    names, rows = read("id,,ID,id\n1,2,3,4\n", withHeader=True)
    assert names == ["id", "col1", "ID_1", "id_2"]
    assert rows == [("1", "2", "3", "4")]
    assert "blank or repeated names" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("bzip2", bz2.compress)])
def test_compression_by_name_and_by_option(glue_context: Any, tmp_path: Path, name: str, pack: Any) -> None:
    # connect-s3-home: "compressionType … not needed if the input has a standard file extension".
    ending = {"gzip": ".csv.gz", "bzip2": ".csv.bz2"}[name]
    named, bare = (
        put(tmp_path / "named", f"a{ending}", pack(b"x,y\n1,2\n")),
        put(tmp_path / "bare", "a", pack(b"x,y\n1,2\n")),
    )
    read = glue_context.create_dynamic_frame.from_options
    for paths in ({"paths": [named]}, {"paths": [bare], "compressionType": name}):
        frame = read("s3", paths, "csv", {"withHeader": True})
        assert [row.asDict() for row in frame.toDF().collect()] == [{"x": "1", "y": "2"}]


@pytest.mark.parametrize(
    ("connection", "options", "said"),
    [
        ({}, {"separator": "||"}, '"separator" is one character'),
        ({}, {"quoteChar": "ab"}, '"quoteChar" is one character'),
        ({}, {"withHeader": "maybe"}, '"withHeader" is true or false'),
        ({"compressionType": "zip"}, {}, '"compressionType" is one of gzip, bzip2'),
        ({"groupFiles": "all"}, {}, '"groupFiles" is one of inPartition'),
        ({"boundedFiles": "many"}, {}, '"boundedFiles" is a whole number'),
    ],
)
def test_a_wrong_option_is_named(read: Any, connection: dict[str, Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read("1,2\n", connection=connection, **options)


def table(catalog: Any, folder: str, columns: list[tuple[str, str]], serde: dict[str, str], **parameters: str) -> None:
    catalog.add_table(
        "t", folder, columns, "csv", None, **{"skip.header.line.count": "0", "delimiter": "", **parameters}
    )
    catalog.tables["t"]["StorageDescriptor"]["SerdeInfo"] = {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde", "Parameters": serde,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "serde", "parameters", "expected"),
    [
        ("1;'a;b'\n", {"separatorChar": ";", "quoteChar": "'"}, {}, [(1, "a;b")]),
        ("1\ta\n", {"field.delim": "\t"}, {}, [(1, "a")]),
        ("1|a\n", {}, {"delimiter": "|"}, [(1, "a")]),
        ('1,"say \\"hi\\""\n', {"escapeChar": "\\"}, {}, [(1, 'say "hi"')]),
        ("t\nn,v\n1,a\n", {}, {"skip.header.line.count": "2"}, [(1, "a")]),
        ('1,"a\nb"\n', {}, {"multiLine": "true"}, [(1, "a\nb")]),
        ("1\n2,b,c\n", {}, {}, [(1, None), (2, "b")]),
        ('"","x"\n2,\n', {}, {}, [(None, "x"), (2, None)]),
    ],
)
def test_what_a_table_says_of_its_files(
    glue_context: Any, catalog: Any, tmp_path: Path, text: str, serde: Any, parameters: Any, expected: Any
) -> None:
    table(catalog, put(tmp_path / "in", "a.csv", text), [("n", "bigint"), ("v", "string")], serde, **parameters)
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert [tuple(row) for row in frame.toDF().collect()] == expected
    assert [field.dataType.typeName() for field in frame.schema()] == ["long", "string"]


@pytest.mark.slow
def test_extra_and_missing_columns_against_the_catalog(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    folder = put(tmp_path / "in", "a.csv", "1,2\n")
    table(catalog, folder, [("a", "int"), ("b", "int"), ("c", "decimal(10,2)"), ("d", "date")], {})
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert [tuple(row) for row in frame.toDF().collect()] == [(1, 2, None, None)]


def test_the_serde_decides_when_there_is_no_classification(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    table(catalog, put(tmp_path / "in", "a.csv", "1,x\n"), [("n", "int"), ("v", "string")], {})
    catalog.tables["t"]["Parameters"] = {}
    assert glue_context.create_dynamic_frame.from_catalog("db", "t").count() == 1
    catalog.tables["t"]["StorageDescriptor"]["SerdeInfo"] = {}
    with pytest.raises(ValueError, match=r"No classification or connection in db\.t"):
        glue_context.create_dynamic_frame.from_catalog("db", "t")


@pytest.mark.slow
def test_gzip_objects_of_a_table_without_an_extension(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    folder = put(tmp_path / "in", "a", gzip.compress(b"n,v\n1,x\nbad,y\n"))
    catalog.add_table("t", folder, [("n", "bigint"), ("v", "string")], compressionType="gzip")
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert frame.schema().getField("n").dataType.typeName() == "choice"
    assert [row["v"] for row in frame.toDF().collect()] == ["x", "y"]


def test_files_that_would_be_read_as_nonsense_are_refused(glue_context: Any, tmp_path: Path) -> None:
    read = glue_context.create_dynamic_frame.from_options
    folder = put(tmp_path / "zip", "a.zip", b"PK\x03\x04")
    put(tmp_path / "zip", "b.csv", "1\n")
    with pytest.raises(ValueError, match=r"a\.zip is an archive"):
        read("s3", {"paths": [folder]}, "csv")
    assert read("s3", {"paths": [folder], "exclusions": '["*.zip"]'}, "csv").count() == 1
    folder = put(tmp_path / "utf16", "a.csv", "a,b\n1,2\n".encode("utf-16"))
    with pytest.raises(ValueError, match=r"UTF-16; Glue reads UTF-8"):
        read("s3", {"paths": [folder]}, "csv").toDF()
