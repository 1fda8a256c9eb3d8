"""The calls as AWS checks and answers them: validation, refusals by name, paging, tags, workgroups, saved queries, metadata."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.cloud.athena.validation import actions
from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import Athena

TOKEN = "t" * 32


def _error(athena: Athena, action: str, **params: Any) -> AwsError:
    with pytest.raises(AwsError) as caught:
        athena.call(action, **params)
    return caught.value


def test_every_call_of_the_model_is_answered_or_refused_by_name(athena: Athena) -> None:
    assert {action for _, action in athena.engine.routes} == set(actions())


@pytest.mark.parametrize(
    ("action", "feature"),
    [("StartSession", "Spark sessions"), ("CreateNotebook", "Spark notebooks"), ("StartCalculationExecution", "Spark calculations"),
     ("CreateCapacityReservation", "capacity reservations"), ("CreateDataCatalog", "data catalogs besides AwsDataCatalog")],
)  # fmt: skip
def test_what_is_not_here_is_refused_by_name(athena: Athena, action: str, feature: str) -> None:
    failure = _error(athena, action)
    assert (failure.code, failure.status) == ("NotImplemented", 501)
    assert feature in failure.message
    assert action in failure.message


@pytest.mark.parametrize(
    ("action", "params", "text"),
    [
        ("StartQueryExecution", {}, "Value null at 'queryString' failed to satisfy constraint: Member must not be null"),
        ("StartQueryExecution", {"QueryString": ""}, "Member must have length greater than or equal to 1"),
        ("StartQueryExecution", {"QueryString": "x" * 262_145}, "Member must have length less than or equal to 262144"),
        ("StartQueryExecution", {"QueryString": "SELECT 1", "ClientRequestToken": "short"}, "greater than or equal to 32"),
        ("StartQueryExecution", {"QueryString": "SELECT 1", "WorkGroup": "a b"}, "regular expression pattern: [a-zA-Z0-9._-]{1,128}"),
        ("StartQueryExecution", {"QueryString": 5}, "Member must be a string"),
        ("GetQueryExecution", {}, "'queryExecutionId'"),
        ("BatchGetQueryExecution", {"QueryExecutionIds": ["a"] * 51}, "length less than or equal to 50"),
        ("ListQueryExecutions", {"MaxResults": 51}, "value less than or equal to 50"),
        ("CreateWorkGroup", {"Name": "w", "Configuration": {"BytesScannedCutoffPerQuery": 9_999_999}}, "greater than or equal to 10000000"),
        ("UpdateWorkGroup", {"WorkGroup": "primary", "State": "OFF"}, "enum value set: [ENABLED, DISABLED]"),
        ("CreateNamedQuery", {"Name": "n"}, "2 validation errors detected"),
        ("CreatePreparedStatement", {"StatementName": "9", "WorkGroup": "primary", "QueryStatement": "SELECT 1"}, "regular expression"),
        ("GetTableMetadata", {"CatalogName": "AwsDataCatalog", "DatabaseName": "db"}, "'tableName'"),
    ],
)  # fmt: skip
def test_requests_are_checked_as_aws_checks_them(
    athena: Athena, action: str, params: dict[str, Any], text: str
) -> None:
    failure = _error(athena, action, **params)
    assert failure.code == "InvalidRequestException"
    assert text in failure.message
    assert "validation error" in failure.message


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        ({}, "No output location provided. An output location is required either through the Workgroup result configuration setting"),
        ({"OutputLocation": "results/x"}, "outputLocation is not a valid S3 path"),
        ({"OutputLocation": "s3://nowhere-at-all/x"}, "Unable to verify/create output bucket nowhere-at-all"),
        ({"OutputLocation": "s3://results/", "ExpectedBucketOwner": "999999999999"}, "expected bucket owner"),
        ({"OutputLocation": "s3://results/", "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS"}}, "KmsKey is required"),
        ({"OutputLocation": "s3://results/", "EncryptionConfiguration": {"EncryptionOption": "ROT13"}}, "enum value set"),
    ],
)  # fmt: skip
def test_output_locations(athena: Athena, configuration: dict[str, Any], text: str) -> None:
    failure = _error(athena, "StartQueryExecution", QueryString="SELECT 1", ResultConfiguration=configuration)
    assert failure.code == "InvalidRequestException"
    assert text in failure.message
    assert athena.call("ListQueryExecutions")["QueryExecutionIds"] == []


def test_the_execution_echoes_what_was_asked(athena: Athena) -> None:
    configuration = {
        "OutputLocation": "s3://results/q",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        "ExpectedBucketOwner": "123456789012",
        "AclConfiguration": {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"},
    }
    context = {"Database": "DB", "Catalog": "AwsDataCatalog"}
    found = athena.run(
        "SELECT ? AS x", ResultConfiguration=configuration, QueryExecutionContext=context, ExecutionParameters=["7"]
    )
    execution = found.execution
    assert execution["ResultConfiguration"] == {**configuration, "OutputLocation": f"s3://results/q/{found.id}.csv"}
    assert execution["QueryExecutionContext"] == {"Database": "db", "Catalog": "awsdatacatalog"}
    assert execution["ExecutionParameters"] == ["7"]
    assert (execution["Query"], execution["StatementType"], execution["SubstatementType"]) == (
        "SELECT ? AS x",
        "DML",
        "SELECT",
    )
    assert execution["ResultReuseConfiguration"] == {"ResultReuseByAgeConfiguration": {"Enabled": False}}
    assert execution["WorkGroup"] == "primary"


def test_another_catalog_is_not_found(athena: Athena) -> None:
    answer = athena.run("SELECT 1", QueryExecutionContext={"Catalog": "mysql", "Database": "db"})
    assert answer.state == "FAILED"
    assert answer.reason == "CATALOG_NOT_FOUND: Catalog 'mysql' does not exist"


@pytest.mark.parametrize(
    ("sql", "category", "error_type"),
    [
        ("SELECT nada FROM t", 2, 1006), ("SELECT * FROM nada", 2, 1006), ("SELECT nada(1)", 2, 1006), ("SELECT 1 / 0", 2, 1000),
        ("SELECT CAST('x' AS integer)", 2, 1000), ("SELECT * FROM nada.t", 2, 1301), ("SELECT a FROM t", 2, 1001),
    ],
)  # fmt: skip
def test_error_types_are_those_of_the_catalog_of_errors(
    athena: Athena, sql: str, category: int, error_type: int
) -> None:
    athena.put("t/a.parquet", "no parquet")
    athena.ok("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://data/t/'")
    answer = athena.run(sql)
    error = answer.execution["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["ErrorType"], error["Retryable"]) == (category, error_type, False)
    assert error["ErrorMessage"] == answer.reason == answer.execution["Status"]["StateChangeReason"]


def test_tokens_are_idempotent(athena: Athena) -> None:
    first = athena.start("SELECT 1", ClientRequestToken=TOKEN)
    assert athena.start("SELECT 1", ClientRequestToken=TOKEN) == first
    for changed in (
        {"QueryString": "SELECT 2"},
        {"QueryExecutionContext": {"Database": "x"}},
        {"ExecutionParameters": ["1"]},
    ):
        params = {
            "QueryString": "SELECT 1",
            "ClientRequestToken": TOKEN,
            "QueryExecutionContext": {"Database": "db"},
            **changed,
        }
        assert "Idempotent parameters do not match" in _error(athena, "StartQueryExecution", **params).message
    named = {"Name": "n", "Database": "db", "QueryString": "SELECT 1", "ClientRequestToken": TOKEN}
    made = athena.call("CreateNamedQuery", **named)
    assert athena.call("CreateNamedQuery", **named) == made
    assert "Idempotent" in _error(athena, "CreateNamedQuery", **{**named, "Name": "m"}).message
    assert "ClientRequestToken" not in athena.call("GetNamedQuery", **made)["NamedQuery"]


def test_lists_come_in_pages_newest_first(athena: Athena) -> None:
    names = [athena.start(f"SELECT {number}") for number in range(7)]
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = athena.call("ListQueryExecutions", MaxResults=3, **token)
        assert len(page["QueryExecutionIds"]) <= 3
        found += page["QueryExecutionIds"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == names[::-1]
    assert _error(athena, "ListQueryExecutions", NextToken="nada").message == "Invalid NextToken"
    assert _error(athena, "ListQueryExecutions", WorkGroup="nada").message == "WorkGroup nada is not found."


def test_batches_say_what_was_not_found(athena: Athena) -> None:
    name = athena.run("SELECT 1").id
    found = athena.call("BatchGetQueryExecution", QueryExecutionIds=["nada", name])
    assert [one["QueryExecutionId"] for one in found["QueryExecutions"]] == [name]
    missing = found["UnprocessedQueryExecutionIds"]
    assert [(one["QueryExecutionId"], one["ErrorMessage"]) for one in missing] == [
        ("nada", "QueryExecution nada was not found")
    ]


def test_workgroup_settings_travel_and_are_echoed(athena: Athena) -> None:
    configuration = {
        "ResultConfiguration": {"OutputLocation": "s3://results/wg/", "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}},
        "EnforceWorkGroupConfiguration": True, "PublishCloudWatchMetricsEnabled": False, "BytesScannedCutoffPerQuery": 20_000_000,
        "RequesterPaysEnabled": True, "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
    }  # fmt: skip
    athena.call(
        "CreateWorkGroup", Name="w.1-a", Configuration=configuration, Description="d", Tags=[{"Key": "k", "Value": "v"}]
    )
    group = athena.call("GetWorkGroup", WorkGroup="w.1-a")["WorkGroup"]
    engine = {"SelectedEngineVersion": "Athena engine version 3", "EffectiveEngineVersion": "Athena engine version 3"}
    expected = {**configuration, "EngineVersion": engine, "EnableMinimumEncryptionConfiguration": False}
    assert group["Configuration"] == expected
    answer = athena.run("SELECT 1", WorkGroup="w.1-a", ResultConfiguration={"OutputLocation": "s3://elsewhere/"})
    assert answer.execution["ResultConfiguration"]["OutputLocation"] == f"s3://results/wg/{answer.id}.csv"
    assert answer.execution["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    updates = {
        "RemoveBytesScannedCutoffPerQuery": True, "EnforceWorkGroupConfiguration": False,
        "ResultConfigurationUpdates": {"RemoveEncryptionConfiguration": True, "RemoveOutputLocation": True},
    }  # fmt: skip
    athena.call("UpdateWorkGroup", WorkGroup="w.1-a", ConfigurationUpdates=updates, Description="")
    group = athena.call("GetWorkGroup", WorkGroup="w.1-a")["WorkGroup"]
    assert (group["Configuration"]["ResultConfiguration"], group["Description"]) == ({}, "")
    assert "BytesScannedCutoffPerQuery" not in group["Configuration"]
    assert [one["Name"] for one in athena.call("ListWorkGroups")["WorkGroups"]] == ["primary", "w.1-a"]


def test_a_workgroup_with_contents_is_deleted_only_with_them(athena: Athena) -> None:
    for number, fill in enumerate(
        (
            lambda: athena.call("CreateNamedQuery", Name="n", Database="db", QueryString="SELECT 1", WorkGroup="w"),
            lambda: athena.call(
                "CreatePreparedStatement", StatementName="ps", QueryStatement="SELECT 1", WorkGroup="w"
            ),
            lambda: athena.run("SELECT 1", WorkGroup="w"),
        )
    ):
        athena.call("CreateWorkGroup", Name="w")
        fill()
        assert _error(athena, "DeleteWorkGroup", WorkGroup="w").message == "WorkGroup w is not empty", number
        athena.call("DeleteWorkGroup", WorkGroup="w", RecursiveDeleteOption=True)
        athena.call("CreateWorkGroup", Name="w")
        assert athena.call("ListNamedQueries", WorkGroup="w")["NamedQueryIds"] == []
        assert athena.call("ListPreparedStatements", WorkGroup="w")["PreparedStatements"] == []
        assert athena.call("ListQueryExecutions", WorkGroup="w")["QueryExecutionIds"] == []
        athena.call("DeleteWorkGroup", WorkGroup="w")


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        ({"EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"}}, "Spark workgroups"),
        ({"EngineVersion": {"SelectedEngineVersion": "Athena engine version 2"}}, "is not supported"),
        ({"ExecutionRole": "arn:aws:iam::123456789012:role/x"}, "Spark workgroups"),
        ({"ManagedQueryResultsConfiguration": {"Enabled": True}}, "managed query results"),
        ({"IdentityCenterConfiguration": {"EnableIdentityCenter": True}}, "Identity Center"),
        ({"ResultConfiguration": {"OutputLocation": "nada"}}, "not a valid S3 path"),
        ({"ResultConfiguration": {"EncryptionConfiguration": {"EncryptionOption": "CSE_KMS", "KmsKey": "k"}}}, "CSE_KMS"),
    ],
)  # fmt: skip
def test_workgroups_that_cannot_be(athena: Athena, configuration: dict[str, Any], text: str) -> None:
    assert text in _error(athena, "CreateWorkGroup", Name="w", Configuration=configuration).message


def test_tags(athena: Athena) -> None:
    athena.call("CreateWorkGroup", Name="w", Tags=[{"Key": "a", "Value": "1"}])
    arn = {"ResourceARN": "arn:aws:athena:us-east-1:123456789012:workgroup/w"}
    athena.call("TagResource", Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}], **arn)
    assert athena.call("ListTagsForResource", **arn)["Tags"] == [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}]
    athena.call("UntagResource", TagKeys=["a", "nada"], **arn)
    assert athena.call("ListTagsForResource", **arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert "aws:" in _error(athena, "TagResource", Tags=[{"Key": "aws:x", "Value": "2"}], **arn).message
    missing = "arn:aws:athena:us-east-1:123456789012:workgroup/nada"
    assert _error(athena, "ListTagsForResource", ResourceARN=missing).code == "ResourceNotFoundException"
    assert _error(athena, "ListTagsForResource", ResourceARN="nada").code == "InvalidRequestException"


def test_named_queries_are_updated_and_batched(athena: Athena) -> None:
    made = athena.call("CreateNamedQuery", Name="n", Database="db", QueryString="SELECT 1")["NamedQueryId"]
    athena.call("UpdateNamedQuery", NamedQueryId=made, Name="m", QueryString="SELECT 2", Description="d")
    expected = {
        "Name": "m", "Description": "d", "Database": "db", "QueryString": "SELECT 2", "NamedQueryId": made, "WorkGroup": "primary",
    }  # fmt: skip
    found = athena.call("BatchGetNamedQuery", NamedQueryIds=[made, "nada"])
    assert found["NamedQueries"] == [expected]
    assert [one["NamedQueryId"] for one in found["UnprocessedNamedQueryIds"]] == ["nada"]


def test_metadata_of_tables_by_expression_and_in_pages(athena: Athena) -> None:
    for name in ("ventas_2024", "ventas_2023", "clientes"):
        athena.ok(f"CREATE EXTERNAL TABLE {name} (a int) LOCATION 's3://data/t/'")
    place = {"CatalogName": "awsdatacatalog", "DatabaseName": "db"}

    def names(**params: Any) -> list[str]:
        return [one["Name"] for one in athena.call("ListTableMetadata", **place, **params)["TableMetadataList"]]

    assert names() == ["clientes", "ventas_2023", "ventas_2024"]
    assert names(Expression="ventas_.*") == ["ventas_2023", "ventas_2024"]
    assert names(Expression="VENTAS_2023|clientes") == ["clientes", "ventas_2023"]
    assert names(Expression="ventas") == []
    assert names(MaxResults=2) == ["clientes", "ventas_2023"]
    assert "Invalid expression" in _error(athena, "ListTableMetadata", Expression="(", **place).message
    assert (
        _error(athena, "ListTableMetadata", CatalogName="AwsDataCatalog", DatabaseName="nada").code
        == "MetadataException"
    )
    assert athena.call("GetDataCatalog", Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
    assert _error(athena, "GetDataCatalog", Name="nada").code == "InvalidRequestException"
    versions = athena.call("ListEngineVersions")["EngineVersions"]
    assert {one["EffectiveEngineVersion"] for one in versions} == {"Athena engine version 3"}
