"""`labkit down` says what became of the state."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from labkit.cli import main
from labkit.cloud import daemon


@pytest.mark.parametrize(
    ("ephemeral", "said"), [(False, "Its state stays in {folder}"), (True, "Its state in {folder} was deleted")]
)
def test_a_throwaway_cloud_does_not_claim_that_its_state_stays(
    ephemeral: bool,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LABKIT_LANG", "en")
    monkeypatch.setattr(daemon, "find_running", lambda folder: SimpleNamespace(ephemeral=ephemeral))
    monkeypatch.setattr(daemon, "down", lambda folder: True)
    assert main(["down", "--state", str(tmp_path)]) == 0
    assert said.format(folder=tmp_path) in capsys.readouterr().out
