"""Every case of the corpus: SQL, and the rows or the error that Athena gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cloud.athena.fakes import Athena, FakeServices

CASES = Path(__file__).parent / "cases"


def cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found.append(pytest.param(json.loads(line), id=f"{path.stem}-{number}"))
    return found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Athena]:
    made = Athena(FakeServices(tmp_path_factory.mktemp("corpus")))
    yield made
    made.engine.stop()


@pytest.mark.parametrize("case", cases())
def test_case(shared: Athena, case: dict[str, Any]) -> None:
    assert case["source"]
    if "error" in case:
        assert case["error"] in shared.fails(case["sql"])
        return
    answer = shared.run(case["sql"])
    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.rows == case["rows"]
    if "types" in case:
        assert [column["Type"] for column in answer.columns] == case["types"]
