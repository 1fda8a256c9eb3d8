"""Catalog tables as sources. Sources: DG aws-glue-programming-etl-partitions.html (push_down_predicate, catalogPartitionPredicate),
aws-glue-programming-etl-connect-s3-home.html, grouping-input-files.html (table parameters), glue-runtime.md section 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def put(folder: Path, name: str, text: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def rows(frame: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in frame.toDF().collect()), key=str)


def types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


@pytest.fixture
def sales(catalog: Any, tmp_path: Path) -> Path:
    """A CSV table of days in three regions; the partition of `us` in March is registered and has no file."""
    root = tmp_path / "sales"
    catalog.add_table(
        "sales", str(root), [("v", "int")], "csv", [("region", "string"), ("month", "int"), ("day", "date")]
    )
    for number, (region, month, day) in enumerate(
        [("us", 1, "2024-01-31"), ("us", 2, "2024-02-01"), ("ca", 1, "2024-01-15"), ("gb", 12, "2023-12-24")]
    ):
        folder = root / f"region={region}" / f"month={month}" / f"day={day}"
        put(folder, "a.csv", f"v\n{number}\n")
        catalog.add_partition("sales", [region, str(month), day], f"{folder}/")
    catalog.add_partition("sales", ["us", "3", "2024-03-01"], f"{root}/region=us/month=3/day=2024-03-01/")
    return root


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ("region in ('ca','gb','us')", [0, 1, 2, 3]),
        ("(region=='us' and month=='1')", [0]),
        ("region like 'u%' or month > 2", [0, 1, 3]),
        ("month between 1 and 2 and region != 'ca'", [0, 1]),
        ("day >= '2024-01-20'", [0, 1]),
        ("to_date(concat('2024-0', month, '-01')) = date'2024-02-01'", [1]),
        ("cast(month as string) = '12'", [3]),
        ("REGION = 'gb'", [3]),
        ("not (region = 'us')", [2, 3]),
        ("region is null", []),
        ("  ", [0, 1, 2, 3]),
    ],
)
def test_push_down_predicate(glue_context: Any, sales: Path, predicate: str, expected: list[int]) -> None:
    frame = glue_context.create_dynamic_frame.from_catalog("db", "sales", push_down_predicate=predicate)
    assert frame.count() == len(expected)
    if expected:
        assert sorted(row["v"] for row in frame.toDF().collect()) == expected
        assert types(frame) == {"v": "int", "region": "string", "month": "int", "day": "date"}


@pytest.mark.parametrize("predicate", ["año = 2024", "v > 1", "region ="])
def test_a_predicate_that_is_wrong_names_the_partition_keys(glue_context: Any, sales: Path, predicate: str) -> None:
    from pyspark.errors import AnalysisException

    with pytest.raises(
        AnalysisException, match=r"User's pushdown predicate.*partition columns: \[region, month, day\]"
    ):
        glue_context.create_dynamic_frame.from_catalog("db", "sales", push_down_predicate=predicate)


def test_a_predicate_on_a_table_without_partitions(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    from pyspark.errors import AnalysisException

    catalog.add_table("t", put(tmp_path / "t", "a.csv", "v\n1\n"), [("v", "int")])
    with pytest.raises(AnalysisException, match=r"partition columns: \[\]"):
        glue_context.create_dynamic_frame.from_catalog("db", "t", push_down_predicate="v = 1")


def test_catalog_partition_predicate_is_evaluated_by_the_catalog(
    glue_context: Any, catalog: Any, sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    class OnlyUs:
        def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
            asked.append(arguments)
            kept = [one for one in catalog.partitions["sales"] if one["Values"][0] == "us"]
            return [{"Partitions": kept}]

    monkeypatch.setattr(catalog, "get_paginator", lambda name: OnlyUs())
    read = glue_context.create_dynamic_frame.from_catalog
    options = {"catalogPartitionPredicate": "region='us'"}
    assert read("db", "sales", additional_options=options).count() == 2
    assert read("db", "sales", additional_options=options, push_down_predicate="month = 2").count() == 1
    assert asked[0] == {"DatabaseName": "db", "TableName": "sales", "Expression": "region='us'"}


def test_an_empty_folder_is_an_empty_frame(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    for kind in ("csv", "json", "parquet"):
        catalog.add_table("empty", str(tmp_path / "nothing"), [("v", "int")], kind)
        frame = glue_context.create_dynamic_frame.from_catalog("db", "empty")
        assert frame.count() == 0
        assert frame.toDF().columns == []


def test_a_registered_partition_without_files_is_no_error(glue_context: Any, sales: Path) -> None:
    assert glue_context.create_dynamic_frame.from_catalog("db", "sales", push_down_predicate="month = 3").count() == 0


def test_a_location_that_is_one_object(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    put(tmp_path / "t", "a.csv", "v\n1\n")
    put(tmp_path / "t", "a.csv.bak", "v\n2\n")
    catalog.add_table("t", f"{tmp_path}/t/a.csv", [("v", "int")])
    assert rows(glue_context.create_dynamic_frame.from_catalog("db", "t")) == [(1,)]


def test_values_that_do_not_convert_make_choices(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    kinds = [("i", "int"), ("d", "double"), ("m", "decimal(10,2)"), ("b", "boolean"), ("f", "date"), ("t", "timestamp")]
    text = "i,d,m,b,f,t\n1,1.5,2.25,true,2024-02-29,2024-01-01 10:00:00\n,,,,,\nx,1e3,n/a,si,2024-02-30,soon\n"
    catalog.add_table("t", put(tmp_path / "t", "a.csv", text), kinds)
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert types(frame) == {"i": "choice", "d": "double", "m": "choice", "b": "choice", "f": "choice", "t": "choice"}
    by_name = {name: sorted(frame.schema().getField(name).dataType.choices) for name in "imbft"}
    assert by_name == {
        "i": ["int", "string"], "m": ["decimal", "string"], "b": ["boolean", "string"], "f": ["date", "string"],
        "t": ["string", "timestamp"],
    }  # fmt: skip
    found = frame.toDF().collect()
    assert [row["i"] and tuple(row["i"]) for row in found] == [(1, None), None, (None, "x")]
    assert [row["d"] for row in found] == [1.5, None, 1000.0]
    assert found[2]["t"]["string"] == "soon"


def test_table_parameters_choose_files(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    put(tmp_path / "t", "a.csv", "v\n1\n")
    put(tmp_path / "t" / "deep", "b.csv", "v\n2\n")
    put(tmp_path / "t", "notes.txt", "none\n")
    parameters = {"exclusions": '["**.txt"]', "groupFiles": "inPartition", "groupSize": "1000"}
    catalog.add_table("t", str(tmp_path / "t"), [("v", "int")], **parameters)
    assert rows(glue_context.create_dynamic_frame.from_catalog("db", "t")) == [(1,), (2,)]
    catalog.add_table("t", str(tmp_path / "t"), [("v", "int")], recurse="false", **parameters)
    assert rows(glue_context.create_dynamic_frame.from_catalog("db", "t")) == [(1,)]
    options = {"exclusions": '["**.txt", "a.csv"]', "recurse": True}
    assert rows(glue_context.create_dynamic_frame.from_catalog("db", "t", additional_options=options)) == [(2,)]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_partitions_in_other_places(glue_context: Any, catalog: Any, tmp_path: Path, kind: str) -> None:
    """Registered partitions may lie anywhere, as Firehose's `2024/01/05/` folders do."""
    text = {"csv": "v\n{}\n", "json": '{{"v": {}}}\n'}[kind]
    catalog.add_table("t", str(tmp_path / "t"), [("v", "int")], kind, [("año", "int"), ("mes", "string")])
    for number, place in enumerate(("t/2024/01", "t/2024/02", "elsewhere", "t/año=2025/mes=01")):
        put(tmp_path / place, "a.txt", text.format(number))
        values = ["2025", "01"] if "=" in place else ["2024", f"0{number + 1}"]
        catalog.add_partition("t", values, f"{tmp_path}/{place}")
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
    expected = [(0, 2024, "01"), (1, 2024, "02"), (2, 2024, "03"), (3, 2025, "01")]
    assert sorted((row["v"], row["año"], row["mes"]) for row in frame.toDF().collect()) == expected
    some = glue_context.create_dynamic_frame.from_catalog("db", "t", push_down_predicate="mes = '01'")
    assert sorted(row["v"] for row in some.toDF().collect()) == [0, 3]


