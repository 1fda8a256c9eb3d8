"""Workgroups, saved queries, metadata calls."""

from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import Athena


def test_primary_always_exists(athena: Athena) -> None:
    assert [one["Name"] for one in athena.call("ListWorkGroups")["WorkGroups"]] == ["primary"]
    found = athena.call("GetWorkGroup", WorkGroup="primary")["WorkGroup"]
    assert found["State"] == "ENABLED"
    assert found["Configuration"]["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    with pytest.raises(AwsError, match="primary"):
        athena.call("DeleteWorkGroup", WorkGroup="primary")


def test_primary_can_be_given_a_place_for_results(athena: Athena) -> None:
    athena.call(
        "UpdateWorkGroup",
        WorkGroup="primary",
        ConfigurationUpdates={"ResultConfigurationUpdates": {"OutputLocation": "s3://results/wg"}},
    )
    answer = athena.run("SELECT 1", ResultConfiguration={})
    assert answer.execution["ResultConfiguration"]["OutputLocation"] == f"s3://results/wg/{answer.id}.csv"


def test_an_enforced_place_wins_over_the_querys(athena: Athena) -> None:
    place = {"ResultConfiguration": {"OutputLocation": "s3://results/own/"}, "EnforceWorkGroupConfiguration": True}
    athena.call("CreateWorkGroup", Name="clase", Configuration=place, Description="d")
    answer = athena.run("SELECT 1", WorkGroup="clase")
    assert answer.execution["ResultConfiguration"]["OutputLocation"].startswith("s3://results/own/")
    with pytest.raises(AwsError, match="already created"):
        athena.call("CreateWorkGroup", Name="clase")
    with pytest.raises(AwsError, match="WorkGroup clase is not empty"):
        athena.call("DeleteWorkGroup", WorkGroup="clase")
    athena.call("DeleteWorkGroup", WorkGroup="clase", RecursiveDeleteOption=True)
    with pytest.raises(AwsError, match="was not found"):
        athena.call("GetQueryExecution", QueryExecutionId=answer.id)
    with pytest.raises(AwsError, match="is not found"):
        athena.call("GetWorkGroup", WorkGroup="clase")


def test_a_disabled_workgroup_runs_nothing(athena: Athena) -> None:
    athena.call("CreateWorkGroup", Name="w")
    athena.call("UpdateWorkGroup", WorkGroup="w", State="DISABLED")
    with pytest.raises(AwsError, match="disabled"):
        athena.start("SELECT 1", WorkGroup="w")


def test_the_cutoff_cancels_a_query_that_would_scan_more(athena: Athena) -> None:
    athena.call("CreateWorkGroup", Name="w", Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
    athena.put("t/a.csv", "1\n" * 5_500_000)
    athena.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    answer = athena.run("SELECT count(*) FROM t", WorkGroup="w")
    assert answer.state == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in answer.reason


def test_named_queries(athena: Athena) -> None:
    made = athena.call("CreateNamedQuery", Name="n", Database="db", QueryString="SELECT 1")["NamedQueryId"]
    assert athena.call("GetNamedQuery", NamedQueryId=made)["NamedQuery"]["QueryString"] == "SELECT 1"
    assert athena.call("ListNamedQueries")["NamedQueryIds"] == [made]
    athena.call("DeleteNamedQuery", NamedQueryId=made)
    with pytest.raises(AwsError):
        athena.call("GetNamedQuery", NamedQueryId=made)


def test_prepared_statement_calls(athena: Athena) -> None:
    names = {"StatementName": "p", "WorkGroup": "primary"}
    athena.call("CreatePreparedStatement", QueryStatement="SELECT ?", **names)
    assert athena.ok("EXECUTE p USING 3") == [["3"]]
    athena.call("UpdatePreparedStatement", QueryStatement="SELECT ? + 1", **names)
    assert athena.ok("EXECUTE p USING 3") == [["4"]]
    assert [
        one["StatementName"] for one in athena.call("ListPreparedStatements", WorkGroup="primary")["PreparedStatements"]
    ] == ["p"]
    athena.call("DeletePreparedStatement", **names)
    with pytest.raises(AwsError) as caught:
        athena.call("GetPreparedStatement", **names)
    assert caught.value.code == "ResourceNotFoundException"


def test_metadata_calls(athena: Athena) -> None:
    athena.ok("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (d string) LOCATION 's3://data/t/'")
    assert athena.call("ListDataCatalogs")["DataCatalogsSummary"][0]["CatalogName"] == "AwsDataCatalog"
    catalog = {"CatalogName": "AwsDataCatalog"}
    assert athena.call("ListDatabases", **catalog)["DatabaseList"] == [{"Name": "db"}]
    table = athena.call("GetTableMetadata", DatabaseName="db", TableName="t", **catalog)["TableMetadata"]
    assert table["Columns"] == [{"Name": "a", "Type": "int"}]
    assert table["PartitionKeys"] == [{"Name": "d", "Type": "string"}]
    assert table["Parameters"]["location"] == "s3://data/t/"
    assert len(athena.call("ListTableMetadata", DatabaseName="db", **catalog)["TableMetadataList"]) == 1
    with pytest.raises(AwsError) as caught:
        athena.call("GetTableMetadata", DatabaseName="db", TableName="x", **catalog)
    assert caught.value.code == "MetadataException"
