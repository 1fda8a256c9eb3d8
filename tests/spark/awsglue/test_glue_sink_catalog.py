"""Sinks that keep the catalog up to date. Source: DG update-from-job.html (Updating the schema, and adding new partitions in the
Data Catalog using ETL jobs); glue-runtime.md section 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def files(folder: Path) -> list[str]:
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in found if not path.endswith(".crc"))


@pytest.fixture
def sales(glue_context: Any, spark: Any) -> Any:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.createDataFrame([(1, "a", "us", 1), (2, None, "a/b", 2)], "id int, s string, region string, month int")
    return DynamicFrame.fromDF(df.coalesce(1), glue_context, "sales")


@pytest.fixture
def sink(glue_context: Any, tmp_path: Path) -> Any:
    """A function that makes a sink of table `db.sales` below `out`."""

    def made(
        kind: str = "glueparquet", keys: Any = ("region", "month"), format_options: Any = None, **options: Any
    ) -> Any:
        given = {"enableUpdateCatalog": True, "partitionKeys": list(keys), **options}
        found = glue_context.getSink(connection_type="s3", path=f"{tmp_path}/out/", **given)
        found.setFormat(kind, **(format_options or {}))
        found.setCatalogInfo(catalogDatabase="db", catalogTableName="sales")
        return found

    return made


def columns(catalog: Any, name: str = "sales") -> list[tuple[str, str]]:
    return [(one["Name"], one["Type"]) for one in catalog.tables[name]["StorageDescriptor"]["Columns"]]


@pytest.mark.parametrize("kind", ["glueparquet", "parquet", "json", "csv", "avro"])
def test_a_table_is_created_with_its_partitions(
    glue_context: Any, catalog: Any, sales: Any, sink: Any, tmp_path: Path, kind: str
) -> None:
    sink(kind).writeFrame(sales)
    table = catalog.tables["sales"]
    assert columns(catalog) == [("id", "int"), ("s", "string")]
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("region", "string"), ("month", "int")]
    assert table["Parameters"]["classification"] == kind
    assert sorted(one["Values"] for one in catalog.partitions["sales"]) == [["a/b", "2"], ["us", "1"]]
    places = {tuple(one["Values"]): one["StorageDescriptor"]["Location"] for one in catalog.partitions["sales"]}
    assert places["a/b", "2"] == f"{tmp_path}/out/region=a%2Fb/month=2/"
    frame = glue_context.create_dynamic_frame.from_catalog("db", "sales")
    rows = [row.asDict() for row in frame.toDF().select("id", "s", "region", "month").orderBy("id").collect()]
    assert rows == [{"id": 1, "s": "a", "region": "us", "month": 1}, {"id": 2, "s": None, "region": "a/b", "month": 2}]


def test_new_partitions_are_added_and_known_ones_stay(
    catalog: Any, sales: Any, sink: Any, glue_context: Any, spark: Any
) -> None:
    from awsglue.dynamicframe import DynamicFrame

    sink().writeFrame(sales)
    more = spark.createDataFrame([(3, "c", "us", 1), (4, "d", "gb", 3)], "id int, s string, region string, month int")
    sink().writeFrame(DynamicFrame.fromDF(more, glue_context))
    assert sorted(one["Values"] for one in catalog.partitions["sales"]) == [["a/b", "2"], ["gb", "3"], ["us", "1"]]
    assert glue_context.create_dynamic_frame.from_catalog("db", "sales").count() == 4


def test_default_behavior_overwrites_the_schema_of_a_partitioned_table(catalog: Any, sales: Any, sink: Any) -> None:
    sink().writeFrame(sales)
    changed = sales.apply_mapping(
        [("id", "int", "id", "long"), ("s", "extra"), ("region", "region"), ("month", "month")]
    )
    sink().writeFrame(changed)
    assert columns(catalog) == [("id", "bigint"), ("extra", "string")]


def test_log_keeps_the_schema_and_adds_partitions_of_a_subset_only(catalog: Any, sales: Any, sink: Any) -> None:
    sink().writeFrame(sales)
    catalog.partitions.clear()
    sink(updateBehavior="LOG").writeFrame(sales.drop_fields(["s"]))
    assert columns(catalog) == [("id", "int"), ("s", "string")]
    assert len(catalog.partitions["sales"]) == 2
    catalog.partitions.clear()
    wider = sales.apply_mapping([("id", "id"), ("s", "extra"), ("region", "region"), ("month", "month")])
    sink(updateBehavior="LOG").writeFrame(wider)
    assert columns(catalog) == [("id", "int"), ("s", "string")]
    assert not catalog.partitions.get("sales")


def test_the_schema_of_a_table_without_partitions_is_not_changed(catalog: Any, sales: Any, sink: Any) -> None:
    sink(keys=[]).writeFrame(sales)
    before = columns(catalog)
    sink(keys=[]).writeFrame(sales.drop_fields(["s"]))
    assert columns(catalog) == before


@pytest.mark.parametrize("keys", [["month", "region"], ["region"], []])
def test_partition_keys_must_be_the_tables_in_order(
    catalog: Any, sales: Any, sink: Any, tmp_path: Path, keys: list[str]
) -> None:
    sink().writeFrame(sales)
    before = files(tmp_path / "out")
    with pytest.raises(
        ValueError, match=r"must equal the partition keys of table db\.sales, in order: \['region', 'month'\]"
    ):
        sink(keys=keys).writeFrame(sales)
    assert files(tmp_path / "out") == before


def test_a_missing_database_is_said_before_anything_is_written(
    catalog: Any, sales: Any, sink: Any, tmp_path: Path
) -> None:
    catalog.databases.clear()
    with pytest.raises(Exception, match="Database db not found"):
        sink().writeFrame(sales)
    assert not (tmp_path / "out").exists()


def test_wrong_options_are_named_before_anything_is_written(
    glue_context: Any, catalog: Any, sales: Any, sink: Any, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match='"updateBehavior" is one of UPDATE_IN_DATABASE, LOG'):
        sink(updateBehavior="APPEND").writeFrame(sales)
    with pytest.raises(ValueError, match="takes json, csv, avro and parquet, not orc"):
        sink("orc").writeFrame(sales)
    bare = glue_context.getSink("s3", path=f"{tmp_path}/out", enableUpdateCatalog=True)
    bare.setFormat("json")
    with pytest.raises(ValueError, match="needs setCatalogInfo"):
        bare.writeFrame(sales)
    with pytest.raises(ValueError, match='"enableUpdateCatalog" is true or false'):
        sink(enableUpdateCatalog="perhaps").writeFrame(sales)
    assert not (tmp_path / "out").exists()


def test_an_empty_frame_makes_a_table_without_files(catalog: Any, sales: Any, sink: Any, tmp_path: Path) -> None:
    sink().writeFrame(sales.filter(lambda record: False))
    assert not (tmp_path / "out").exists() or not files(tmp_path / "out")
    assert columns(catalog) == [("id", "int"), ("s", "string")]
    assert not catalog.partitions.get("sales")


def test_a_frame_without_fields_leaves_the_catalog_alone(catalog: Any, sales: Any, sink: Any) -> None:
    sink().writeFrame(sales)
    before = columns(catalog)
    nothing = sales.select_fields(["missing"])
    sink(keys=["region", "month"]).writeFrame(nothing)
    assert columns(catalog) == before


def test_a_failing_write_leaves_the_catalog_alone(
    catalog: Any, glue_context: Any, spark: Any, sink: Any, tmp_path: Path
) -> None:
    from awsglue.dynamicframe import DynamicFrame

    broken = spark.sql("select if(id = 9, raise_error('boom'), id) as v, 'r' as region, 1 as month from range(10)")
    with pytest.raises(Exception, match="boom"):
        sink().writeFrame(DynamicFrame.fromDF(broken, glue_context))
    assert catalog.tables == {}
    assert not (tmp_path / "out").exists() or not files(tmp_path / "out")


def test_csv_settings_are_kept_in_the_table(glue_context: Any, catalog: Any, sales: Any, sink: Any) -> None:
    sink("csv", format_options={"separator": "|", "quoteChar": "'", "writeHeader": False}).writeFrame(sales)
    assert {"delimiter": "|", "quoteChar": "'"}.items() <= catalog.tables["sales"]["Parameters"].items()
    assert "skip.header.line.count" not in catalog.tables["sales"]["Parameters"]
    frame = glue_context.create_dynamic_frame.from_catalog("db", "sales")
    assert sorted((row["id"], row["s"]) for row in frame.toDF().collect()) == [(1, "a"), (2, None)]


def test_names_in_the_catalog_are_lower_case(catalog: Any, sink: Any, glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select 1 as CustomerId, 'x' as Region"), glue_context)
    sink(keys=["Region"]).writeFrame(made)
    assert columns(catalog) == [("customerid", "int")]
    assert catalog.tables["sales"]["PartitionKeys"] == [{"Name": "region", "Type": "string"}]
    assert catalog.partitions["sales"][0]["Values"] == ["x"]


# --- write_dynamic_frame.from_catalog --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "avro", "orc"])
def test_from_catalog_writes_the_tables_format_to_its_place(
    glue_context: Any, catalog: Any, sales: Any, tmp_path: Path, kind: str
) -> None:
    catalog.add_table(
        "t", f"{tmp_path}/t/", [("id", "int"), ("s", "string"), ("region", "string"), ("month", "int")], kind
    )
    glue_context.write_dynamic_frame.from_catalog(frame=sales, database="db", table_name="t")
    glue_context.write_dynamic_frame.from_catalog(frame=sales, name_space="db", table_name="t", transformation_ctx="x")
    back = glue_context.create_dynamic_frame.from_catalog(database="db", table_name="t").toDF()
    assert sorted(row["id"] for row in back.collect()) == [1, 1, 2, 2]
    assert catalog.partitions == {}


def test_from_catalog_partitions_only_when_told(glue_context: Any, catalog: Any, sales: Any, tmp_path: Path) -> None:
    keys = [("region", "string"), ("month", "int")]
    catalog.add_table("t", f"{tmp_path}/t/", [("id", "int"), ("s", "string")], "json", keys)
    options = {"partitionKeys": ["region", "month"], "enableUpdateCatalog": True}
    glue_context.write_dynamic_frame.from_catalog(sales, "db", "t", additional_options=options)
    assert [name.rpartition("/")[0] for name in files(tmp_path / "t")] == ["region=a%2Fb/month=2", "region=us/month=1"]
    assert len(catalog.partitions["t"]) == 2
    glue_context.write_dynamic_frame.from_catalog(sales, "db", "t")
    assert any("/" not in name for name in files(tmp_path / "t"))


def test_a_parquet_table_is_updated_only_with_its_property(
    glue_context: Any, catalog: Any, sales: Any, tmp_path: Path
) -> None:
    """ "the table must have the useGlueParquetWriter table property set to true before you update it"."""
    keys = [("region", "string"), ("month", "int")]
    catalog.add_table("t", f"{tmp_path}/t/", [("id", "int"), ("s", "string")], "parquet", keys)
    write, options = (
        glue_context.write_dynamic_frame.from_catalog,
        {"partitionKeys": ["region", "month"], "enableUpdateCatalog": True},
    )
    with pytest.raises(ValueError, match=r"useGlueParquetWriter.*ALTER TABLE db\.t SET TBLPROPERTIES"):
        write(sales, "db", "t", additional_options=options)
    assert not (tmp_path / "t").exists()
    catalog.tables["t"]["Parameters"]["useGlueParquetWriter"] = "true"
    write(sales, "db", "t", additional_options=options)
    assert all("run-" in name for name in files(tmp_path / "t"))
    assert len(catalog.partitions["t"]) == 2


def test_write_data_frame_from_catalog(glue_context: Any, catalog: Any, spark: Any, tmp_path: Path) -> None:
    catalog.add_table("t", f"{tmp_path}/t/", [("id", "int")], "csv", delimiter=";")
    glue_context.write_data_frame.from_catalog(
        frame=spark.sql("select 7 as id, 'a;b' as s"), database="db", table_name="t"
    )
    assert (tmp_path / "t" / files(tmp_path / "t")[0]).read_text() == 'id;s\n7;"a;b"\n'


def test_from_catalog_says_what_is_missing(glue_context: Any, catalog: Any, sales: Any) -> None:
    write = glue_context.write_dynamic_frame.from_catalog
    with pytest.raises(Exception, match="Table nothing not found"):
        write(sales, "db", "nothing")
    with pytest.raises(Exception, match="Parameter table_name is missing"):
        write(sales, "db")
    catalog.add_table("view", "", [("v", "int")])
    with pytest.raises(ValueError, match=r"db\.view has no location"):
        write(sales, "db", "view")
