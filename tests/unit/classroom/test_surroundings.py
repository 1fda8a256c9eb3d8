"""In which language a notebook's kernel speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.classroom.surroundings import find_settings


@pytest.mark.parametrize(
    ("folder", "variable", "session", "language"),
    [
        ("en", "es", "/x/notebooks/en/01_s3.ipynb", "en"),
        ("es", "en", "/x/notebooks/es/01_s3.ipynb", "es"),
        ("en", "es", "", "es"),
        ("en", "", "", "en"),
        ("mine", "en", "/x/notebooks/mine/01_s3.ipynb", "en"),
    ],
)
def test_a_notebook_that_is_open_speaks_its_own_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, variable: str, session: str, language: str
) -> None:
    here = tmp_path / folder
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("LABKIT_LANG", variable)
    monkeypatch.setenv("JPY_SESSION_NAME", session)
    assert find_settings().language == language
