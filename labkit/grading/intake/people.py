"""Whose file it is: by the names that Moodle and Canvas give, by the folder it lies in, or by its own name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

# Moodle: "Núñez Peña Ana_123456_assignsubmission_file_" as a folder, or the same before a file's name.
_MOODLE = re.compile(r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)$")
# Canvas: "nunezana_LATE_4711_987654_04_glue_etl-1.ipynb": sort name, late or not, user, submission, file.
_CANVAS = re.compile(r"^(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<submission>\d+)_(?P<rest>.+)$")
_NOTEBOOK = re.compile(r"(?<!\d)(?P<number>90|0[0-8])[_\- ]", re.IGNORECASE)


@dataclass(frozen=True)
class Person:
    """Whom a place in a download belongs to; `lms_id` is the platform's number."""

    name: str
    lms_id: str = ""
    late: bool = False


def find_person(parts: tuple[str, ...]) -> Person | None:
    """The student of a path inside a download: the parts from the outside in, the file's own name last."""
    for part in parts:
        if found := _MOODLE.match(part):
            return Person(_tidy(found["name"]), found["id"])
        if found := _CANVAS.match(part):
            return Person(_tidy(found["name"]), found["id"], found["late"] is not None)
    folders = [part for part in parts[:-1] if not _is_scaffold(part)]
    if folders:
        return Person(_tidy(folders[0]))
    # A loose notebook: what its name says beside the notebook's own.
    rest = _without_notebook(PurePath(parts[-1]).stem)
    return Person(_tidy(rest)) if rest else None


def find_notebook(file_name: str, names: tuple[str, ...]) -> str | None:
    """Which of the lab's notebooks a file is, by its name: whole, or by the number it begins with ("04_glue_etl-1 (2).ipynb")."""
    plain = _fold(PurePath(file_name).stem)
    for name in names:
        if name in plain:
            return name
    found = _NOTEBOOK.search(plain + "_")
    return next((name for name in names if found and name.startswith(f"{found['number']}_")), None)


def build_key(student: str) -> str:
    """A file name for the student: letters, digits and hyphens, the same however the name is accented."""
    return re.sub(r"[^a-z0-9]+", "-", _fold(student)).strip("-") or "anonimo"


def _tidy(name: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", name).replace("_", " ")).strip(" -,")


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()


def _is_scaffold(folder: str) -> bool:
    """Folders that say nothing about a student: those of the lab itself and of packers."""
    return folder.lower() in {
        "notebooks",
        "es",
        "en",
        "lab",
        "labkit",
        "entrega",
        "submission",
        "submissions",
        "__macosx",
    }


def _without_notebook(stem: str) -> str:
    rest = re.sub(
        r"(?i)(90|0[0-8])_(inicio|s3|iam|crawler|glue_etl|lambda|trigger|athena_costes|evaluacion|spark_practica)",
        " ",
        stem,
    )
    rest = re.sub(r"(\(\d+\)|-\d+|copia|copy|final|entrega)", " ", rest, flags=re.IGNORECASE)
    return re.sub(r"[\s_\-]+", " ", rest).strip()
