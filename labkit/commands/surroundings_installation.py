"""Facts of the installation: packages against what labkit asks for and against the pins, Jupyter's kernel and widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from labkit.doctor.surroundings import Package


@dataclass(frozen=True)
class Jupyter:
    """What JupyterLab has; None for a package that is not installed."""

    widgets: str | None
    widgets_in_lab: bool
    language_pack: str | None


def list_packages() -> tuple[Package, ...]:
    """What labkit's own metadata names for this Python, the extras apart."""
    from packaging.requirements import Requirement

    try:
        lines = metadata.requires("labkit") or []
    except metadata.PackageNotFoundError:
        return ()
    pins = _read_pins(Path(__file__).parents[2] / "pins" / "labkit.txt")
    found = []
    for need in map(Requirement, lines):
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        installed = find_version(need.name)
        fits = installed is not None and need.specifier.contains(installed, prereleases=True)
        found.append(Package(need.name, str(need.specifier), installed, fits, pins.get(_canonical(need.name), "")))
    return tuple(found)


def find_version(name: str) -> str | None:
    """The installed version of a package, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def find_kernel() -> tuple[str, str]:
    """(the interpreter of the kernel `python3` as Jupyter finds it by itself, "" or why there is none)."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError as error:
        return "", str(error)
    if find_version("ipykernel") is None:
        return "", "ipykernel"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except (NoSuchKernel, OSError, ValueError) as error:
        return "", str(error)
    return (str(spec.argv[0]) if spec.argv else ""), ""


def find_jupyter() -> Jupyter:
    """The widgets' two halves and the language pack."""
    return Jupyter(
        find_version("ipywidgets"),
        find_version("jupyterlab_widgets") is not None,
        find_version("jupyterlab-language-pack-es-ES"),
    )


def _read_pins(path: Path) -> dict[str, str]:
    """name → version that holds for this Python; empty where there is no clone."""
    from packaging.requirements import InvalidRequirement, Requirement

    if not path.is_file():
        return {}
    pins = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith((" ", "#")) or not line:
            continue
        try:
            pin = Requirement(line.rstrip(" \\"))
        except InvalidRequirement:
            continue
        if pin.marker is None or pin.marker.evaluate({"extra": ""}):
            pins[_canonical(pin.name)] = str(pin.specifier).removeprefix("==")
    return pins


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
