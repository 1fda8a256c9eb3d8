"""The catalog engine over a SQLite file in a folder; a second engine over the same file is the cloud after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog.engine import DataCatalogEngine
from labkit.cloud.data_catalog.storage import Storage
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.event_bus.port import emit_nowhere

SCOPE = Scope("123456789012", "us-east-1")


class Glue:
    """`glue("CreateTable", DatabaseName=…)` is the call; `glue.code(…)` its error's code, `glue.error(…)` the error."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.now = datetime(2024, 5, 1, 12, 0, 0, 400_000, tzinfo=timezone.utc)
        documents = Documents(self.database)

        @dataclass
        class Services:
            catalog: Any
            emit: Any = emit_nowhere

        @cache
        def catalog(scope: Scope) -> Catalog:
            return Catalog(Storage(documents, scope), lambda: self.now)

        self.catalog = catalog(SCOPE)
        self._routes = DataCatalogEngine(Services(catalog)).routes

    def __call__(self, action: str, **params: Any) -> dict[str, Any]:
        return self._routes["glue", action](Call("glue", action, params, SCOPE))

    def error(self, action: str, **params: Any) -> AwsError:
        with pytest.raises(AwsError) as failure:
            self(action, **params)
        return failure.value

    def code(self, action: str, **params: Any) -> str:
        return self.error(action, **params).code

    def table(self, name: str = "t") -> dict[str, Any]:
        found: dict[str, Any] = self("GetTable", DatabaseName="db", Name=name)["Table"]
        return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cloud.db"


@pytest.fixture
def glue(path: Path) -> Iterator[Glue]:
    """An empty catalog with the database `db`."""
    made = Glue(path)
    made("CreateDatabase", DatabaseInput={"Name": "db"})
    yield made
    made.database.close()


@pytest.fixture
def partitioned(glue: Glue) -> Glue:
    """`db.t` with the keys año (string) and mes (int)."""
    keys = [{"Name": "año", "Type": "string"}, {"Name": "mes", "Type": "int"}]
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": keys})
    return glue
