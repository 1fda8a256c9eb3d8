from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.checks.tasks import get_task
from labkit.classroom import guidance
from labkit.errors import LabError
from labkit.settings import read_settings, with_endpoint


def test_a_cloud_that_came_back_elsewhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = with_endpoint(read_settings({}, tmp_path), "http://127.0.0.1:1")
    monkeypatch.setattr("labkit.commands.cloud.connect", lambda found: with_endpoint(found, "http://127.0.0.1:2"))
    around: Any = SimpleNamespace(settings=settings)
    with pytest.raises(LabError) as raised:
        guidance.check(around, get_task("1.1"), {})
    assert raised.value.key == "error.cloud_moved"
