"""Reading. Sources: glue-runtime.md sections 1 and 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SALES = "id,cantidad,canal\n1,2,web\n2,0,tienda\n3,5,\n"


def write(folder: Path, name: str, text: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def names(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


def test_csv_without_a_table_is_all_strings(glue_context: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "a.csv", SALES)
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder]}, "csv", {"withHeader": True})
    assert names(frame) == {"id": "string", "cantidad": "string", "canal": "string"}
    assert frame.count() == 3


def test_csv_without_a_header_has_numbered_columns(glue_context: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "a.csv", '1,"a,b"\n2,"say ""hi"""\n')
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder]}, "csv")
    assert [tuple(row) for row in frame.toDF().collect()] == [("1", "a,b"), ("2", 'say "hi"')]
    assert list(names(frame)) == ["col0", "col1"]


def test_csv_files_with_different_headers_are_matched_by_name(glue_context: Any, tmp_path: Path) -> None:
    write(tmp_path / "in", "a.csv", "x,y\n1,2\n")
    folder = write(tmp_path / "in", "b.csv", "y,x\n20,10\n")
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder]}, "csv", {"withHeader": True})
    assert sorted((row["x"], row["y"]) for row in frame.toDF().collect()) == [("1", "2"), ("10", "20")]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a;b\n1;2\n", {"separator": ";", "withHeader": True}, [("1", "2")]),
        ("x,y\n1,2\n", {"skipFirst": True}, [("1", "2")]),
        ("'a,b',c\n", {"quoteChar": "'"}, [("a,b", "c")]),
        ('"a,b"\n', {"quoteChar": -1}, [('"a', 'b"')]),
        ('"one\ntwo",x\n', {"multiline": "true"}, [("one\ntwo", "x")]),
    ],
)
def test_csv_format_options(
    glue_context: Any, tmp_path: Path, text: str, options: dict[str, Any], expected: list[Any]
) -> None:
    folder = write(tmp_path / "in", "a.csv", text)
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder]}, "csv", options)
    assert [tuple(row) for row in frame.toDF().collect()] == expected


def test_a_folder_is_read_without_its_sub_folders_unless_recurse(glue_context: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "a.json", '{"a": 1}\n')
    write(tmp_path / "in" / "deep", "b.json", '{"a": 2}\n')
    write(tmp_path / "in", "_SUCCESS", "")
    read = glue_context.create_dynamic_frame.from_options
    assert read("s3", {"paths": [folder]}, "json").count() == 1
    assert read("s3", {"paths": [folder], "recurse": True}, "json").count() == 2
    assert read("s3", {"paths": [f"{folder}/deep/b.json"]}, "json").count() == 1


def test_exclusions_are_globs_in_a_json_list(glue_context: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "a.json", '{"a": 1}\n')
    write(tmp_path / "in", "skip.txt", "no json\n")
    frame = glue_context.create_dynamic_frame.from_options(
        "s3", {"paths": [folder], "exclusions": '["**.txt"]'}, "json"
    )
    assert frame.count() == 1


def test_bounded_files_limits_a_run(glue_context: Any, tmp_path: Path) -> None:
    for number in range(3):
        folder = write(tmp_path / "in", f"{number}.json", '{"a": 1}\n')
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder], "boundedFiles": "2"}, "json")
    assert frame.count() == 2


def test_a_missing_path_is_named(glue_context: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path / "nowhere")]}, "csv")


@pytest.mark.parametrize("kind", ["xml", "grokLog", None])
def test_a_format_that_cannot_be_read_is_named(glue_context: Any, kind: str | None) -> None:
    with pytest.raises((NotImplementedError, ValueError), match="csv, json, parquet, orc"):
        glue_context.create_dynamic_frame.from_options("s3", {"paths": ["/nowhere"]}, kind)


def test_json_types_choices_and_nulls(frame: Any) -> None:
    made = frame('{"a": 1, "b": 1, "n": null}', '{"a": "x", "b": 9999999999}', '{"c": 1.5}')
    assert names(made) == {"a": "choice", "b": "choice", "n": "null", "c": "double"}
    assert list(made.schema().getField("b").dataType.choices) == ["int", "long"]
    assert [row["a"] for row in made.toDF().collect()][:2] == [(1, None), (None, "x")]


