"""Writing. Sources: glue-runtime.md section 3."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest


def files(folder: Path) -> list[str]:
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in found if not path.endswith(".crc"))


@pytest.fixture
def sales(glue_context: Any, spark: Any) -> Any:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.createDataFrame([(1, "a,b", 2024, 1), (2, None, 2025, 2)], "id int, s string, `año` int, mes int")
    return DynamicFrame.fromDF(df.coalesce(1), glue_context, "sales")


@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "glueparquet", "orc"])
def test_partition_keys_become_folders_and_leave_the_files(
    glue_context: Any, sales: Any, spark: Any, tmp_path: Path, kind: str
) -> None:
    options = {"path": str(tmp_path / "out"), "partitionKeys": ["año", "mes"]}
    glue_context.write_dynamic_frame.from_options(
        frame=sales, connection_type="s3", connection_options=options, format=kind
    )
    found = files(tmp_path / "out")
    assert [path.rpartition("/")[0] for path in found] == ["año=2024/mes=1", "año=2025/mes=2"]
    read = spark.read.format(kind.removeprefix("glue")).option("header", True).load(f"{tmp_path}/out/año=2024/mes=1")
    assert [row.asDict() for row in read.select("id", "s").collect()] == [{"id": read.first()["id"], "s": "a,b"}]
    assert read.columns == ["id", "s"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("csv", r"run-\d{13}-part-r-00000"),
        ("json", r"run-\d{13}-part-r-00000"),
        ("glueparquet", r"run-\d{13}-part-block-0-r-00000-snappy.parquet"),
        ("parquet", r"part-00000-[0-9a-f-]{36}-c000.snappy.parquet"),
    ],
)
@pytest.mark.slow
def test_files_are_named_as_glue_names_them_and_stay_on_append(
    glue_context: Any, sales: Any, tmp_path: Path, kind: str, name: str
) -> None:
    for _ in range(2):
        glue_context.write_dynamic_frame.from_options(sales, "s3", {"path": str(tmp_path / "out")}, kind)
    found = files(tmp_path / "out")
    assert len(set(found)) == 2
    assert all(re.fullmatch(name, path) for path in found), found


@pytest.mark.slow
def test_an_empty_frame_writes_no_file(glue_context: Any, sales: Any, tmp_path: Path) -> None:
    empty = sales.filter(lambda record: False)
    for kind in ("csv", "parquet", "json"):
        glue_context.write_dynamic_frame.from_options(empty, "s3", {"path": str(tmp_path / "out")}, kind)
    nothing = glue_context.create_dynamic_frame.from_rdd([(1,)], "x").select_fields(["missing"])
    glue_context.write_dynamic_frame.from_options(nothing, "s3", {"path": str(tmp_path / "out")}, "parquet")
    assert not (tmp_path / "out").exists() or not files(tmp_path / "out")


@pytest.mark.slow
def test_a_failed_write_leaves_nothing(glue_context: Any, spark: Any, tmp_path: Path) -> None:
    from awsglue.dynamicframe import DynamicFrame

    broken = DynamicFrame.fromDF(
        spark.sql("select if(id = 9, raise_error('boom'), id) as v, id % 2 as k from range(10)"), glue_context
    )
    for kind, keys in [("csv", []), ("parquet", []), ("parquet", ["k"])]:
        options = {"path": str(tmp_path / "out"), "partitionKeys": keys}
        with pytest.raises(Exception, match="boom"):
            glue_context.write_dynamic_frame.from_options(broken, "s3", options, kind)
        assert not (tmp_path / "out").exists() or not files(tmp_path / "out")


def test_a_partition_key_that_is_not_there_is_named(glue_context: Any, sales: Any, tmp_path: Path) -> None:
    options = {"path": str(tmp_path), "partitionKeys": ["month"]}
    with pytest.raises(ValueError, match=r"month.*id, s, año, mes"):
        glue_context.write_dynamic_frame.from_options(sales, "s3", options, "parquet")


def test_csv_options_of_a_sink(glue_context: Any, sales: Any, tmp_path: Path) -> None:
    options = {"separator": ";", "writeHeader": False}
    glue_context.write_dynamic_frame.from_options(sales, "s3", {"path": str(tmp_path)}, "csv", options)
    assert (tmp_path / files(tmp_path)[0]).read_text().splitlines()[0] == "1;a,b;2024;1"


def test_compression(glue_context: Any, sales: Any, tmp_path: Path) -> None:
    options = {"path": str(tmp_path), "compression": "gzip"}
    glue_context.write_dynamic_frame.from_options(sales, "s3", options, "json")
    assert files(tmp_path)[0].endswith("part-r-00000.gz")


def test_json_omits_nulls_and_writes_a_choice_as_its_value(glue_context: Any, frame: Any, tmp_path: Path) -> None:
    made = frame('{"a": 1, "b": null}', '{"a": "x"}')
    glue_context.write_dynamic_frame.from_options(made, "s3", {"path": str(tmp_path / "out")}, "json")
    text = (tmp_path / "out" / files(tmp_path / "out")[0]).read_text()
    assert text.splitlines() == ['{"a": 1}', '{"a": "x"}']


def sink_for(glue_context: Any, folder: Path, **options: Any) -> Any:
    sink = glue_context.getSink(
        connection_type="s3", path=str(folder), enableUpdateCatalog=True, partitionKeys=["año", "mes"], **options
    )
    sink.setFormat("glueparquet")
    sink.setCatalogInfo(catalogDatabase="db", catalogTableName="sales")
    return sink


def test_a_sink_creates_the_table_and_its_partitions(
    glue_context: Any, sales: Any, catalog: Any, tmp_path: Path
) -> None:
    written = sink_for(glue_context, tmp_path / "out").writeFrame(sales)
    assert written.name == "sales_errors"
    table = catalog.tables["sales"]
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "int"}, {"Name": "s", "Type": "string"}]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["año", "mes"]
    assert [one["Values"] for one in catalog.partitions["sales"]] == [["2024", "1"], ["2025", "2"]]
    frame = glue_context.create_dynamic_frame.from_catalog("db", "sales", push_down_predicate="mes = 2")
    assert [tuple(row) for row in frame.toDF().collect()] == [(2, None, 2025, 2)]


@pytest.mark.slow
def test_update_behavior(glue_context: Any, sales: Any, catalog: Any, tmp_path: Path) -> None:
    sink_for(glue_context, tmp_path / "out").writeFrame(sales)
    wider = sales.apply_mapping([("id", "int", "id", "int"), ("s", "extra"), ("año", "año"), ("mes", "mes")])
    sink_for(glue_context, tmp_path / "out", updateBehavior="LOG").writeFrame(wider)
    assert [column["Name"] for column in catalog.tables["sales"]["StorageDescriptor"]["Columns"]] == ["id", "s"]
    sink_for(glue_context, tmp_path / "out", updateBehavior="UPDATE_IN_DATABASE").writeFrame(wider)
    assert [column["Name"] for column in catalog.tables["sales"]["StorageDescriptor"]["Columns"]] == ["id", "extra"]


def test_without_enable_update_catalog_the_catalog_is_left_alone(
    glue_context: Any, sales: Any, catalog: Any, tmp_path: Path
) -> None:
    sink = glue_context.getSink("s3", path=str(tmp_path / "out"))
    sink.setFormat("csv")
    sink.setCatalogInfo("db", "sales")
    sink.writeFrame(sales)
    assert catalog.tables == {}
    assert files(tmp_path / "out")


def test_partition_keys_must_equal_the_tables(glue_context: Any, sales: Any, catalog: Any, tmp_path: Path) -> None:
    catalog.add_table("sales", str(tmp_path / "out"), [("id", "int")], "parquet", [("mes", "int")])
    with pytest.raises(ValueError, match="must equal the partition keys"):
        sink_for(glue_context, tmp_path / "out").writeFrame(sales)
    assert not (tmp_path / "out").exists()


def test_a_sink_needs_its_database(glue_context: Any, sales: Any, catalog: Any, tmp_path: Path) -> None:
    catalog.databases.clear()
    with pytest.raises(Exception, match="Database db not found"):
        sink_for(glue_context, tmp_path / "out").writeFrame(sales)


def test_write_from_catalog_uses_the_tables_place_and_format(
    glue_context: Any, sales: Any, catalog: Any, tmp_path: Path
) -> None:
    catalog.add_table("t", str(tmp_path / "out"), [("id", "int"), ("s", "string"), ("año", "int"), ("mes", "int")])
    glue_context.write_dynamic_frame.from_catalog(frame=sales, database="db", table_name="t")
    back = glue_context.create_dynamic_frame.from_catalog(database="db", table_name="t")
    assert [tuple(row) for row in back.toDF().collect()] == [(1, "a,b", 2024, 1), (2, None, 2025, 2)]


def test_spigot_writes_a_sample_and_passes_on(sales: Any, tmp_path: Path) -> None:
    from awsglue.transforms import Spigot

    passed = Spigot.apply(sales, str(tmp_path / "sample"), {"topk": 1})
    assert passed.count() == 2
    assert len((tmp_path / "sample" / files(tmp_path / "sample")[0]).read_text().splitlines()) == 1
