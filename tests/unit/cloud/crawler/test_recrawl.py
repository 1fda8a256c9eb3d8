"""MergeNewColumns, InheritFromTable and what a re-crawl keeps: crawler-configuration.html."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.crawler.hive_parse import parse_type
from labkit.cloud.crawler.hive_types import render

if TYPE_CHECKING:
    from tests.unit.cloud.crawler.conftest import Lab

SALES = b"id,total\n1,2\n3,4\n"
MERGE = json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}})
INHERIT = json.dumps({"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}})


def columns(table: dict[str, Any]) -> list[tuple[str, str]]:
    return [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]


def test_merge_keeps_types_that_somebody_changed_and_adds_columns(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.crawl("s3://b/v/", Configuration=MERGE)
    lab.tables()["v"]["StorageDescriptor"]["Columns"][0]["Type"] = "string"
    lab.store.put("b", "v/a.csv", b"id,canal\n1,web\n2,app\n")
    lab.run()
    assert columns(lab.tables()["v"]) == [("id", "string"), ("total", "bigint"), ("canal", "string")]


def test_merge_adds_nested_fields(lab: Lab) -> None:
    lab.store.put("b", "v/a.json", b'{"a":{"x":1},"l":[{"k":1}]}\n')
    lab.crawl("s3://b/v/", Configuration=MERGE)
    lab.store.put("b", "v/a.json", b'{"a":{"x":"t","y":2},"l":[{"m":true}],"z":1}\n')
    lab.run()
    assert columns(lab.tables()["v"]) == [
        ("a", "struct<x:int,y:int>"), ("l", "array<struct<k:int,m:boolean>>"), ("z", "int"),
    ]  # fmt: skip


def test_merge_overrides_update_behavior_log(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    lab.crawl("s3://b/v/", Configuration=MERGE, SchemaChangePolicy=policy)
    lab.store.put("b", "v/a.csv", b"id,total,canal\n1,2,web\n3,4,app\n")
    lab.run()
    assert ("canal", "string") in columns(lab.tables()["v"])


def test_merge_keeps_formats_and_the_serde_that_somebody_chose(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.crawl("s3://b/v/", Configuration=MERGE)
    chosen = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde", "Parameters": {"quoteChar": "'"}}
    lab.tables()["v"]["StorageDescriptor"]["SerdeInfo"] = dict(chosen)
    lab.store.put("b", "v/a.csv", b"id,total,canal\n1,2,web\n3,4,app\n")
    lab.run()
    assert lab.tables()["v"]["StorageDescriptor"]["SerdeInfo"] == chosen


def test_merge_deprecates_a_table_whose_delimiter_changed(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.crawl("s3://b/v/", Configuration=MERGE)
    lab.store.put("b", "v/a.csv", SALES.replace(b",", b";"))
    lab.run()
    table = lab.tables()["v"]
    assert "DEPRECATED_BY_CRAWLER" in table["Parameters"]
    assert table["Parameters"]["delimiter"] == ","
    assert "delimiter changed, which MergeNewColumns cannot resolve" in lab.log_text()


def test_merge_applies_to_partitions(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/", Configuration=MERGE)
    lab.store.put("b", "v/mes=1/a.csv", b"id,canal\n1,web\n2,app\n")
    lab.run()
    assert columns(lab.catalog.list_partitions("bsg_db", "v")[0]) == [
        ("id", "bigint"), ("total", "bigint"), ("canal", "string"),
    ]  # fmt: skip


def test_without_merge_types_follow_the_files(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.crawl("s3://b/v/")
    lab.store.put("b", "v/a.csv", b"id,total\n1,2.5\n3,x\n")
    lab.run()
    assert columns(lab.tables()["v"]) == [("id", "bigint"), ("total", "string")]


def test_inherited_partitions_follow_a_table_that_is_not_to_be_changed(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    lab.crawl("s3://b/v/", Configuration=INHERIT, SchemaChangePolicy=policy)
    storage = lab.tables()["v"]["StorageDescriptor"]
    storage["Columns"] = [{"Name": "renombrada", "Type": "string"}, {"Name": "total", "Type": "double"}]
    lab.store.put("b", "v/mes=2/a.csv", SALES)
    lab.run()
    assert columns(lab.tables()["v"]) == [("renombrada", "string"), ("total", "double")]
    for partition in lab.catalog.list_partitions("bsg_db", "v"):
        assert columns(partition) == [("renombrada", "string"), ("total", "double")]


def test_a_table_that_comes_back_is_no_longer_deprecated(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.crawl("s3://b/v/")
    lab.store.remove("b", "v/a.csv")
    lab.run()
    stamp = lab.tables()["v"]["Parameters"]["DEPRECATED_BY_CRAWLER"]
    assert len(stamp) == 13  # milliseconds, as in the public dump 1790211687660
    lab.store.put("b", "v/a.csv", SALES)
    lab.run()
    assert "DEPRECATED_BY_CRAWLER" not in lab.tables()["v"]["Parameters"]


def test_comments_of_columns_and_parameters_of_partitions_stay(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/")
    lab.tables()["v"]["StorageDescriptor"]["Columns"][0]["Comment"] = "número de venta"
    lab.catalog.partitions["bsg_db", "v"]["1",]["Parameters"]["revisado"] = "sí"
    lab.run()
    assert lab.tables()["v"]["VersionId"] == "0"
    lab.store.put("b", "v/mes=1/a.csv", SALES + b"5,6\n")
    lab.run()
    assert lab.tables()["v"]["StorageDescriptor"]["Columns"][0]["Comment"] == "número de venta"
    assert lab.catalog.list_partitions("bsg_db", "v")[0]["Parameters"]["revisado"] == "sí"


def test_more_tables_than_the_threshold_fail_the_crawl(lab: Lab) -> None:
    lab.store.put("b", "d/x/a.csv", SALES)
    lab.store.put("b", "d/y/a.json", b'{"x":1}\n')
    threshold = json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}})
    lab.create("s3://b/d/", Configuration=threshold)
    last = lab.run()
    assert (last["Status"], last["ErrorMessage"]) == (
        "FAILED",
        (
            "The number of tables detected by crawler: 2 is greater than the table threshold value provided: 1. "
            "Failing crawler without writing to Data Catalog."
        ),
    )
    assert lab.tables() == {}
    assert "Table Threshold value = 1, Tables detected - 2" in lab.log_text()
    assert "s3://b/d/y/" in lab.log_text()
    lab.call("UpdateCrawler", Name="ventas", Configuration=threshold.replace("1}", "2}"))
    assert lab.run()["Status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("configuration", "made"), [(None, True), ('{"Version":1.0,"CreatePartitionIndex":false}', False)]
)
def test_a_new_partitioned_table_gets_an_index(lab: Lab, configuration: str | None, *, made: bool) -> None:
    lab.store.put("b", "v/año=1/mes=2/a.csv", SALES)
    lab.crawl("s3://b/v/", Configuration=configuration)
    index = {"IndexName": "crawler_partition_index", "Keys": ["año", "mes"]}
    assert lab.catalog.indexes == ({("bsg_db", "v"): index} if made else {})


def test_another_prefix_makes_another_table(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.crawl("s3://b/v/")
    lab.call("UpdateCrawler", Name="ventas", TablePrefix="raw_")
    lab.run()
    assert sorted(lab.tables()) == ["raw_v", "v"]
    assert "DEPRECATED_BY_CRAWLER" not in lab.tables()["v"]["Parameters"]
    lab.run()
    assert sorted(lab.tables()) == ["raw_v", "v"]


def test_without_a_database_tables_go_to_default(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/", DatabaseName=None)
    assert lab.run()["Status"] == "SUCCEEDED"
    assert list(lab.catalog.tables) == [("default", "v")]


def test_the_exclude_patterns_are_written_to_the_table(lab: Lab) -> None:
    # Public dump: 'exclusions'='["s3://datainsights-in/clinicaltrials/aact/*.zip"]'.
    lab.store.put("datos", "clinicaltrials/aact/studies/a.csv", SALES)
    target = {"Path": "s3://datos/clinicaltrials/aact/", "Exclusions": ["*.zip", "**/ñ*"]}
    lab.create(Targets={"S3Targets": [target]})
    lab.run()
    (table,) = lab.tables().values()
    assert table["Parameters"]["exclusions"] == (
        '["s3://datos/clinicaltrials/aact/*.zip","s3://datos/clinicaltrials/aact/**/ñ*"]'
    )
    assert table["StorageDescriptor"]["Parameters"] == table["Parameters"]


def test_the_log_of_a_crawl_reads_as_on_aws(lab: Lab) -> None:
    lab.store.put("b", "d/export/mes=1/a.csv", SALES)
    lab.store.put("b", "d/hdi/a.json", b'{"x":1}\n')
    lab.crawl("s3://b/d/", Configuration=MERGE)
    crawl = lab.call("ListCrawls", CrawlerName="ventas")["Crawls"][0]["CrawlId"]
    policy = '{"UpdateBehavior":"UPDATE_IN_DATABASE","DeleteBehavior":"DEPRECATE_IN_DATABASE"}'
    configured = (
        f"INFO : Crawler configured with Configuration {MERGE} and SchemaChangePolicy {policy}. "
        "Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets."
    )
    assert lab.log_text().splitlines() == [
        f"[{crawl}] {line}"
        for line in (
            "BENCHMARK : Running Start Crawl for Crawler ventas",
            "BENCHMARK : Classification complete, writing results to database bsg_db",
            configured,
            "INFO : Created database bsg_db",
            "INFO : Created table export in database bsg_db",
            "INFO : Created 1 partitions of table export in database bsg_db",
            "INFO : Created table hdi in database bsg_db",
            "BENCHMARK : Finished writing to Catalog",
            "INFO : Run Summary For TABLE:",
            "INFO : ADD: 2",
            "INFO : Run Summary For PARTITION:",
            "INFO : ADD: 1",
            "BENCHMARK : Crawler has finished running and is in state READY",
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "decimal(10,2)",
        "array<int>",
        "map<string,array<int>>",
        "struct<a:int,B:struct<c:decimal(3,1)>>",
        "struct<a b:int>",
    ],
)
def test_hive_types_are_read_back(text: str) -> None:
    assert render(parse_type(text)) == text


@pytest.mark.parametrize("text", ["", "array<", "array<int", "struct<a>", "map<int>", "int>", "foo<int>", "struct<a:>"])
def test_what_is_no_hive_type(text: str) -> None:
    with pytest.raises(ValueError, match=r"type|missing"):
        parse_type(text)
