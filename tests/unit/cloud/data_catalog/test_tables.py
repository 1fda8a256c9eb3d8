"""Tables: what is kept, what an update replaces, versions, patterns, pages, durability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cloud.data_catalog.conftest import Glue

SERDE = {
    "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "Parameters": {"field.delim": ","},
}


def test_a_table_is_shown_as_it_was_given(glue: Any) -> None:
    descriptor = {
        "Columns": [{"Name": "código", "Type": "int", "Comment": "c"}],
        "Location": "s3://b/t/",
        "SerdeInfo": SERDE,
    }
    glue(
        "CreateTable",
        DatabaseName="DB",
        TableInput={"Name": "Ventas", "StorageDescriptor": descriptor, "Parameters": {"a": "1"}},
    )
    found = glue.table("VENTAS")
    assert found["Name"] == "ventas"
    assert found["DatabaseName"] == "db"
    assert found["StorageDescriptor"] == {
        **descriptor, "Compressed": False, "NumberOfBuckets": 0, "SortColumns": [], "StoredAsSubDirectories": False,
    }  # fmt: skip
    assert (found["VersionId"], found["Retention"], found["CatalogId"]) == ("0", 0, "123456789012")
    assert found["CreateTime"] == found["UpdateTime"] == 1714564800.0


def test_what_glue_does_not_know_is_not_kept(glue: Any) -> None:
    glue(
        "CreateTable", DatabaseName="db", TableInput={"Name": "t", "CreateTime": 1, "Nonsense": 2, "Description": None}
    )
    found = glue.table()
    assert "Nonsense" not in found
    assert "Description" not in found
    assert found["CreateTime"] == 1714564800.0


def test_errors_of_tables(glue: Any) -> None:
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "t"})
    again = glue.error("CreateTable", DatabaseName="db", TableInput={"Name": "T"})
    assert (again.code, again.message) == ("AlreadyExistsException", "Table already exists.")
    assert glue.error("GetTable", DatabaseName="nada", Name="t").message == "Database nada not found."
    assert glue.error("GetTable", DatabaseName="db", Name="nada").message == "Table nada not found."
    assert glue.code("CreateTable", DatabaseName="nada", TableInput={"Name": "t"}) == "EntityNotFoundException"
    assert glue.code("UpdateTable", DatabaseName="db", TableInput={"Name": "nada"}) == "EntityNotFoundException"
    assert glue.code("CreateTable", DatabaseName="db") == "InvalidInputException"
    twice = {"Columns": [{"Name": "a"}, {"Name": "A"}]}
    assert (
        glue.code("CreateTable", DatabaseName="db", TableInput={"Name": "u", "StorageDescriptor": twice})
        == "InvalidInputException"
    )


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"TableInput": {}}, "Value null at 'tableInput.name' failed to satisfy constraint: Member must not be null"),
        ({"TableInput": {"Name": "x" * 256}}, "Member must have length less than or equal to 255"),
        ({"TableInput": {"Name": "t", "StorageDescriptor": {"Columns": [{"Type": "int"}]}}},
         "Value null at 'tableInput.storageDescriptor.columns.1.member.name' failed to satisfy constraint: Member must not be null"),
    ],
)  # fmt: skip
def test_a_request_that_breaks_glues_own_description(glue: Any, params: dict[str, Any], text: str) -> None:
    error = glue.error("CreateTable", DatabaseName="db", **params)
    assert error.code == "ValidationException"
    assert error.message.startswith("1 validation error detected: ")
    assert text in error.message


def test_a_parameter_that_is_no_text_is_refused(glue: Any) -> None:
    error = glue.error("CreateTable", DatabaseName="db", TableInput={"Name": "t", "Parameters": {"a": 1}})
    assert (error.code, error.message) == ("SerializationException", "int can not be converted to String")


@pytest.mark.parametrize("name", ["OpenTableFormatInput", "TransactionId"])
def test_what_cannot_be_done_is_refused_by_name(glue: Any, name: str) -> None:
    value = {"IcebergInput": {"MetadataOperation": "CREATE"}} if name.startswith("Open") else "x"
    error = glue.error("CreateTable", DatabaseName="db", TableInput={"Name": "t"}, **{name: value})
    assert error.code == "InvalidInputException"
    assert name in error.message
    assert glue.code("GetTable", DatabaseName="db", Name="t") == "EntityNotFoundException"


def test_update_replaces_parameters_wholesale_and_archives(glue: Any) -> None:
    glue(
        "CreateTable",
        DatabaseName="db",
        TableInput={"Name": "t", "Parameters": {"a": "1", "b": "2"}, "Description": "d"},
    )
    glue("UpdateTable", DatabaseName="db", TableInput={"Name": "t", "Parameters": {"c": "3"}})
    found = glue.table()
    assert found["Parameters"] == {"c": "3"}
    assert "Description" not in found
    glue("UpdateTable", DatabaseName="db", TableInput={"Name": "t"})
    assert "Parameters" not in glue.table()  # an omitted block is an empty one
    versions = glue("GetTableVersions", DatabaseName="db", TableName="t")["TableVersions"]
    assert [one["VersionId"] for one in versions] == ["2", "1", "0"]
    assert [one["Table"].get("Parameters") for one in versions] == [None, {"c": "3"}, {"a": "1", "b": "2"}]


def test_skip_archive_keeps_no_version(glue: Any) -> None:
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "t"})
    glue("UpdateTable", DatabaseName="db", TableInput={"Name": "t"}, SkipArchive=True)
    versions = glue("GetTableVersions", DatabaseName="db", TableName="t")["TableVersions"]
    assert [one["VersionId"] for one in versions] == ["1"]


def test_an_update_of_an_old_version_is_refused(glue: Any) -> None:
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "t"})
    glue("UpdateTable", DatabaseName="db", TableInput={"Name": "t"}, VersionId="0")
    error = glue.error("UpdateTable", DatabaseName="db", TableInput={"Name": "t"}, VersionId="0")
    assert error.code == "ConcurrentModificationException"
    assert error.message == "Update table failed due to concurrent modifications."  # recorded in floci-io/floci#1205


def test_versions_are_read_and_deleted_one_by_one(glue: Any) -> None:
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "t", "Description": "v0"})
    for number in (1, 2, 3):
        glue("UpdateTable", DatabaseName="db", TableInput={"Name": "t", "Description": f"v{number}"})
    where = {"DatabaseName": "db", "TableName": "t"}
    assert glue("GetTableVersion", **where)["TableVersion"]["VersionId"] == "3"
    assert glue("GetTableVersion", **where, VersionId="1")["TableVersion"]["Table"]["Description"] == "v1"
    assert glue.code("GetTableVersion", **where, VersionId="9") == "EntityNotFoundException"
    assert glue.code("GetTableVersion", **where, VersionId="abc") == "InvalidInputException"
    glue("DeleteTableVersion", **where, VersionId="1")
    assert glue.code("GetTableVersion", **where, VersionId="1") == "EntityNotFoundException"
    assert glue.code("DeleteTableVersion", **where, VersionId="3") == "InvalidInputException"
    errors = glue("BatchDeleteTableVersion", **where, VersionIds=["0", "7"])["Errors"]
    assert [(one["VersionId"], one["ErrorDetail"]["ErrorCode"]) for one in errors] == [("7", "EntityNotFoundException")]
    page = glue("GetTableVersions", **where, MaxResults=1)
    assert [one["VersionId"] for one in page["TableVersions"]] == ["3"]
    assert [
        one["VersionId"] for one in glue("GetTableVersions", **where, NextToken=page["NextToken"])["TableVersions"]
    ] == ["2"]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("*ventas*", ["raw_ventas", "ventas", "ventas_2024"]), ("ventas*", ["ventas", "ventas_2024"]), ("*2024", ["ventas_2024"]),
        ("ventas.*", ["ventas", "ventas_2024"]), ("ventas", ["ventas"]), ("venta", []), ("ventas|clientes", ["clientes", "ventas"]),
        ("[cv].*", ["clientes", "ventas", "ventas_2024"]), ("VENTAS", ["ventas"]),
        ("", ["clientes", "raw_ventas", "ventas", "ventas_2024"]),
    ],
)  # fmt: skip
def test_tables_by_pattern(glue: Any, expression: str, names: list[str]) -> None:
    for name in ("ventas", "ventas_2024", "raw_ventas", "clientes"):
        glue("CreateTable", DatabaseName="db", TableInput={"Name": name})
    found = glue("GetTables", DatabaseName="db", Expression=expression)["TableList"]
    assert [one["Name"] for one in found] == names


def test_a_pattern_that_is_none(glue: Any) -> None:
    assert glue.code("GetTables", DatabaseName="db", Expression="(") == "InvalidInputException"


def test_tables_in_pages_and_by_attribute(glue: Any) -> None:
    for number in range(120):
        glue("CreateTable", DatabaseName="db", TableInput={"Name": f"t{number:03d}", "TableType": "EXTERNAL_TABLE"})
    first = glue("GetTables", DatabaseName="db")
    second = glue("GetTables", DatabaseName="db", NextToken=first["NextToken"])
    assert (len(first["TableList"]), len(second["TableList"]), "NextToken" in second) == (100, 20, False)
    small = glue("GetTables", DatabaseName="db", MaxResults=1, AttributesToGet=["NAME", "TABLE_TYPE"])
    assert small["TableList"] == [{"Name": "t000", "TableType": "EXTERNAL_TABLE"}]
    assert glue.code("GetTables", DatabaseName="db", MaxResults=101) == "ValidationException"


def test_several_tables_are_deleted_and_the_missing_ones_named(glue: Any) -> None:
    for name in ("a", "b"):
        glue("CreateTable", DatabaseName="db", TableInput={"Name": name})
    assert glue.code("BatchDeleteTable", DatabaseName="nada", TablesToDelete=["a"]) == "EntityNotFoundException"
    errors = glue("BatchDeleteTable", DatabaseName="db", TablesToDelete=["a", "nada", "b"])["Errors"]
    assert errors == [
        {
            "TableName": "nada",
            "ErrorDetail": {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Table nada not found"},
        }
    ]
    assert glue("GetTables", DatabaseName="db")["TableList"] == []


def test_a_restart_loses_nothing(partitioned: Any, path: Path) -> None:
    glue = partitioned
    for number in (3, 1, 2):
        glue("CreatePartition", DatabaseName="db", TableName="t", PartitionInput={"Values": ["2024", str(number)]})
    glue("UpdateTable", DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": glue.table()["PartitionKeys"]})
    index = {"IndexName": "i", "Keys": ["año"]}
    glue("CreatePartitionIndex", DatabaseName="db", TableName="t", PartitionIndex=index)
    glue("CreateUserDefinedFunction", DatabaseName="db", FunctionInput={"FunctionName": "f", "ClassName": "c"})
    asked = [
        ("GetDatabases", {}), ("GetTable", {"DatabaseName": "db", "Name": "t"}),
        *((action, {"DatabaseName": "db", "TableName": "t"}) for action in ("GetTableVersions", "GetPartitions", "GetPartitionIndexes")),
        ("GetUserDefinedFunctions", {"DatabaseName": "db", "Pattern": "*"}),
    ]  # fmt: skip
    before = [glue(action, **params) for action, params in asked]
    after = Glue(path)
    assert [after(action, **params) for action, params in asked] == before
    assert [one["Values"][1] for one in before[3]["Partitions"]] == ["3", "1", "2"]
    after("CreatePartition", DatabaseName="db", TableName="t", PartitionInput={"Values": ["2024", "9"]})
    after.database.close()
