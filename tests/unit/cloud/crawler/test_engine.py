"""Life cycle, policies, re-crawls and refusals, through the calls of the API."""

from __future__ import annotations

import gzip
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.crawler.engine import CrawlerEngine

if TYPE_CHECKING:
    from tests.unit.cloud.crawler.conftest import Lab

SALES = b"id,fecha,cantidad\n1,2024-01-15,2\n2,2024-01-16,3\n"
WIDER = b"id,fecha,cantidad,canal\n1,2024-01-15,2,web\n2,2024-01-16,3,app\n"


def refused(lab: Lab, code: str, action: str, **params: Any) -> str:
    with pytest.raises(AwsError) as caught:
        lab.call(action, **params)
    assert caught.value.code == code
    return caught.value.message


def test_a_crawl_from_create_to_last_crawl(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/", Tags={"curso": "bsg"})
    crawler = lab.call("GetCrawler", Name="ventas")["Crawler"]
    assert crawler["State"] == "READY"
    assert "LastCrawl" not in crawler
    assert "Tags" not in crawler
    assert crawler["Role"] == "bsg-glue-role"
    assert crawler["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    }
    assert crawler["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    assert crawler["Targets"]["S3Targets"] == [{"Path": "s3://b/v/", "Exclusions": []}]
    last = lab.run()
    crawl = lab.call("ListCrawls", CrawlerName="ventas")["Crawls"][0]
    assert last == {
        "Status": "SUCCEEDED",
        "LogGroup": "/aws-glue/crawlers",
        "LogStream": "ventas",
        "MessagePrefix": crawl["CrawlId"],
        "StartTime": crawl["StartTime"],
    }
    assert (crawl["State"], crawl["DPUHour"]) == ("COMPLETED", 0.0)
    assert crawl["EndTime"] >= crawl["StartTime"]
    assert json.loads(crawl["Summary"])["TABLE"]["ADD"]["Count"] == 1
    assert {(group, stream) for group, stream, _ in lab.logbook.lines} == {("/aws-glue/crawlers", "ventas")}
    assert f"[{crawl['CrawlId']}] INFO : Created table v in database bsg_db" in lab.log_text()
    assert lab.catalog.find_database("bsg_db") is not None
    metrics = lab.call("GetCrawlerMetrics", CrawlerNameList=["ventas"])["CrawlerMetricsList"][0]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"], metrics["StillEstimating"]) == (1, 0, False)
    assert metrics["LastRuntimeSeconds"] > 0


def test_a_new_table_says_which_session_made_it(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.roles = {"arn:aws:iam::123456789012:role/service-role/AWSGlueServiceRole-x"}
    lab.create("s3://b/v/", Role="service-role/AWSGlueServiceRole-x")
    lab.run()
    created_by = lab.tables()["v"]["CreatedBy"]
    assert created_by == "arn:aws:sts::123456789012:assumed-role/AWSGlueServiceRole-x/AWS-Crawler"


def test_a_crawl_of_a_small_folder_is_quick(lab: Lab) -> None:
    for month in range(12):
        lab.store.put("b", f"v/{month}.csv", SALES * 20)
    lab.create("s3://b/v/")
    started = time.process_time()
    lab.run()
    assert time.process_time() - started < 0.1


class Gate:
    """A store whose listing waits, so that a test can look at a running crawl."""

    def __init__(self, lab: Lab) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        original = lab.store.list

        def wait(bucket: str, prefix: str = "") -> Any:
            self.entered.set()
            assert self.open.wait(5)
            return original(bucket, prefix)

        lab.store.list = wait  # type: ignore[method-assign]


def test_running_then_stopped(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/")
    refused(lab, "CrawlerNotRunningException", "StopCrawler", Name="ventas")
    gate = Gate(lab)
    lab.call("StartCrawler", Name="ventas")
    assert gate.entered.wait(5)
    crawler = lab.call("GetCrawler", Name="ventas")["Crawler"]
    assert crawler["State"] == "RUNNING"
    assert crawler["CrawlElapsedTime"] >= 0
    refused(lab, "CrawlerRunningException", "StartCrawler", Name="ventas")
    running = refused(lab, "CrawlerRunningException", "UpdateCrawler", Name="ventas", Description="x")
    assert running.startswith("Cannot update Crawler while running. Please stop crawl")
    refused(lab, "CrawlerRunningException", "DeleteCrawler", Name="ventas")
    lab.call("StopCrawler", Name="ventas")
    assert lab.call("GetCrawler", Name="ventas")["Crawler"]["State"] == "STOPPING"
    refused(lab, "CrawlerStoppingException", "StopCrawler", Name="ventas")
    gate.open.set()
    assert lab.wait()["Status"] == "CANCELLED"
    assert lab.tables() == {}
    assert lab.call("ListCrawls", CrawlerName="ventas")["Crawls"][0]["State"] == "STOPPED"


def test_a_crawl_that_died_with_the_process_is_failed_at_the_next_start(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/")
    gate = Gate(lab)
    lab.call("StartCrawler", Name="ventas")
    assert gate.entered.wait(5)
    lab.engine = CrawlerEngine(lab.services)
    lab.engine.start()
    crawler = lab.call("GetCrawler", Name="ventas")["Crawler"]
    assert crawler["State"] == "READY"
    assert crawler["LastCrawl"]["Status"] == "FAILED"
    assert crawler["LastCrawl"]["ErrorMessage"] == "the local cloud was stopped during the crawl"
    gate.open.set()


def test_stopping_the_cloud_fails_the_running_crawl(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/")
    gate = Gate(lab)
    lab.call("StartCrawler", Name="ventas")
    assert gate.entered.wait(5)
    threading.Timer(0.05, gate.open.set).start()
    lab.engine.stop()
    assert lab.wait()["ErrorMessage"] == "the local cloud was stopped during the crawl"
    refused(lab, "OperationTimeoutException", "StartCrawler", Name="ventas")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"PAR1 roto", "Parquet"),
        (gzip.compress(SALES, mtime=0)[:-9], "gzip"),
        ("id,ciudad,n\n1,Lima,3\n2,A\xf1a,4\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_broken_file_fails_the_crawl_and_nothing_is_written(lab: Lab, body: bytes, reason: str) -> None:
    lab.store.put("b", "v/bueno.csv", SALES)
    lab.store.put("b", "v/malo", body)
    lab.create("s3://b/v/")
    last = lab.run()
    assert last["Status"] == "FAILED"
    assert "s3://b/v/malo" in last["ErrorMessage"]
    assert reason in last["ErrorMessage"]
    assert lab.tables() == {}
    assert last["ErrorMessage"] in lab.log_text()


def test_a_missing_bucket_is_refused_and_one_that_goes_fails_the_crawl(lab: Lab) -> None:
    targets = {"S3Targets": [{"Path": "s3://b/v/"}, {"Path": "s3://no-existe/v/"}]}
    definition = {"Name": "ventas", "Role": "bsg-glue-role", "DatabaseName": "d", "Targets": targets}
    assert refused(lab, "InvalidInputException", "CreateCrawler", **definition) == "S3 bucket no-existe does not exist."
    lab.create("s3://b/v/")
    refused(lab, "InvalidInputException", "UpdateCrawler", Name="ventas", Targets=targets)
    lab.store.buckets.add("no-existe")
    lab.call("UpdateCrawler", Name="ventas", Targets=targets)
    lab.store.buckets.remove("no-existe")
    lab.call("UpdateCrawler", Name="ventas", Description="the targets are not looked at again")
    last = lab.run()
    assert last["Status"] == "FAILED"
    assert "no-existe" in last["ErrorMessage"]
    assert "NoSuchBucket" in last["ErrorMessage"]
    lab.store.buckets.add("no-existe")
    assert lab.run()["Status"] == "SUCCEEDED"
    assert lab.tables() == {}
    assert [crawl["State"] for crawl in lab.call("ListCrawls", CrawlerName="ventas")["Crawls"]] == [
        "COMPLETED",
        "FAILED",
    ]


def test_the_role_must_exist_at_creation_and_at_each_run(lab: Lab) -> None:
    message = refused(
        lab, "InvalidInputException", "CreateCrawler",
        Name="x", Role="nadie", DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://b/"}]},
    )  # fmt: skip
    assert "role/nadie" in message
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/")
    lab.roles.clear()
    last = lab.run()
    assert last["Status"] == "FAILED"
    assert "unable to assume" in last["ErrorMessage"]
    assert lab.tables() == {}


def test_an_unexpected_error_ends_the_crawl(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/")
    lab.store.list = None  # type: ignore[method-assign,assignment]
    last = lab.run()
    assert last["Status"] == "FAILED"
    assert "Internal error of the local cloud: TypeError" in last["ErrorMessage"]


@pytest.mark.parametrize(
    "params",
    [
        {"Targets": {"JdbcTargets": [{"ConnectionName": "c", "Path": "d/%"}]}},
        {"Targets": {"DynamoDBTargets": [{"Path": "t"}]}},
        {"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
        {"Targets": {"DeltaTargets": [{"DeltaTables": ["s3://b/d/"]}]}},
        {"Targets": {"IcebergTargets": [{"Paths": ["s3://b/d/"]}]}},
        {"Targets": {"HudiTargets": [{"Paths": ["s3://b/d/"]}]}},
        {"Targets": {"MongoDBTargets": [{"Path": "d/c"}]}},
        {"Targets": {"S3Targets": []}},
        {"Targets": {"S3Targets": [{"Path": "http://b/"}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "SampleSize": 250}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "Exclusions": ["[a"]}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "ConnectionName": "red"}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "EventQueueArn": "arn"}]}},
        {"Classifiers": ["no-existe"]},
        {"Configuration": "{roto"},
        {"Configuration": "[]"},
        {"Configuration": '{"Version":1.0,"Inventado":1}'},
        {"Configuration": '{"Version":1.0,"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"X"}}}'},
        {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}},
        {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
        {"Schedule": "cron(0 1 * * * *)"},
        {"Schedule": "cron(* * * * ? *)"},
        {"Schedule": "rate(1 hour)"},
        {"Configuration": "{}"},
        {"Configuration": '{"Version":2.0}'},
        {"Configuration": '{"Version":1.0,"Grouping":{"TableLevelConfiguration":0}}'},
        {"Configuration": '{"Version":1.0,"Grouping":{"TableLevelConfiguration":"2"}}'},
        {"Configuration": '{"Version":1.0,"Grouping":{"TableGroupingPolicy":"X"}}'},
        {"Configuration": '{"Version":1.0,"Grouping":{"Otra":1}}'},
        {"Configuration": '{"Version":1.0,"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"MergeNewColumns"}}}'},
        {"Configuration": '{"Version":1.0,"CrawlerOutput":[]}'},
        {"Configuration": '{"Version":1.0,"CreatePartitionIndex":"true"}'},
        {"Configuration": '{"Version":1.0,"CrawlerOutput":{"Tables":{"TableThreshold":0}}}'},
        {"Configuration": '{"Version":1.0,"CrawlerOutput":{"Tables":{"TableThreshold":"5"}}}'},
        {"Name": "a\nb"},
        {"Targets": {"S3Targets": [{"Path": "s3://"}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "SampleSize": 0}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "Exclusions": ["{a,{b,c}}"]}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "DlqEventQueueArn": "arn"}]}},
        {"LineageConfiguration": {"CrawlerLineageSettings": "ENABLE"}},
        {"LakeFormationConfiguration": {"UseLakeFormationCredentials": True}},
        {"CrawlerSecurityConfiguration": "s"},
    ],
)
def test_what_is_wrong_or_not_run_is_refused(lab: Lab, params: dict[str, Any]) -> None:
    good = {"Name": "x", "Role": "bsg-glue-role", "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://b/"}]}}
    refused(lab, "InvalidInputException", "CreateCrawler", **{**good, **params})
    assert lab.call("ListCrawlers")["CrawlerNames"] == []
    lab.call("CreateCrawler", **good)