@pytest.mark.slow
def test_a_truncated_json_line_takes_the_next_down(frame: Any) -> None:
    # DG …-dynamic-frame.html#pyspark-errorsAsDynamicFrame-example: four lines, the second cut short, ids 1 and 4 are read.
    made = frame('{"id": 1}', '{"id": 2, "x": "cut', '{"id": 3}', '{"id": 4}')
    assert [row["id"] for row in made.toDF().collect()] == [1, 4]
    assert (made.count(), made.errorsCount()) == (2, 1)
    assert names(made.errorsAsDynamicFrame()) == {"error": "struct"}


def test_json_path_and_multi_line(frame: Any) -> None:
    made = frame('{"meta": 1,', ' "items": [{"a": 1},', '{"a": 2}]}', jsonPath="$.items[*]", multiLine=True)
    assert [row["a"] for row in made.toDF().collect()] == [1, 2]


@pytest.mark.slow
def test_many_json_records_are_inferred_by_workers(glue_context: Any, tmp_path: Path) -> None:
    line = '{"id": 1, "text": "' + "x" * 100 + '"}\n'
    folder = write(tmp_path / "in", "a.json", line * 45_000 + '{"id": "last"}\n')
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder]}, "json")
    assert names(frame) == {"id": "choice", "text": "string"}
    assert frame.toDF().where("id.string = 'last'").count() == 1


def test_a_catalog_csv_has_the_catalogs_names_and_types(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "a.csv", SALES.replace("cantidad", "CANTIDAD"))
    catalog.add_table("sales", folder, [("id", "bigint"), ("cantidad", "int"), ("canal", "string")])
    frame = glue_context.create_dynamic_frame.from_catalog(database="db", table_name="sales")
    assert names(frame) == {"id": "long", "cantidad": "int", "canal": "string"}
    assert frame.toDF().filter("cantidad > 0").count() == 2


