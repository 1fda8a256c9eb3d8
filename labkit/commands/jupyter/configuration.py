"""What JupyterLab is told: files of our own that it reads beside the user's, so that nothing is written into the environment.

`JUPYTER_CONFIG_PATH` and `JUPYTER_PATH` name these folders first; Jupyter layers them over the user's own
(`labconfig/default_setting_overrides.json` is JupyterLab's documented place for a deployment's defaults).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# "default" would be the system's language, which need not be the one asked for.
_LOCALES = {"es": "es_ES", "en": "en"}
_TRANSLATION = "@jupyterlab/translation-extension"
_AUTOSAVE_S = 15
EXPORT_TEMPLATE = "labkit"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Places:
    """Where our files for Jupyter lie, all below the lab's state folder."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def user_settings(self) -> Path:
        return self.root / "user-settings"

    @property
    def workspaces(self) -> Path:
        return self.root / "workspaces"

    @property
    def log(self) -> Path:
        return self.root / "jupyterlab.log"


def build_defaults(language: str) -> dict[str, Any]:
    """JupyterLab's own settings that differ from its defaults; a student can still change each of them."""
    return {
        f"{_TRANSLATION}:plugin": {"locale": _LOCALES[language]},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": _AUTOSAVE_S},
        # A notebook of the lab has one kernel: the question which one to use helps nobody.
        "@jupyterlab/notebook-extension:tracker": {"autoStartDefaultKernel": True},
    }


def build_lab_config(places: Places, first_page: str) -> dict[str, Any]:
    """The traits of JupyterLab's server part: no news, no look for updates, folders of our own."""
    return {
        "LabApp": {
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
            "user_settings_dir": str(places.user_settings),
            "workspaces_dir": str(places.workspaces),
            "default_url": first_page,
        }
    }


def build_export_config(language: str) -> dict[str, Any]:
    """A notebook saved as HTML (Lab's menu, `jupyter nbconvert`): its language, and a page that everybody can read."""
    return {"HTMLExporter": {"template_name": EXPORT_TEMPLATE, "language_code": language}}


def build_kernel_spec() -> dict[str, Any]:
    """The kernel `python3`: this interpreter, whatever another installation of the user's has registered under that name."""
    from ipykernel.kernelspec import get_kernel_dict

    return {**get_kernel_dict(), "display_name": "Python 3 (labkit)"}


def write_configuration(places: Places, language: str, first_page: str, *, choose_language: bool) -> None:
    """Write all of it. `choose_language`: the language was asked for just now, so an older choice in Lab's menu gives way.

    A JupyterLab that runs reads its defaults no more, but the user's settings with each page: the choice is written there.
    """
    _write(places.config / "labconfig" / "default_setting_overrides.json", build_defaults(language))
    export = build_export_config(language)
    _write(places.config / "jupyter_lab_config.json", build_lab_config(places, first_page))
    _write(places.config / "jupyter_server_config.json", export)
    _write(places.config / "jupyter_nbconvert_config.json", export)
    shutil.copytree(_TEMPLATES, places.data / "nbconvert" / "templates", dirs_exist_ok=True)
    _write(places.data / "kernels" / "python3" / "kernel.json", build_kernel_spec())
    places.workspaces.mkdir(parents=True, exist_ok=True)
    if choose_language:
        chosen = places.user_settings / _TRANSLATION / "plugin.jupyterlab-settings"
        _write(chosen, build_defaults(language)[f"{_TRANSLATION}:plugin"])


def adopt_user_settings(places: Places, theirs: Path) -> None:
    """The first time, take over the student's own settings (theme, fonts, shortcuts), the language apart."""
    if places.user_settings.exists():
        return
    if theirs.is_dir():
        shutil.copytree(theirs, places.user_settings, ignore=shutil.ignore_patterns("translation-extension"))
    places.user_settings.mkdir(parents=True, exist_ok=True)


def build_jupyter_paths(places: Places, environ: Mapping[str, str]) -> dict[str, str]:
    """The two variables that make Jupyter read these folders before all others."""
    wanted = {"JUPYTER_CONFIG_PATH": str(places.config), "JUPYTER_PATH": str(places.data)}
    # Twice in one shell must not name a folder twice.
    parts = {name: [part for part in environ.get(name, "").split(os.pathsep) if part] for name in wanted}
    return {
        name: os.pathsep.join([ours, *(part for part in parts[name] if part != ours)]) for name, ours in wanted.items()
    }


def _write(path: Path, document: dict[str, Any]) -> None:
    """In one step: a JupyterLab that is running may read it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(partial, path)