def test_catalog_and_other_targets_are_not_mixed(lab: Lab) -> None:
    mixed = {"S3Targets": [{"Path": "s3://b/"}], "CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}
    text = refused(lab, "InvalidInputException", "CreateCrawler", Name="x", Role="bsg-glue-role", Targets=mixed)
    assert text.startswith("The crawler cannot have catalog targets mixed with other target types.")


def test_an_unknown_key_of_the_configuration_is_named(lab: Lab) -> None:
    given = {"Version": 1.0, "CrawlerOutput": {"Partitions": {"UpdateBehavior": "LOG"}}}
    targets = {"S3Targets": [{"Path": "s3://b/"}]}
    definition = {"Name": "x", "Role": "bsg-glue-role", "Targets": targets, "Configuration": json.dumps(given)}
    text = refused(lab, "InvalidInputException", "CreateCrawler", **definition)
    assert text.startswith("CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior.")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"Name": ""}, "at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"),
        (
            {"Name": "x" * 256},
            "at 'name' failed to satisfy constraint: Member must have length less than or equal to 255",
        ),
        ({"Name": None}, "Value null at 'name' failed to satisfy constraint: Member must not be null"),
        ({"Targets": None}, "Value null at 'targets' failed to satisfy constraint: Member must not be null"),
        ({"Description": "x" * 2049}, "at 'description'"),
        ({"TablePrefix": "x" * 129}, "at 'tablePrefix'"),
        ({"Tags": {f"k{n}": "v" for n in range(51)}}, "at 'tags'"),
        (
            {"SchemaChangePolicy": {"UpdateBehavior": "X"}},
            "at 'schemaChangePolicy.updateBehavior' failed to satisfy constraint: Member must satisfy enum value set",
        ),
    ],
)
def test_what_breaks_the_services_description_is_a_validation_exception(
    lab: Lab, params: dict[str, Any], text: str
) -> None:
    good = {"Name": "x", "Role": "bsg-glue-role", "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://b/"}]}}
    assert text in refused(lab, "ValidationException", "CreateCrawler", **{**good, **params})