def test_partition_values_with_awkward_letters(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    catalog.add_table("t", str(tmp_path / "t"), [("v", "int")], "csv", [("k", "string")])
    null = "__HIVE_DEFAULT_PARTITION__"
    places = {"k=a%2Fb": "a/b", "k=50%25": "50%", "k=año nuevo": "año nuevo", f"k={null}": null}
    for number, (folder, value) in enumerate(places.items()):
        put(tmp_path / "t" / folder, "a.csv", f"v\n{number}\n")
        catalog.add_partition("t", [value], f"{tmp_path}/t/{folder}")
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert sorted(tuple(row) for row in frame.toDF().collect()) == [(0, "a/b"), (1, "50%"), (2, "año nuevo"), (3, None)]
    none = glue_context.create_dynamic_frame.from_catalog("db", "t", push_down_predicate="k is null")
    assert rows(none) == [(3, None)]


def test_what_is_missing_is_said_as_the_service_says_it(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    read = glue_context.create_dynamic_frame.from_catalog
    with pytest.raises(Exception, match="Table nothing not found"):
        read("db", "nothing")
    catalog.add_table("view", "", [("v", "int")])
    with pytest.raises(ValueError, match=r"db\.view has no location"):
        read("db", "view")
    catalog.add_table("odd", str(tmp_path), [("v", "int")], "mysql")
    with pytest.raises(ValueError, match="Unknown format='mysql'"):
        read("db", "odd")
    catalog.add_table("grok", str(tmp_path), [("v", "int")], "grokLog")
    with pytest.raises(NotImplementedError, match="regexp_extract"):
        read("db", "grok")


def test_a_sample_of_a_table_reads_a_few_partitions(glue_context: Any, sales: Path) -> None:
    """DG …-glue-context.html: maxSamplePartitions and maxSampleFilesPerPartition, default 10."""
    sample = glue_context.create_sample_dynamic_frame_from_catalog
    assert sample("db", "sales", num=100).count() == 4
    assert sample("db", "sales", num=100, sample_options={"maxSamplePartitions": 2}).count() == 2
    assert sample("db", "sales", num=1).count() == 1


def test_spark_data_source(glue_context: Any, catalog: Any, sales: Path) -> None:
    """additional_options useSparkDataSource / useCatalogSchema, DG …-glue-context.html create_data_frame_from_catalog."""
    read = glue_context.create_data_frame.from_catalog
    options = {"useSparkDataSource": True, "useCatalogSchema": True}
    df = read(database="db", table_name="sales", additional_options=options)
    assert df.dtypes == [("v", "int"), ("region", "string"), ("month", "int"), ("day", "date")]
    assert df.count() == 4
    assert read("db", "sales", additional_options={"useSparkDataSource": "true", "inferSchema": True}).count() == 4


def test_catalog_id_goes_to_the_catalog(
    glue_context: Any, catalog: Any, sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    get_table, pages = catalog.get_table, catalog.get_paginator("get_partitions")

    class Pages:
        def paginate(self, CatalogId: str, **rest: Any) -> Any:  # noqa: N803
            seen.append(CatalogId)
            return pages.paginate(**rest)

    def with_id(CatalogId: str, **rest: Any) -> Any:  # noqa: N803
        seen.append(CatalogId)
        return get_table(**rest)

    monkeypatch.setattr(catalog, "get_table", with_id)
    monkeypatch.setattr(catalog, "get_paginator", lambda name: Pages())
    assert glue_context.create_dynamic_frame.from_catalog("db", "sales", catalog_id="210987654321").count() == 4
    assert seen == ["210987654321", "210987654321"]
