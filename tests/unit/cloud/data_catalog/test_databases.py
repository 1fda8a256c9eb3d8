"""Databases as Glue keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_a_database_is_shown_as_it_was_given(glue: Any) -> None:
    given = {"Name": "Ventas", "Description": "año a año", "LocationUri": "s3://b/x/", "Parameters": {"k": "v"}}
    glue("CreateDatabase", DatabaseInput=given)
    found = glue("GetDatabase", Name="VENTAS")["Database"]
    assert {key: found[key] for key in given} == {**given, "Name": "ventas"}  # folded, as for Hive
    assert found["CreateTime"] == 1714564800.0  # no fractions of a second
    assert found["CatalogId"] == "123456789012"


def test_errors_of_databases(glue: Any) -> None:
    again = glue.error("CreateDatabase", DatabaseInput={"Name": "DB"})
    assert (again.code, again.message) == ("AlreadyExistsException", "Database already exists.")
    missing = glue.error("GetDatabase", Name="nada")
    assert (missing.code, missing.message) == ("EntityNotFoundException", "Database nada not found.")
    assert glue.code("DeleteDatabase", Name="nada") == "EntityNotFoundException"
    assert glue.code("UpdateDatabase", Name="nada", DatabaseInput={"Name": "nada"}) == "EntityNotFoundException"
    renamed = glue.error("UpdateDatabase", Name="db", DatabaseInput={"Name": "otra"})
    assert (renamed.code, renamed.message) == (
        "InvalidInputException",
        "Database cannot be renamed",
    )  # floci-io/floci#1229
    assert glue.code("GetDatabase", Name="db", CatalogId="999999999999") == "EntityNotFoundException"


def test_update_replaces_the_whole_definition(glue: Any) -> None:
    glue("UpdateDatabase", Name="db", DatabaseInput={"Name": "db", "Description": "one", "Parameters": {"a": "1"}})
    glue("UpdateDatabase", Name="db", DatabaseInput={"Name": "db", "Description": "two"})
    found = glue("GetDatabase", Name="db")["Database"]
    assert found["Description"] == "two"
    assert "Parameters" not in found
    assert found["CreateTime"] == 1714564800.0


def test_databases_come_by_name_in_pages(glue: Any) -> None:
    for number in range(250):
        glue("CreateDatabase", DatabaseInput={"Name": f"x{number:03d}"})
    pages, token = [], {}
    while True:
        found = glue("GetDatabases", **token)
        pages.append([one["Name"] for one in found["DatabaseList"]])
        if "NextToken" not in found:
            break
        token = {"NextToken": found["NextToken"]}
    assert [len(page) for page in pages] == [100, 100, 51]
    names = [name for page in pages for name in page]
    assert names == sorted(names)
    assert len(set(names)) == 251


def test_a_page_goes_on_after_what_was_deleted_meanwhile(glue: Any) -> None:
    for name in "abc":
        glue("CreateDatabase", DatabaseInput={"Name": name})
    first = glue("GetDatabases", MaxResults=2)
    glue("DeleteDatabase", Name="b")
    second = glue("GetDatabases", MaxResults=2, NextToken=first["NextToken"])
    assert [one["Name"] for one in second["DatabaseList"]] == ["c", "db"]
    assert glue.code("GetDatabases", NextToken="%%%") == "InvalidInputException"


def test_only_names_when_only_names_are_asked_for(glue: Any) -> None:
    assert glue("GetDatabases", AttributesToGet=["NAME"]) == {"DatabaseList": [{"Name": "db"}]}


def test_a_deleted_database_takes_everything_with_it(partitioned: Any, path: Path) -> None:
    glue = partitioned
    glue("CreatePartition", DatabaseName="db", TableName="t", PartitionInput={"Values": ["2024", "1"]})
    glue("DeleteDatabase", Name="db")
    glue("CreateDatabase", DatabaseInput={"Name": "db"})
    assert glue("GetTables", DatabaseName="db") == {"TableList": []}
    rows = glue.database.read("SELECT kind FROM documents WHERE kind LIKE 'glue-%'")
    assert rows == [("glue-database",)]
