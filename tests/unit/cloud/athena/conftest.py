"""One engine over fakes for each test; one shared engine for the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cloud.athena.fakes import Athena, FakeServices


@pytest.fixture
def athena(tmp_path: Path) -> Iterator[Athena]:
    made = Athena(FakeServices(tmp_path))
    yield made
    made.engine.stop()


@pytest.fixture(scope="module")
def shared_athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Athena]:
    """One engine for all tests of a module: each names its tables and folders itself."""
    made = Athena(FakeServices(tmp_path_factory.mktemp("athena")))
    yield made
    made.engine.stop()


@pytest.fixture
def lake(shared_athena: Athena) -> Athena:
    """The shared engine with an empty database and bucket for each test."""
    services = shared_athena.services
    services.store.empty("data")
    services.glue.clear()
    services.glue.create_database({"Name": "db"})
    return shared_athena
