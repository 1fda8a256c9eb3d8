from __future__ import annotations

import re
from pathlib import Path

import pytest

import labkit
from labkit.doctor.system import find_system, opens_browser
from labkit.doctor.variables import list_known_variables


@pytest.mark.parametrize(
    ("environ", "platform", "release", "system"),
    [
        ({}, "linux", "6.1.0-18-amd64", "linux"),
        ({}, "linux", "5.15.153.1-microsoft-standard-WSL2", "wsl"),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, "linux", "6.6.0", "wsl"),
        ({}, "darwin", "23.5.0", "macos"),
        ({}, "win32", "10", "windows"),
        ({"CODESPACES": "true"}, "linux", "6.5.0-1022-azure", "codespaces"),
        ({"BINDER_SERVICE_HOST": "10.0.0.1"}, "linux", "6.1", "binder"),
    ],
)
def test_the_kind_of_computer_is_told_by_variables_and_kernel(
    environ: dict[str, str], platform: str, release: str, system: str
) -> None:
    assert find_system(environ, platform, release) == system


@pytest.mark.parametrize(
    ("system", "environ", "opens"),
    [
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {}, False),
        ("linux", {"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.2"}, False),
        ("macos", {}, True),
        ("wsl", {}, True),
        ("codespaces", {"DISPLAY": ":0"}, False),
        ("binder", {}, False),
    ],
)
def test_a_browser_is_opened_only_where_the_person_would_see_it(
    system: str, environ: dict[str, str], opens: bool
) -> None:
    assert opens_browser(system, environ) is opens


def test_every_variable_that_the_code_reads_is_known_to_the_doctor() -> None:
    package = Path(labkit.__file__).parent
    sources = [path for path in package.rglob("*.py") if "__pycache__" not in path.parts]
    read = {name for path in sources for name in re.findall(r'"(LABKIT_[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    assert read <= list_known_variables()
    assert "LABKIT_STATE" in read
