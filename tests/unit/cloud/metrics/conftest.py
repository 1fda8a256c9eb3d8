"""A metrics storage of its own, and CloudWatch over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.cloud.database import Database
from labkit.cloud.metrics.storage import SCHEMA, MetricStorage
from tests.unit.cloud.metrics.asking import CloudWatch


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[MetricStorage]:
    made = MetricStorage(Database(tmp_path / "metrics.db", SCHEMA))
    yield made
    made.stop()


@pytest.fixture
def cloudwatch(storage: MetricStorage) -> CloudWatch:
    return CloudWatch(storage)
