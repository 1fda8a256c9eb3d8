"""A crawl has the permissions of its role: what is refused, in which words, and that nothing was written then."""

from __future__ import annotations

import pytest

from tests.unit.cloud.crawler.conftest import USER, Lab

_GLUE = "arn:aws:glue:us-east-1:123456789012:"
_CSV = b"id,nombre\n1,ana\n2,luz\n"
# The action that is taken away with the resource on which it is asked, and the words of LastCrawl.ErrorMessage around the refusal.
DENIALS = [
    ("s3:ListBucket arn:aws:s3:::b", "Access Denied (Service: Amazon S3; Status Code: 403", "listing s3://b/ventas/"),
    (
        "s3:GetObject arn:aws:s3:::b/ventas/",
        "retrieving file at s3://b/ventas/año=2024/1.csv",
        "Tables created did not infer schemas",
    ),
    (f"glue:GetDatabase {_GLUE}catalog", "(Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException", ""),
    (f"glue:GetDatabase {_GLUE}database/bsg_db", "Setting up IAM Permissions in the Developer Guide", ""),
    (f"glue:CreateDatabase {_GLUE}database/bsg_db", "(Service: AWSGlue; Status Code: 400", ""),
    (f"glue:GetTable {_GLUE}table/bsg_db/ventas", "(Service: AWSGlue; Status Code: 400", ""),
    (f"glue:CreateTable {_GLUE}table/bsg_db/ventas", "(Service: AWSGlue; Status Code: 400", ""),
]


@pytest.mark.parametrize(("denied", "words", "more"), DENIALS, ids=[one[0] for one in DENIALS])
def test_a_crawl_fails_and_names_who_may_not_do_what(lab: Lab, denied: str, words: str, more: str) -> None:
    lab.store.put("b", "ventas/año=2024/1.csv", _CSV)
    lab.create("s3://b/ventas/")
    lab.denied.add(denied)
    last = lab.run()
    action, resource = denied.split(" ")
    message = last["ErrorMessage"]
    assert last["Status"] == "FAILED"
    assert f"User: {USER} is not authorized to perform: {action} on resource: " in message
    assert resource in message
    assert words in message
    assert more in message
    assert lab.catalog.tables == {}
    assert any("ERROR" in line and action in line and resource in line for _, _, line in lab.logbook.lines)


@pytest.mark.parametrize("operation", ["BatchGetPartition", "BatchCreatePartition"])
def test_partitions_are_asked_for_in_batches(lab: Lab, operation: str) -> None:
    lab.store.put("b", "ventas/año=2024/1.csv", _CSV)
    lab.create("s3://b/ventas/")
    lab.denied.add(f"glue:{operation} {_GLUE}table/bsg_db/ventas")
    assert f"glue:{operation} on resource: {_GLUE}table/bsg_db/ventas because" in lab.run()["ErrorMessage"]


@pytest.mark.parametrize("operation", ["UpdateTable", "DeleteTable"])
def test_changes_of_a_table_are_asked_for(lab: Lab, operation: str) -> None:
    lab.store.put("b", "ventas/1.csv", _CSV)
    lab.create("s3://b/ventas/", SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})
    assert lab.run()["Status"] == "SUCCEEDED"
    if operation == "UpdateTable":
        lab.store.put("b", "ventas/1.csv", b"id,nombre,total\n1,ana,2\n")
    else:
        lab.store.remove("b", "ventas/1.csv")
    lab.denied.add(f"glue:{operation} {_GLUE}")
    assert f"not authorized to perform: glue:{operation} on resource: {_GLUE}catalog" in lab.run()["ErrorMessage"]


def test_a_role_that_may_not_write_the_log_fails_and_leaves_no_line(lab: Lab) -> None:
    lab.store.put("b", "ventas/1.csv", _CSV)
    lab.create("s3://b/ventas/")
    lab.denied.add("logs:PutLogEvents ")
    last = lab.run()
    where = "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/crawlers:log-stream:ventas"
    assert last["Status"] == "FAILED"
    assert last["ErrorMessage"].startswith(
        f"Service Principal: glue.amazonaws.com is not authorized to perform: logs:PutLogEvents on resource: {where} because no "
        "identity-based policy allows the logs:PutLogEvents action (Service: AWSLogs; Status Code: 400; Error Code: AccessDeniedException"
    )
    assert last["ErrorMessage"].endswith(f"The session of the crawler's role is {USER}.")
    assert lab.logbook.lines == []
    assert lab.catalog.tables == {}


def test_a_new_log_group_and_stream_are_asked_for_once(lab: Lab) -> None:
    lab.store.put("b", "ventas/1.csv", _CSV)
    lab.create("s3://b/ventas/")
    lab.denied.update({"logs:CreateLogGroup "})
    assert "logs:CreateLogGroup on resource" in lab.run()["ErrorMessage"]
    lab.denied.clear()
    assert lab.run()["Status"] == "SUCCEEDED"
    lab.denied.update({"logs:CreateLogGroup ", "logs:CreateLogStream "})
    assert lab.run()["Status"] == "SUCCEEDED"


def test_only_sampled_files_are_read(lab: Lab) -> None:
    lab.store.put("b", "ventas/1.csv", _CSV)
    lab.store.put("b", "ventas/2.csv", _CSV)
    lab.call(
        "CreateCrawler",
        Name="ventas",
        Role="bsg-glue-role",
        DatabaseName="bsg_db",
        Targets={"S3Targets": [{"Path": "s3://b/ventas/", "SampleSize": 1}]},
    )
    lab.denied.add("s3:GetObject arn:aws:s3:::b/ventas/2.csv")
    assert lab.run()["Status"] == "SUCCEEDED"


def test_a_target_without_a_slash_is_listed_as_a_folder(lab: Lab) -> None:
    lab.store.put("b", "ventas/1.csv", _CSV)
    lab.create("s3://b/ventas")
    lab.denied.add("s3:GetObject arn:aws:s3:::b/ventas ")
    assert lab.run()["Status"] == "SUCCEEDED"


def test_a_table_without_its_index_is_a_table(lab: Lab) -> None:
    lab.store.put("b", "ventas/año=2024/1.csv", _CSV)
    lab.create("s3://b/ventas/")
    lab.denied.add("glue:CreatePartitionIndex ")
    assert lab.run()["Status"] == "SUCCEEDED"
    assert lab.catalog.indexes == {}
    assert any("WARN : Table ventas has no partition index: User: " in line for _, _, line in lab.logbook.lines)
