"""`lab.reset` where a resource of the lab's name is somebody else's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labkit.classroom import reset
from labkit.errors import UsageError
from labkit.steps.ownership import Conflict, Wanted


def test_nothing_is_cleared_where_a_name_is_somebody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    conflict = Conflict(Wanted(4, "glue-job", "bsg-glue-etl-job"), "lab")
    cleared: list[int] = []
    monkeypatch.setattr(reset, "find_conflicts", lambda *_given: (conflict,))
    monkeypatch.setattr(reset, "clear_step", lambda step, _context: cleared.append(step))
    around: Any = SimpleNamespace(clients=None, wanted=None, ledger=None)
    with pytest.raises(UsageError, match="bsg-glue-etl-job"):
        reset.reset_step(around, 4)
    assert cleared == []