def test_unknown_crawlers(lab: Lab) -> None:
    for action, key in (
        ("GetCrawler", "Name"), ("StartCrawler", "Name"), ("StopCrawler", "Name"), ("DeleteCrawler", "Name"),
        ("UpdateCrawler", "Name"), ("ListCrawls", "CrawlerName"), ("StartCrawlerSchedule", "CrawlerName"),
    ):  # fmt: skip
        assert "nadie" in refused(lab, "EntityNotFoundException", action, **{key: "nadie"})


def test_create_twice_list_page_tags_batch_and_delete(lab: Lab) -> None:
    for number in range(3):
        lab.create("s3://b/v/", name=f"c{number}", Tags={"n": str(number % 2)})
    refused(
        lab, "AlreadyExistsException", "CreateCrawler",
        Name="c0", Role="bsg-glue-role", DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://b/"}]},
    )  # fmt: skip
    first = lab.call("GetCrawlers", MaxResults=2)
    rest = lab.call("GetCrawlers", MaxResults=2, NextToken=first["NextToken"])
    assert [crawler["Name"] for crawler in first["Crawlers"] + rest["Crawlers"]] == ["c0", "c1", "c2"]
    assert "NextToken" not in rest
    assert lab.call("ListCrawlers", Tags={"n": "0"})["CrawlerNames"] == ["c0", "c2"]
    batch = lab.call("BatchGetCrawlers", CrawlerNames=["c1", "zz"])
    assert ([c["Name"] for c in batch["Crawlers"]], batch["CrawlersNotFound"]) == (["c1"], ["zz"])
    lab.call("DeleteCrawler", Name="c1")
    assert lab.call("ListCrawlers")["CrawlerNames"] == ["c0", "c2"]


