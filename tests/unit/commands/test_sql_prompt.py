"""The prompt of `labkit sql` without a cloud: words that are no statements."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.commands import sql_prompt
from labkit.i18n import use_language


@pytest.mark.parametrize("word", ["exit", "quit;", "QUIT", "salir", r"\q"])
def test_the_words_people_know_leave_and_help(
    word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_language("en")
    typed = iter(["help", "ayuda;", word, "never read"])
    monkeypatch.setattr("builtins.input", lambda shown: next(typed))
    settings = SimpleNamespace(state_dir=tmp_path, target=SimpleNamespace(endpoint_url="http://cloud"))
    session: Any = SimpleNamespace(database="shop", settings=settings)
    assert sql_prompt.prompt(session) == 0
    assert next(typed) == "never read"
    assert capsys.readouterr().err.count("tables of the database") == 2
