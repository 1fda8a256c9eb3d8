"""The CDK app makes the same resources as the CloudFormation template, property for property."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labkit.export.cdk import App
from labkit.export.cloudformation import render_template
from labkit.export.languages import render
from tests.unit.export.labs import VARIANTS, Values, blueprint, read_template
from tests.unit.export.stand_in_cdk import synthesize

# What the real library adds to a template beside the resources.
_ITS_OWN = "AWS::CDK::Metadata"


def write(variant: str, folder: Path, step: int = 6) -> Path:
    for name, text in render("cdk", blueprint(variant, step), ("about",)).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "app.py"


def compare(template: dict[str, Any], variant: str, step: int = 6) -> None:
    plan = blueprint(variant, step)
    expected = Values(read_template(render_template(plan, ())), plan.lab.region)
    found = Values(template, plan.lab.region)
    # The second level names its resources with a hash behind; everything else about them is compared.
    assert _sorted(found.by_name()) == _sorted(expected.by_name())


def _sorted(resources: dict[tuple[str, str], dict[str, Any]]) -> list[tuple[str, str]]:
    kept = [(kind, _plain(properties)) for (kind, _), properties in resources.items() if kind != _ITS_OWN]
    return sorted((kind, json.dumps(properties, sort_keys=True)) for kind, properties in kept)


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    found = dict(properties)
    if isinstance(found.get("Tags"), list):
        found["Tags"] = sorted(found["Tags"], key=lambda tag: str(tag["Key"]))
    if "Policies" in found:
        found["Policies"] = _one_as_itself(found["Policies"])
    return found


def _one_as_itself(value: Any) -> Any:
    """In a policy a list of one text is that text; the library writes the shorter form."""
    if isinstance(value, dict):
        return {key: _one_as_itself(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_one_as_itself(item) for item in value]
        return items[0] if len(items) == 1 and isinstance(items[0], str) else items
    return value


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_app_makes_what_the_template_makes(variant: str, tmp_path: Path) -> None:
    app = write(variant, tmp_path)
    compare(synthesize(app.read_text(encoding="utf-8"), str(app)), variant)


@pytest.mark.parametrize("step", range(1, 6))
def test_every_step_runs_by_itself(step: int, tmp_path: Path) -> None:
    app = write("aws", tmp_path, step)
    compare(synthesize(app.read_text(encoding="utf-8"), str(app)), "aws", step)


def test_the_folder_is_an_app() -> None:
    files = App(blueprint("local")).build(("about",))
    assert json.loads(files["cdk.json"]) == {"app": "python3 app.py"}
    assert "aws-cdk-lib" in files["requirements.txt"]


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("aws_cdk") is None, reason="aws-cdk-lib is not installed: 100 MB, and it needs Node"
)
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_real_library_synthesizes_the_same(variant: str, tmp_path: Path) -> None:
    app = write(variant, tmp_path)
    environ = {**os.environ, "CDK_OUTDIR": str(tmp_path / "out")}
    done = subprocess.run([sys.executable, app], env=environ, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    compare(json.loads((tmp_path / "out" / "bsg-lab.template.json").read_text()), variant)
