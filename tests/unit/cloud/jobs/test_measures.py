"""What a run's process counts for its job metrics, with a Spark of fakes."""

from __future__ import annotations

import importlib.util
import types
from pathlib import Path
from typing import Any

import pytest

CHILD = Path(__file__).parents[4] / "labkit/cloud/jobs/child/measures.py"


@pytest.fixture
def measures() -> Any:
    """The module, loaded by path as the run's process does."""
    spec = importlib.util.spec_from_file_location("labkit_child_measures", CHILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def getCount(self) -> int:  # noqa: N802 - Java's name
        return self.count


class Jvm:
    """A JVM whose file system and memory the test sets."""

    def __init__(self) -> None:
        self.read, self.written = 1000, 500
        webhdfs = types.SimpleNamespace(
            getScheme=lambda: "webhdfs", getBytesRead=lambda: self.read, getBytesWritten=lambda: self.written
        )
        other = types.SimpleNamespace(getScheme=lambda: "file", getBytesRead=lambda: 99, getBytesWritten=lambda: 99)
        system = types.SimpleNamespace(getAllStatistics=lambda: [webhdfs, other])
        hadoop = types.SimpleNamespace(fs=types.SimpleNamespace(FileSystem=system))
        runtime = types.SimpleNamespace(totalMemory=lambda: 70, freeMemory=lambda: 30, maxMemory=lambda: 100)
        self.org = types.SimpleNamespace(apache=types.SimpleNamespace(hadoop=hadoop))
        lang = types.SimpleNamespace(Runtime=types.SimpleNamespace(getRuntime=lambda: runtime))
        self.java = types.SimpleNamespace(lang=lang)


def watch(measures: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[Any], Jvm]:
    """Measures whose contexts are dicts of counters, and what it reports."""
    monkeypatch.setattr(measures, "open_counters", lambda context: context)
    told: list[Any] = []
    jvm = Jvm()
    return measures.Measures(lambda event, **facts: told.append((event, facts)), jvm), told, jvm


def test_counts_are_totals_over_all_contexts(measures: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found, told, jvm = watch(measures, monkeypatch)
    first, second = {"bytesRead": Counter()}, {"bytesRead": Counter(), "numFailedTasks": Counter()}
    found.look(None)
    assert told == []
    first["bytesRead"].count = 5
    found.look(first)
    jvm.read += 7
    first["bytesRead"].count = 6
    found.look(None)  # the context has stopped, its counters tell what its last tasks did
    second["bytesRead"].count, second["numFailedTasks"].count = 3, 1
    found.look(second)
    assert [facts["counts"] for _, facts in told] == [
        {"bytesRead": 5, "s3Read": 0, "s3Written": 0},
        {"bytesRead": 6, "s3Read": 7, "s3Written": 0},
        {"bytesRead": 9, "numFailedTasks": 1, "s3Read": 7, "s3Written": 0},
    ]
    assert told[0] == ("measured", {"counts": {"bytesRead": 5, "s3Read": 0, "s3Written": 0}, "heap": [40, 100]})


def test_what_has_not_changed_is_not_told_again(measures: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found, told, _ = watch(measures, monkeypatch)
    context = {"bytesRead": Counter()}
    for _ in range(3):
        found.look(context)
    assert len(told) == 1
