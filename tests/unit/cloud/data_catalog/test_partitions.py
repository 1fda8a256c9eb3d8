"""Partitions: batches and their limits, renaming, segments, pages."""

from __future__ import annotations

from typing import Any

import pytest

WHERE = {"DatabaseName": "db", "TableName": "t"}


def add(glue: Any, *several: tuple[str, str]) -> list[dict[str, Any]]:
    inputs = [{"Values": list(values)} for values in several]
    errors: list[dict[str, Any]] = glue("BatchCreatePartition", **WHERE, PartitionInputList=inputs)["Errors"]
    return errors


def values(glue: Any, **params: Any) -> list[list[str]]:
    return [one["Values"] for one in glue("GetPartitions", **WHERE, **params)["Partitions"]]


def test_a_partition_is_shown_as_it_was_given(partitioned: Any) -> None:
    given = {
        "Values": ["2024", "1"],
        "StorageDescriptor": {"Location": "s3://b/año=2024/mes=1/"},
        "Parameters": {"a": "1"},
    }
    partitioned("CreatePartition", **WHERE, PartitionInput=given)
    found = partitioned("GetPartition", **WHERE, PartitionValues=["2024", "1"])["Partition"]
    assert found["StorageDescriptor"]["Location"] == "s3://b/año=2024/mes=1/"
    assert (found["DatabaseName"], found["TableName"], found["CatalogId"]) == ("db", "t", "123456789012")
    assert found["CreationTime"] == 1714564800.0


def test_errors_of_partitions(partitioned: Any) -> None:
    add(partitioned, ("2024", "1"))
    again = partitioned.error("CreatePartition", **WHERE, PartitionInput={"Values": ["2024", "1"]})
    assert (again.code, again.message) == ("AlreadyExistsException", "Partition already exists.")
    short = partitioned.error("CreatePartition", **WHERE, PartitionInput={"Values": ["2024"]})
    assert (short.code, short.message) == (
        "InvalidInputException", "The number of partition keys do not match the number of partition values",
    )  # fmt: skip
    assert partitioned.error("GetPartition", **WHERE, PartitionValues=["1", "1"]).message == "Cannot find partition."
    assert partitioned.code("DeletePartition", **WHERE, PartitionValues=["1", "1"]) == "EntityNotFoundException"
    missing = {"PartitionValueList": ["1", "1"], "PartitionInput": {"Values": ["1", "1"]}}
    assert partitioned.code("UpdatePartition", **WHERE, **missing) == "EntityNotFoundException"


def test_a_batch_makes_what_it_can_and_names_the_rest(partitioned: Any) -> None:
    add(partitioned, ("2024", "1"))
    errors = add(partitioned, ("2024", "1"), ("2024", "2"), ("2024", "2"))
    assert [(one["PartitionValues"], one["ErrorDetail"]["ErrorCode"]) for one in errors] == [
        (["2024", "1"], "AlreadyExistsException"), (["2024", "2"], "AlreadyExistsException"),
    ]  # fmt: skip
    assert values(partitioned) == [["2024", "1"], ["2024", "2"]]


@pytest.mark.parametrize(
    ("action", "key", "item", "most"),
    [
        ("BatchCreatePartition", "PartitionInputList", {"Values": ["1", "1"]}, 100),
        ("BatchDeletePartition", "PartitionsToDelete", {"Values": ["1", "1"]}, 25),
        ("BatchGetPartition", "PartitionsToGet", {"Values": ["1", "1"]}, 1000),
        ("BatchUpdatePartition", "Entries", {"PartitionValueList": ["1", "1"], "PartitionInput": {"Values": ["1", "1"]}}, 100),
    ],
)  # fmt: skip
def test_batches_have_aws_limits(partitioned: Any, action: str, key: str, item: dict[str, Any], most: int) -> None:
    partitioned(action, **WHERE, **{key: [item] * most})
    error = partitioned.error(action, **WHERE, **{key: [item] * (most + 1)})
    assert error.code == "ValidationException"
    assert f"at '{key[0].lower() + key[1:]}'" in error.message
    assert error.message.endswith(f"Member must have length less than or equal to {most}")


