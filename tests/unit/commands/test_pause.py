"""Following ends when nobody reads any more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labkit.commands.pause import pause


def test_a_reader_that_has_gone_is_noticed_without_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr("sys.stdout", pipe)
        pause(0)
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            pause(0)


def test_a_file_has_no_reader_to_lose(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "lines").open("w") as file:
        monkeypatch.setattr("sys.stdout", file)
        pause(0)
