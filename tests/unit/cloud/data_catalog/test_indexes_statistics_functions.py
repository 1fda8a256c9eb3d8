"""Partition indexes, column statistics, user-defined functions, search."""

from __future__ import annotations

from typing import Any

import pytest

WHERE = {"DatabaseName": "db", "TableName": "t"}


def test_indexes_are_checked_and_listed(partitioned: Any) -> None:
    partitioned("CreatePartitionIndex", **WHERE, PartitionIndex={"IndexName": "por_año", "Keys": ["AÑO"]})
    assert partitioned("GetPartitionIndexes", **WHERE)["PartitionIndexDescriptorList"] == [
        {"IndexName": "por_año", "Keys": [{"Name": "año", "Type": "string"}], "IndexStatus": "ACTIVE"}
    ]
    for name, keys, code, text in (
        ("otro", ["año"], "AlreadyExistsException", "Partition Index por_año already exists with the same keys."),
        ("por_año", ["mes"], "AlreadyExistsException", "Partition Index por_año already exists with the same name."),
        ("x", ["precio"], "InvalidInputException", "Verify the indexKeys : [precio]"),
    ):
        error = partitioned.error("CreatePartitionIndex", **WHERE, PartitionIndex={"IndexName": name, "Keys": keys})
        assert (error.code, text in error.message) == (code, True)
    partitioned("DeletePartitionIndex", **WHERE, IndexName="por_año")
    assert partitioned.code("DeletePartitionIndex", **WHERE, IndexName="por_año") == "EntityNotFoundException"


def test_a_table_has_at_most_three_indexes(glue: Any) -> None:
    keys = [{"Name": name, "Type": "string"} for name in "abcd"]
    indexes = [{"IndexName": name, "Keys": [name]} for name in "abc"]
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": keys}, PartitionIndexes=indexes)
    fourth = {"IndexName": "d", "Keys": ["d"]}
    assert glue.code("CreatePartitionIndex", **WHERE, PartitionIndex=fourth) == "ResourceNumberLimitExceededException"


def test_a_table_with_a_wrong_index_is_not_made(glue: Any) -> None:
    index = [{"IndexName": "i", "Keys": ["nada"]}]
    assert (
        glue.code("CreateTable", DatabaseName="db", TableInput={"Name": "t"}, PartitionIndexes=index)
        == "InvalidInputException"
    )
    assert glue.code("GetTable", DatabaseName="db", Name="t") == "EntityNotFoundException"


@pytest.fixture
def measured(glue: Any) -> Any:
    columns = [{"Name": "precio", "Type": "double"}, {"Name": "nombre", "Type": "string"}]
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "t", "StorageDescriptor": {"Columns": columns}})
    return glue


def test_statistics_are_given_back_as_measured(measured: Any) -> None:
    data = {
        "Type": "DOUBLE",
        "DoubleColumnStatisticsData": {"MinimumValue": 0.5, "NumberOfNulls": 1, "NumberOfDistinctValues": 9},
    }
    one = {"ColumnName": "precio", "ColumnType": "double", "AnalyzedTime": 1714564800, "StatisticsData": data}
    wrong = {**one, "ColumnName": "nada"}
    errors = measured("UpdateColumnStatisticsForTable", **WHERE, ColumnStatisticsList=[one, wrong])["Errors"]
    assert [error["ColumnStatistics"]["ColumnName"] for error in errors] == ["nada"]
    found = measured("GetColumnStatisticsForTable", **WHERE, ColumnNames=["precio", "nombre"])
    assert found["ColumnStatisticsList"] == [one]
    assert [error["ColumnName"] for error in found["Errors"]] == ["nombre"]
    measured("DeleteColumnStatisticsForTable", **WHERE, ColumnName="precio")
    assert measured("DeleteColumnStatisticsForTable", **WHERE, ColumnName="precio") == {}
    gone = measured("GetColumnStatisticsForTable", **WHERE, ColumnNames=["precio"])["Errors"][0]["Error"]
    assert gone["ErrorMessage"] == "Statistics do not exist for this column"


def test_statistics_of_another_type_than_they_say(measured: Any) -> None:
    data = {"Type": "LONG", "DoubleColumnStatisticsData": {"NumberOfNulls": 1, "NumberOfDistinctValues": 9}}
    one = {"ColumnName": "precio", "ColumnType": "double", "AnalyzedTime": 1, "StatisticsData": data}
    errors = measured("UpdateColumnStatisticsForTable", **WHERE, ColumnStatisticsList=[one])["Errors"]
    assert errors[0]["Error"]["ErrorCode"] == "InvalidInputException"


def test_functions_are_kept_by_name(glue: Any) -> None:
    given = {"FunctionName": "Limpia", "ClassName": "a.B", "OwnerName": "yo", "OwnerType": "USER"}
    glue("CreateUserDefinedFunction", DatabaseName="db", FunctionInput=given)
    assert glue.code("CreateUserDefinedFunction", DatabaseName="db", FunctionInput=given) == "AlreadyExistsException"
    found = glue("GetUserDefinedFunction", DatabaseName="db", FunctionName="LIMPIA")["UserDefinedFunction"]
    assert (found["FunctionName"], found["ClassName"], found["DatabaseName"]) == ("limpia", "a.B", "db")
    glue(
        "UpdateUserDefinedFunction",
        DatabaseName="db",
        FunctionName="limpia",
        FunctionInput={**given, "ClassName": "a.C"},
    )
    listed = glue("GetUserDefinedFunctions", Pattern="lim*")["UserDefinedFunctions"]
    assert [one["ClassName"] for one in listed] == ["a.C"]
    glue("DeleteUserDefinedFunction", DatabaseName="db", FunctionName="limpia")
    assert glue.code("GetUserDefinedFunction", DatabaseName="db", FunctionName="limpia") == "EntityNotFoundException"


def test_search_by_text_filter_and_order(glue: Any) -> None:
    for name, number in (("ventas", "1"), ("clientes", "2"), ("costes", "3")):
        columns = [{"Name": f"id_{name}", "Type": "int", "Comment": "Clave de la fila"}]
        table = {"Name": name, "Parameters": {"nivel": number}, "StorageDescriptor": {"Columns": columns}}
        glue("CreateTable", DatabaseName="db", TableInput=table)

    def names(**params: Any) -> list[str]:
        return [one["Name"] for one in glue("SearchTables", **params)["TableList"]]

    assert names() == ["clientes", "costes", "ventas"]
    assert names(SearchText="VENTA") == ["ventas"]
    assert names(SearchText='"venta"') == []
    assert names(SearchText="clave de") == ["clientes", "costes", "ventas"]
    assert names(Filters=[{"Key": "nivel", "Value": "2", "Comparator": "GREATER_THAN_EQUALS"}]) == [
        "clientes",
        "costes",
    ]
    assert names(Filters=[{"Key": "DatabaseName", "Value": "otra"}]) == []
    assert names(SortCriteria=[{"FieldName": "Name", "Sort": "DESC"}]) == ["ventas", "costes", "clientes"]
    first = glue("SearchTables", MaxResults=2)
    assert [one["Name"] for one in glue("SearchTables", NextToken=first["NextToken"])["TableList"]] == ["ventas"]