def test_an_update_may_rename_a_partition(partitioned: Any) -> None:
    add(partitioned, ("2024", "1"), ("2024", "2"))
    rename = {"PartitionValueList": ["2024", "1"], "PartitionInput": {"Values": ["2025", "1"]}}
    partitioned("UpdatePartition", **WHERE, **rename)
    assert sorted(values(partitioned)) == [["2024", "2"], ["2025", "1"]]
    taken = {"PartitionValueList": ["2024", "2"], "PartitionInput": {"Values": ["2025", "1"]}}
    assert partitioned.code("UpdatePartition", **WHERE, **taken) == "AlreadyExistsException"


def test_batch_update_get_and_delete(partitioned: Any) -> None:
    add(partitioned, ("2024", "1"), ("2024", "2"))
    entries = [
        {
            "PartitionValueList": ["2024", month],
            "PartitionInput": {"Values": ["2024", month], "Parameters": {"x": month}},
        }
        for month in ("1", "7")
    ]
    errors = partitioned("BatchUpdatePartition", **WHERE, Entries=entries)["Errors"]
    assert [(one["PartitionValueList"], one["ErrorDetail"]["ErrorCode"]) for one in errors] == [
        (["2024", "7"], "EntityNotFoundException")
    ]
    asked = [{"Values": ["2024", month]} for month in ("1", "7")]
    found = partitioned("BatchGetPartition", **WHERE, PartitionsToGet=asked)
    assert [one["Parameters"] for one in found["Partitions"]] == [{"x": "1"}]
    assert found["UnprocessedKeys"] == []
    errors = partitioned("BatchDeletePartition", **WHERE, PartitionsToDelete=asked)["Errors"]
    assert [one["PartitionValues"] for one in errors] == [["2024", "7"]]
    assert values(partitioned) == [["2024", "2"]]


def test_pages_segments_and_partitions_without_columns(partitioned: Any) -> None:
    several = [(f"{year}", f"{month}") for year in range(2000, 2100) for month in range(1, 13)]
    for start in range(0, len(several), 100):
        add(partitioned, *several[start : start + 100])
    first = partitioned("GetPartitions", **WHERE)
    second = partitioned("GetPartitions", **WHERE, NextToken=first["NextToken"])
    assert (len(first["Partitions"]), len(second["Partitions"]), "NextToken" in second) == (1000, 200, False)
    parts = [values(partitioned, Segment={"SegmentNumber": number, "TotalSegments": 4}) for number in range(4)]
    assert sorted(tuple(one) for part in parts for one in part) == sorted(several)
    assert all(len(part) > 200 for part in parts)
    assert (
        partitioned.code("GetPartitions", **WHERE, Segment={"SegmentNumber": 4, "TotalSegments": 4})
        == "InvalidInputException"
    )


def test_columns_can_be_left_out(partitioned: Any) -> None:
    descriptor = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://b/"}
    partitioned("CreatePartition", **WHERE, PartitionInput={"Values": ["1", "1"], "StorageDescriptor": descriptor})
    found = partitioned("GetPartitions", **WHERE, ExcludeColumnSchema=True)["Partitions"][0]["StorageDescriptor"]
    assert "Columns" not in found
    assert found["Location"] == "s3://b/"


def test_a_deleted_partition_takes_its_statistics_along(partitioned: Any) -> None:
    descriptor = {"Columns": [{"Name": "a", "Type": "int"}]}
    table = {"Name": "t", "PartitionKeys": partitioned.table()["PartitionKeys"], "StorageDescriptor": descriptor}
    partitioned("UpdateTable", DatabaseName="db", TableInput=table)
    add(partitioned, ("2024", "1"))
    data = {"Type": "LONG", "LongColumnStatisticsData": {"NumberOfNulls": 0, "NumberOfDistinctValues": 3}}
    one = {"ColumnName": "a", "ColumnType": "int", "AnalyzedTime": 1, "StatisticsData": data}
    place = {**WHERE, "PartitionValues": ["2024", "1"]}
    assert partitioned("UpdateColumnStatisticsForPartition", **place, ColumnStatisticsList=[one]) == {"Errors": []}
    assert partitioned("GetColumnStatisticsForPartition", **place, ColumnNames=["a"])["ColumnStatisticsList"] == [one]
    partitioned("DeletePartition", **WHERE, PartitionValues=["2024", "1"])
    add(partitioned, ("2024", "1"))
    again = partitioned("GetColumnStatisticsForPartition", **place, ColumnNames=["a"])
    assert again["ColumnStatisticsList"] == []
    assert again["Errors"][0]["Error"]["ErrorCode"] == "EntityNotFoundException"