@pytest.mark.slow
def test_a_value_that_does_not_convert_makes_a_choice(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    # aws-glue-samples resolve_choice.md: a bigint column with bad rows is choice long/string.
    folder = write(tmp_path / "in", "a.csv", "provider id,n\n10001,1\nbad,2\n,3\n")
    catalog.add_table("medicare", folder, [("provider id", "bigint"), ("n", "bigint")])
    frame = glue_context.create_dynamic_frame.from_catalog("db", "medicare")
    assert names(frame) == {"provider id": "choice", "n": "long"}
    assert [row[0] for row in frame.toDF().collect()] == [(10001, None), (None, "bad"), None]
    assert [row[0] for row in frame.resolveChoice(specs=[("provider id", "cast:long")]).toDF().collect()] == [
        10001,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("kind", "good", "odd"),
    [("bigint", "12", "0x1F"), ("int", "-3", "3000000000"), ("double", "1e3", "1,5"), ("date", "2024-02-29", "2024-02-30"),
     ("timestamp", "2024-01-01 10:00:00", "soon"), ("boolean", "true", "maybe"), ("decimal(10,2)", "3.25", "three")],
)  # fmt: skip
def test_quick_proof_and_spark_agree_on_what_converts(
    glue_context: Any, catalog: Any, tmp_path: Path, kind: str, good: str, odd: str
) -> None:
    for place, (value, expected) in enumerate([(good, False), (odd, True)]):
        folder = write(tmp_path / str(place), "a.csv", f'v,w\n"{value}",x\n')
        catalog.add_table("t", folder, [("v", kind), ("w", "string")])
        frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
        assert (names(frame)["v"] == "choice") is expected, value
        value_read = frame.toDF().collect()[0]["v"]
        assert value_read is not None
        assert not expected or value_read["string"] == odd


def test_reading_a_small_table_costs_no_spark_job(glue_context: Any, catalog: Any, tmp_path: Path, spark: Any) -> None:
    folder = write(tmp_path / "in", "a.csv", SALES)
    catalog.add_table("sales", folder, [("id", "bigint"), ("cantidad", "int"), ("canal", "string")])
    spark.sparkContext.setJobGroup("reading", "")
    glue_context.create_dynamic_frame.from_catalog("db", "sales").toDF()
    assert not spark.sparkContext.statusTracker().getJobIdsForGroup("reading")
    spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
@pytest.mark.slow
def test_partitions_are_columns_and_only_registered_ones_are_read(
    glue_context: Any, catalog: Any, tmp_path: Path, spark: Any, kind: str
) -> None:
    root = tmp_path / "t"
    rows = {"2023": 1, "2024": 2, "2099": 3}
    for year, value in rows.items():
        folder = root / f"year={year}" / "month=07"
        df = spark.createDataFrame([(value,)], "v bigint").coalesce(1)
        df.write.option("header", True).format(kind).save(str(folder))
    catalog.add_table("t", str(root), [("v", "bigint")], kind, [("year", "int"), ("month", "string")])
    for year in ("2023", "2024"):
        catalog.add_partition("t", [year, "07"], f"{root}/year={year}/month=07/")
    read = glue_context.create_dynamic_frame.from_catalog
    frame = read("db", "t")
    assert sorted(tuple(row) for row in frame.toDF().collect()) == [(1, 2023, "07"), (2, 2024, "07")]
    assert {"year": "int", "month": "string"}.items() <= names(frame).items()
    some = read("db", "t", push_down_predicate="(year == '2024' and month == '07')")
    assert [row["v"] for row in some.toDF().collect()] == [2]


def test_a_partition_kept_elsewhere_has_its_values(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    write(tmp_path / "t" / "day=1", "a.csv", "v\n1\n")
    write(tmp_path / "elsewhere", "a.csv", "v\n2\n")
    catalog.add_table("t", str(tmp_path / "t"), [("v", "bigint")], "csv", [("day", "int")])
    catalog.add_partition("t", ["1"], f"{tmp_path}/t/day=1/")
    catalog.add_partition("t", ["2"], f"{tmp_path}/elsewhere/")
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert sorted(tuple(row) for row in frame.toDF().collect()) == [(1, 1), (2, 2)]


def test_a_predicate_is_evaluated_before_files_are_listed(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    write(tmp_path / "t" / "day=1", "a.csv", "v\n1\n")
    secret = tmp_path / "t" / "day=2"
    catalog.add_table("t", str(tmp_path / "t"), [("v", "bigint")], "csv", [("day", "int")])
    catalog.add_partition("t", ["1"], f"{tmp_path}/t/day=1/")
    catalog.add_partition("t", ["2"], f"unlistable://{secret}")
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t", push_down_predicate="day = 1")
    assert frame.count() == 1


def test_from_catalog_says_what_is_missing(glue_context: Any, catalog: Any) -> None:
    read = glue_context.create_dynamic_frame.from_catalog
    with pytest.raises(Exception, match="Parameter table_name is missing"):
        read(database="db")
    with pytest.raises(Exception, match="Parameter name_space or database is missing"):
        read(table_name="t")
    with pytest.raises(Exception, match="both specified, choose one"):
        read(database="db", name_space="db", table_name="t")
    with pytest.raises(Exception, match="Table nothing not found"):
        read(name_space="db", table_name="nothing")


def test_a_data_frame_from_the_catalog(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "a.csv", SALES)
    catalog.add_table("sales", folder, [("id", "bigint"), ("cantidad", "int"), ("canal", "string")])
    read = glue_context.create_data_frame.from_catalog
    assert read("db", "sales").dtypes == [("id", "bigint"), ("cantidad", "int"), ("canal", "string")]
    options = {"useSparkDataSource": True, "useCatalogSchema": True}
    df = read(database="db", table_name="sales", additional_options=options)
    assert df.count() == 3
    assert [Path(path).name for path in df.inputFiles()] == ["a.csv"]


@pytest.mark.parametrize(("kind", "text"), [("csv", "{n},x\n"), ("json", '{{"n": {n}}}\n')])
def test_a_name_with_glob_letters_is_a_name(glue_context: Any, tmp_path: Path, kind: str, text: str) -> None:
    for number, name in enumerate(("v1.x", "v[1].x", "v{1}*.x")):
        folder = write(tmp_path / "in", name, text.format(n=number))
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [folder]}, kind)
    assert sorted(int(row[0]) for row in frame.toDF().collect()) == [0, 1, 2]
