"""Crawls of new folders only: incremental-crawls.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError

if TYPE_CHECKING:
    from tests.unit.cloud.crawler.conftest import Lab

SALES = b"id,total\n1,2\n3,4\n"
NEW = {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}
LOG = {"SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}}
SETTINGS: dict[str, Any] = {**NEW, **LOG}


def test_only_the_new_folder_is_read(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/", **SETTINGS)
    lab.store.put("b", "v/mes=1/b.csv", b"\x1f\x8broto")  # would fail the crawl if it were read
    lab.store.put("b", "v/mes=2/a.csv", SALES)
    assert lab.run()["Status"] == "SUCCEEDED"
    assert lab.values("v") == [("1",), ("2",)]
    assert lab.run()["Status"] == "SUCCEEDED"
    assert "No new files to crawl in s3://b/v/" in lab.log_text()


def test_a_whole_crawl_before_tells_what_is_known(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/")
    lab.call("UpdateCrawler", Name="ventas", **SETTINGS)
    lab.store.put("b", "v/mes=1/b.csv", b"\x1f\x8broto")
    lab.store.put("b", "v/mes=3/a.csv", SALES)
    assert lab.run()["Status"] == "SUCCEEDED"
    assert lab.values("v") == [("1",), ("3",)]


def test_deleted_objects_and_changed_statistics_are_left(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.store.put("b", "v/mes=2/a.csv", SALES)
    lab.crawl("s3://b/v/", **SETTINGS)
    lab.store.remove("b", "v/mes=1/a.csv")
    lab.store.put("b", "v/mes=3/a.csv", SALES)
    lab.run()
    assert lab.values("v") == [("1",), ("2",), ("3",)]
    assert lab.tables()["v"]["Parameters"]["objectCount"] == "2"
    assert lab.tables()["v"]["VersionId"] == "0"


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("v/mes=2/a.json", b'{"x":1}\n'),
        ("v/mes=2/a.csv", b"otra,cosa,mas\n1,2,3\n4,5,6\n"),
        ("v/mes=2/dia=1/a.csv", SALES),
    ],
)
def test_what_does_not_fit_is_ignored_and_logged(lab: Lab, key: str, body: bytes) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/", **SETTINGS)
    lab.store.put("b", key, body)
    assert lab.run()["Status"] == "SUCCEEDED"
    assert list(lab.tables()) == ["v"]
    assert lab.values("v") == [("1",)]
    assert "is ignored" in lab.log_text()


def test_a_new_folder_beside_tables_is_a_table(lab: Lab) -> None:
    lab.store.put("b", "d/ventas/mes=1/a.csv", SALES)
    lab.store.put("b", "d/productos/a.json", b'{"x":1}\n')
    lab.crawl("s3://b/d/", **SETTINGS)
    lab.store.put("b", "d/clientes/mes=1/a.csv", b"nombre;n\nAna;1\nLuz;2\n")
    lab.store.put("b", "d/ventas/mes=2/a.csv", SALES)
    lab.run()
    assert sorted(lab.tables()) == ["clientes", "productos", "ventas"]
    assert lab.values("ventas") == [("1",), ("2",)]
    assert lab.values("clientes") == [("1",)]


def test_the_targets_cannot_be_changed(lab: Lab) -> None:
    lab.create("s3://b/v/", **SETTINGS)
    with pytest.raises(
        AwsError, match="Amazon S3 target is immutable when Crawl new folders only is selected"
    ) as caught:
        lab.call("UpdateCrawler", Name="ventas", Targets={"S3Targets": [{"Path": "s3://b/w/"}]})
    assert caught.value.code == "InvalidInputException"
    lab.call("UpdateCrawler", Name="ventas", Targets={"S3Targets": [{"Path": "s3://b/v/"}]})


def test_a_deleted_crawler_forgets(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/", **SETTINGS)
    lab.call("DeleteCrawler", Name="ventas")
    lab.catalog.delete_table("bsg_db", "v")
    assert list(lab.crawl("s3://b/v/", **SETTINGS)) == ["v"]
    assert lab.values("v") == [("1",)]


def test_merge_new_columns_adds_what_new_folders_bring(lab: Lab) -> None:
    merge = '{"Version":1.0,"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}}}'
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/", **SETTINGS, Configuration=merge)
    lab.store.put("b", "v/mes=2/a.csv", b"id,total,canal\n1,2,web\n3,4,app\n")
    lab.run()
    table = lab.tables()["v"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "total", "canal"]
    assert (table["Parameters"]["objectCount"], table["VersionId"]) == ("1", "1")
    lab.store.put("b", "v/mes=3/a.csv", SALES)
    lab.run()
    assert lab.tables()["v"]["VersionId"] == "1"
    assert lab.values("v") == [("1",), ("2",), ("3",)]
