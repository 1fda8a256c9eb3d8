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
