"""nbgrader's own validator reads our notebooks.

Installed for this test only, by itself and beside the environment: in it, its server extension would stand in every student's
JupyterLab.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The format is a package of its own inside nbgrader that needs nbformat and jsonschema only.
VALIDATE = """
import sys
import nbformat
from nbgraderformat import SCHEMA_VERSION, MetadataValidator
for path in sys.argv[1:]:
    MetadataValidator().validate_nb(nbformat.read(path, as_version=4))
print(SCHEMA_VERSION, len(sys.argv) - 1)
"""


@pytest.mark.slow
def test_nbgraders_own_validator_accepts_every_notebook(tmp_path: Path) -> None:
    install = ["-m", "uv", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path), "nbgrader==0.9.6"]
    subprocess.run([sys.executable, *install], check=True)
    notebooks = ROOT / "notebooks"
    paths = sorted([*notebooks.glob("source/*.ipynb"), *notebooks.glob("e[sn]/*.ipynb")])
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'nbgrader')!r})\n{VALIDATE}"
    done = subprocess.run([sys.executable, "-c", code, *map(str, paths)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", str(len(paths))]
