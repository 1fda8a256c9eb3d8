"""What Binder runs before JupyterLab: the cloud is up and the next program inherits its address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from labkit.cloud import daemon

ROOT = Path(__file__).parents[3]
TELL = "import json, os, sys; json.dump([dict(os.environ), sys.argv[1:]], sys.stdout)"


def start(folder: Path, path: str) -> tuple[dict[str, str], list[str]]:
    """Run the repository's `start` before a program that tells what it was given."""
    env = {**os.environ, "PATH": path, "HOME": str(folder), "LABKIT_STATE": str(folder / "estado ñ")}
    words = [str(ROOT / "start"), sys.executable, "-c", TELL, "--ip=0.0.0.0", "a b"]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    told: tuple[dict[str, str], list[str]] = tuple(json.loads(done.stdout))
    return told


@pytest.mark.slow
def test_binder_opens_jupyterlab_with_the_cloud_running(tmp_path: Path) -> None:
    state_dir = tmp_path / "estado ñ"
    try:
        env, words = start(tmp_path, f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        assert words == ["--ip=0.0.0.0", "a b"]
        with urllib.request.urlopen(f"{env['AWS_ENDPOINT_URL']}/_labkit/health") as reply:
            assert reply.status == 200
        config = Path(env["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0])
        lab = json.loads((config / "jupyter_lab_config.json").read_text(encoding="utf-8"))["LabApp"]
        assert lab["default_url"] == "/lab/tree/notebooks/es/00_inicio.ipynb"
        assert env["LABKIT_STATE"] == str(state_dir)
    finally:
        daemon.down(state_dir)


@pytest.mark.slow
def test_binder_opens_jupyterlab_even_when_the_lab_cannot_be_prepared(tmp_path: Path) -> None:
    env, words = start(tmp_path, "/usr/bin:/bin")  # no labkit there
    assert words == ["--ip=0.0.0.0", "a b"]
    assert "JUPYTER_CONFIG_PATH" not in env