def test_update_changes_what_is_given_and_counts_versions(lab: Lab) -> None:
    lab.create("s3://b/v/", Description="uno", TablePrefix="p_")
    lab.call("UpdateCrawler", Name="ventas", Description="dos", Targets={"S3Targets": [{"Path": "s3://b/w/"}]})
    crawler = lab.call("GetCrawler", Name="ventas")["Crawler"]
    assert (crawler["Description"], crawler["TablePrefix"], crawler["Version"]) == ("dos", "p_", 2)
    assert crawler["Targets"]["S3Targets"][0]["Path"] == "s3://b/w/"
    refused(lab, "InvalidInputException", "UpdateCrawler", Name="ventas", Role="nadie")
    assert lab.call("GetCrawler", Name="ventas")["Crawler"]["Version"] == 2


def test_a_recrawl_adds_the_column_keeps_foreign_parameters_and_archives(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.crawl("s3://b/v/")
    mine = lab.tables()["v"]
    mine["Parameters"]["dueño"] = "Ana"
    mine["Description"] = "ventas de la tienda"
    lab.run()
    assert lab.tables()["v"]["VersionId"] == "0"  # nothing changed, nothing written
    lab.store.put("b", "v/a.csv", WIDER)
    lab.run()
    table = lab.tables()["v"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "fecha", "cantidad", "canal"]
    assert table["Parameters"]["dueño"] == "Ana"
    assert table["Description"] == "ventas de la tienda"
    assert table["Parameters"]["sizeKey"] == str(len(WIDER))
    assert table["VersionId"] == "1"
    assert len(lab.catalog.versions["bsg_db", "v"]) == 1
    metrics = lab.call("GetCrawlerMetrics")["CrawlerMetricsList"][0]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"]) == (1, 1)


def test_a_parameter_that_no_longer_holds_is_taken_away(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    assert "skip.header.line.count" in lab.crawl("s3://b/v/")["v"]["Parameters"]
    lab.store.put("b", "v/a.csv", SALES.split(b"\n", 1)[1])
    lab.run()
    assert "skip.header.line.count" not in lab.tables()["v"]["Parameters"]


def test_a_removed_column_goes_unless_new_columns_are_merged(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", WIDER)
    lab.crawl("s3://b/v/")
    lab.store.put("b", "v/a.csv", SALES)
    lab.run()
    names = [column["Name"] for column in lab.tables()["v"]["StorageDescriptor"]["Columns"]]
    assert names == ["id", "fecha", "cantidad"]
    merge = json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}})
    lab.call("UpdateCrawler", Name="ventas", Configuration=merge)
    lab.store.put("b", "v/a.csv", b"id,fecha,otra\n1,2024-01-01,2\n2,2024-01-01,3\n")
    lab.run()
    names = [column["Name"] for column in lab.tables()["v"]["StorageDescriptor"]["Columns"]]
    assert names == ["id", "fecha", "cantidad", "otra"]


