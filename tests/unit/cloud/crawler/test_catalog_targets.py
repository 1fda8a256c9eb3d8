"""Catalog targets: define-crawler.html, "Crawler source type"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError

if TYPE_CHECKING:
    from tests.unit.cloud.crawler.conftest import Lab

SALES = b"id,total\n1,2\n3,4\n"
POLICY = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}


def make_table(lab: Lab, location: str = "s3://b/v/", **more: Any) -> None:
    if lab.catalog.find_database("mano") is None:
        lab.catalog.create_database({"Name": "mano"})
    table = {
        "Name": "hecha",
        "Parameters": {"dueño": "Ana"},
        "StorageDescriptor": {"Location": location, "Columns": [{"Name": "id", "Type": "int"}]},
        "PartitionKeys": [],
        **more,
    }
    lab.catalog.create_table("mano", table)


def create(lab: Lab, **more: Any) -> None:
    targets = {"CatalogTargets": [{"DatabaseName": "mano", "Tables": ["hecha"]}]}
    lab.create(Targets=targets, SchemaChangePolicy=POLICY, **more)


def test_a_table_made_by_hand_is_kept_up_to_date(lab: Lab) -> None:
    make_table(lab)
    lab.store.put("b", "v/a.csv", SALES)
    lab.store.put("b", "otra/a.csv", SALES)
    create(lab)
    assert lab.run()["Status"] == "SUCCEEDED"
    table = lab.tables()["hecha"]
    assert list(lab.tables()) == ["hecha"]
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "bigint"},
        {"Name": "total", "Type": "bigint"},
    ]
    assert table["Parameters"]["dueño"] == "Ana"
    assert table["Parameters"]["UPDATED_BY_CRAWLER"] == "ventas"


def test_new_partitions_are_added_under_the_keys_of_the_table(lab: Lab) -> None:
    make_table(lab, PartitionKeys=[{"Name": "mes", "Type": "int"}])
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.store.put("b", "v/mes=2/a.csv", SALES)
    create(lab)
    assert lab.run()["Status"] == "SUCCEEDED"
    assert list(lab.catalog.partitions["mano", "hecha"]) == [("1",), ("2",)]
    assert lab.tables()["hecha"]["PartitionKeys"] == [{"Name": "mes", "Type": "int"}]


def test_different_schemas_are_combined_and_other_formats_left_out(lab: Lab) -> None:
    make_table(lab)
    lab.store.put("b", "v/a.csv", SALES)
    lab.store.put("b", "v/b.csv", b"id,otra\n1,x\n2,y\n")
    lab.store.put("b", "v/c.csv", b"otra,tercera\nx,1\ny,2\n")
    lab.store.put("b", "v/notas.json", b'{"x":1}\n')
    create(lab)
    assert lab.run()["Status"] == "SUCCEEDED"
    assert [column["Name"] for column in lab.tables()["hecha"]["StorageDescriptor"]["Columns"]] == [
        "id", "total", "otra", "tercera",
    ]  # fmt: skip
    assert "s3://b/v/notas.json is ignored" in lab.log_text()


def test_a_table_whose_files_are_gone_stays(lab: Lab) -> None:
    make_table(lab)
    lab.store.buckets.add("b")
    create(lab)
    assert lab.run()["Status"] == "SUCCEEDED"
    assert lab.tables()["hecha"]["VersionId"] == "0"
    assert "it is left as it is" in lab.log_text()


@pytest.mark.parametrize("location", ["", "arn:aws:dynamodb:us-east-1:1:table/t"])
def test_a_table_that_is_not_in_s3_fails_the_crawl(lab: Lab, location: str) -> None:
    make_table(lab, location)
    create(lab)
    last = lab.run()
    assert last["Status"] == "FAILED"
    assert "only S3 tables are crawled" in last["ErrorMessage"]


def test_a_table_that_does_not_exist_fails_the_crawl(lab: Lab) -> None:
    create(lab)
    last = lab.run()
    assert (last["Status"], "hecha of database mano does not exist" in last["ErrorMessage"]) == ("FAILED", True)


@pytest.mark.parametrize(
    "more",
    [
        {"SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"}},
        {"SchemaChangePolicy": {}},
        {
            "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
            "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
        },
        {"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"], "ConnectionName": "c"}]}},
    ],
)
def test_what_does_not_go_with_catalog_targets_is_refused(lab: Lab, more: dict[str, Any]) -> None:
    targets = {"CatalogTargets": [{"DatabaseName": "mano", "Tables": ["hecha"]}]}
    with pytest.raises(AwsError) as caught:
        lab.create(**{"Targets": targets, "SchemaChangePolicy": POLICY, **more})
    assert caught.value.code == "InvalidInputException"
