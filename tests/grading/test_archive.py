"""The class-data archive of Spark, made once before a batch: behind the walls it is read, and nobody could make it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.grading.batch.references import ARCHIVE
from labkit.grading.sandbox.protections import find_protections
from labkit.grading.sandbox.walls import wrap_run


@pytest.mark.slow
def test_a_batch_on_a_new_machine_lays_out_sparks_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    protections = find_protections()
    words = [str(tmp_path / "references.json"), str(tmp_path / "work"), json.dumps(dataclasses.asdict(protections))]
    command = [sys.executable, "-m", "labkit.grading.batch.references", *words, ARCHIVE]
    subprocess.run(wrap_run(protections, command), stdin=subprocess.DEVNULL, check=True, timeout=400)
    assert [path.name for path in sorted(tmp_path.glob("cache/spark-classes/*/*.jsa"))] == ["base.jsa", "spark.jsa"]