def test_update_behavior_log_changes_no_table_but_adds_partitions(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.crawl("s3://b/v/", SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"})
    lab.store.put("b", "v/mes=1/a.csv", WIDER)
    lab.store.put("b", "v/mes=2/a.csv", WIDER)
    lab.run()
    names = [column["Name"] for column in lab.tables()["v"]["StorageDescriptor"]["Columns"]]
    assert names == ["id", "fecha", "cantidad"]
    assert lab.values("v") == [("1",), ("2",)]
    assert "UpdateBehavior LOG leaves it as it is" in lab.log_text()


def test_inherit_from_table(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.store.put("b", "v/mes=2/a.csv", WIDER)
    configuration = {"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}
    table = lab.crawl("s3://b/v/", Configuration=json.dumps(configuration))["v"]
    for partition in lab.catalog.list_partitions("bsg_db", "v"):
        assert partition["StorageDescriptor"]["Columns"] == table["StorageDescriptor"]["Columns"]
        assert partition["StorageDescriptor"]["Location"].startswith("s3://b/v/mes=")


@pytest.mark.parametrize("behavior", ["DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE", "LOG"])
def test_what_happens_to_tables_and_partitions_whose_files_are_gone(lab: Lab, behavior: str) -> None:
    lab.store.put("b", "d/v/mes=1/a.csv", SALES)
    lab.store.put("b", "d/v/mes=2/a.csv", SALES)
    lab.store.put("b", "d/w/a.json", b'{"x":1}\n')
    lab.crawl("s3://b/d/", SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behavior})
    lab.store.remove("b", "d/v/mes=2/a.csv")
    lab.store.remove("b", "d/w/a.json")
    lab.store.put("b", "d/x/a.json", b'{"y":1,"z":2}\n')
    lab.run()
    deprecated = {name: "DEPRECATED_BY_CRAWLER" in table["Parameters"] for name, table in lab.tables().items()}
    partitions = {
        p["Values"][0]: "DEPRECATED_BY_CRAWLER" in p["Parameters"] for p in lab.catalog.list_partitions("bsg_db", "v")
    }
    assert (
        deprecated
        == {
            "DELETE_FROM_DATABASE": {"v": False, "x": False},
            "DEPRECATE_IN_DATABASE": {"v": False, "w": True, "x": False},
            "LOG": {"v": False, "w": False, "x": False},
        }[behavior]
    )
    assert (
        partitions
        == {
            "DELETE_FROM_DATABASE": {"1": False},
            "DEPRECATE_IN_DATABASE": {"1": False, "2": True},
            "LOG": {"1": False, "2": False},
        }[behavior]
    )


def test_a_table_outside_the_targets_is_left_alone(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.store.put("b", "w/a.csv", WIDER)
    delete = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}
    lab.crawl("s3://b/v/", SchemaChangePolicy=delete)
    lab.call("UpdateCrawler", Name="ventas", Targets={"S3Targets": [{"Path": "s3://b/w/"}]})
    lab.run()
    assert sorted(lab.tables()) == ["v", "w"]


def test_new_folders_only_needs_log_and_adds_partitions(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    log = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    lab.crawl("s3://b/v/", SchemaChangePolicy=log, RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"})
    lab.store.put("b", "v/mes=2/a.csv", SALES)
    lab.run()
    assert lab.values("v") == [("1",), ("2",)]


def test_custom_classifiers_are_stored_versioned_and_honoured(lab: Lab) -> None:
    lab.call(
        "CreateClassifier",
        CsvClassifier={"Name": "tilde", "Delimiter": "~", "ContainsHeader": "PRESENT", "Serde": "OpenCSVSerDe"},
    )
    lab.call("CreateClassifier", JsonClassifier={"Name": "lista", "JsonPath": "$.filas[*]"})
    refused(lab, "AlreadyExistsException", "CreateClassifier", JsonClassifier={"Name": "lista", "JsonPath": "$"})
    refused(lab, "InvalidInputException", "CreateClassifier", JsonClassifier={"Name": "mal", "JsonPath": "$..x"})
    refused(lab, "InvalidInputException", "CreateClassifier")
    lab.call("UpdateClassifier", JsonClassifier={"Name": "lista", "JsonPath": "$.rows[*]"})
    stored = lab.call("GetClassifier", Name="lista")["Classifier"]["JsonClassifier"]
    assert (stored["JsonPath"], stored["Version"]) == ("$.rows[*]", 2)
    assert len(lab.call("GetClassifiers")["Classifiers"]) == 2
    lab.store.put("b", "v/a.txt", b"nombre~ciudad\nAna~Lima\n")
    lab.store.put("b", "w/a.json", b'{"rows":[{"id":1},{"id":2}]}')
    tables = lab.crawl("s3://b/v/", "s3://b/w/", Classifiers=["tilde", "lista"])
    assert [column["Name"] for column in tables["v"]["StorageDescriptor"]["Columns"]] == ["nombre", "ciudad"]
    assert tables["v"]["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        "Parameters": {"separatorChar": "~", "quoteChar": '"', "escapeChar": "\\"},
    }
    assert [column["Name"] for column in tables["w"]["StorageDescriptor"]["Columns"]] == ["id"]
    assert tables["w"]["Parameters"]["jsonPath"] == "$.rows[*]"
    lab.call("DeleteClassifier", Name="tilde")
    refused(lab, "EntityNotFoundException", "GetClassifier", Name="tilde")
    last = lab.run()
    assert (last["Status"], "tilde" in last["ErrorMessage"]) == ("FAILED", True)


def test_crawl_filters(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/")
    lab.run()
    lab.roles.clear()
    lab.run()

    def states(field: str, operator: str, value: str) -> list[str]:
        one = {"FieldName": field, "FilterOperator": operator, "FieldValue": value}
        return [crawl["State"] for crawl in lab.call("ListCrawls", CrawlerName="ventas", Filters=[one])["Crawls"]]

    assert states("STATE", "EQ", "FAILED") == ["FAILED"]
    assert states("STATE", "NE", "FAILED") == ["COMPLETED"]
    assert states("START_TIME", "GT", "0") == ["FAILED", "COMPLETED"]
    assert states("START_TIME", "GT", "2999-01-01T00:00:00Z") == []
    assert states("START_TIME", "LT", str(int((time.time() + 60) * 1000))) == ["FAILED", "COMPLETED"]
    bad = {"FieldName": "START_TIME", "FilterOperator": "GT", "FieldValue": "ayer"}
    refused(lab, "InvalidInputException", "ListCrawls", CrawlerName="ventas", Filters=[bad])


def test_two_crawls_at_once_share_a_new_database(lab: Lab) -> None:
    find = lab.catalog.find_database

    def slow_find(name: str) -> Any:
        found = find(name)
        time.sleep(0.05)
        return found

    lab.catalog.find_database = slow_find  # type: ignore[method-assign]
    for name in ("uno", "dos"):
        lab.store.put("b", f"{name}/ventas/a.csv", SALES)
        lab.create(f"s3://b/{name}/ventas/", name=name)
    created: list[str] = []
    create = lab.catalog.create_database
    lab.catalog.create_database = lambda one: (created.append(one["Name"]), create(one))[1]  # type: ignore[method-assign]
    lab.call("StartCrawler", Name="uno")
    lab.call("StartCrawler", Name="dos")
    assert [lab.wait(name)["Status"] for name in ("uno", "dos")] == ["SUCCEEDED", "SUCCEEDED"]
    assert created == ["bsg_db"]
    assert len(lab.tables()) == 2


def test_two_thousand_partitions_are_registered(lab: Lab) -> None:
    for number in range(2000):
        lab.store.put("b", f"v/año={2000 + number // 12}/mes={number % 12 + 1}/a.csv", SALES)
    lab.create("s3://b/v/")
    lab.call("StartCrawler", Name="ventas")
    while lab.call("GetCrawler", Name="ventas")["Crawler"]["State"] != "READY":
        time.sleep(0.02)
    assert len(lab.values("v")) == 2000
