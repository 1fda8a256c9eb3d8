"""Whose file it is: by the names that Moodle and Canvas give, by the folder it lies in, or by its own name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from labkit.grading.intake.kinds import stem_of

# Moodle: "Núñez Peña Ana_123456_assignsubmission_file_" as a folder, or the same before a file's name.
_MOODLE = re.compile(r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)$")
# Canvas: "nunezana_LATE_4711_987654_04_glue_etl-1.ipynb": sort name, late or not, user, submission, file.
_CANVAS = re.compile(r"^(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>[1-9]\d*)_(?P<submission>[1-9]\d*)_(?P<rest>.+)$")
_NOTEBOOK = re.compile(r"(?<!\d)(?P<number>90|0[0-8])[_\- ]", re.IGNORECASE)
# With names hidden Moodle calls everybody this.
_HIDDEN = {"participant", "participante"}
# Folders that say nothing about a student: those of the lab itself and of packers.
_SCAFFOLD = {
    *(
        "labkit-lab",
        "pristine",
        "notebooks",
        "es",
        "en",
        "lab",
        "labkit",
        "entrega",
        "entregas",
        "submission",
        "submissions",
        "__macosx",
        "work",
        "source",
    ),
    *("desktop", "escritorio", "downloads", "descargas", "documents", "documentos", "nueva carpeta", "new folder"),
}
_LAB_NAMES = re.compile(
    r"(?i)(90|0[0-8])_(inicio|s3|iam|crawler|glue_etl|lambda|trigger|athena_costes|evaluacion|spark_practica)"
)
_FILLERS = re.compile(
    r"(?i)(\(\d+\)|-\d+$|\bcopia( de)?\b|\bcopy\d*( of)?\b|\b(final|entrega|definitiv[oa]|v\d+|version \d+)\b|\.ipynb)"
)
# Letters that do not fall into a base and an accent.
_SPELLED = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ł": "l",
        "Ł": "L",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ı": "i",
    }
)


@dataclass(frozen=True)
class Person:
    """Whom a place in a download belongs to; `lms_id` is the platform's number."""

    name: str
    lms_id: str = ""
    late: bool = False


def find_platform_person(parts: tuple[str, ...]) -> Person | None:
    """The student that Moodle or Canvas names in a path; None when neither made it."""
    for part in parts:
        if found := _MOODLE.match(part):
            name = tidy(found["name"])
            return Person(f"{name} {found['id']}" if name.lower() in _HIDDEN else name, found["id"])
        if found := _CANVAS.match(part):
            return Person(tidy(found["name"]), found["id"], found["late"] is not None)
    return None


def list_folders(parts: tuple[str, ...]) -> list[str]:
    """The folders of a path that may be a student's name, from the outside in."""
    return [part for part in parts[:-1] if not _is_scaffold(part)]


def find_person(parts: tuple[str, ...]) -> Person | None:
    """The student of a path inside a download: the parts from the outside in, the file's own name last."""
    if found := find_platform_person(parts):
        return found
    folders = list_folders(parts)
    if folders:
        return Person(tidy(folders[0]))
    # A loose notebook: what its name says beside the notebook's own.
    rest = _without_notebook(stem_of(parts[-1]))
    return Person(tidy(rest)) if rest else None


def find_notebook(file_name: str, names: tuple[str, ...]) -> str | None:
    """Which of the lab's notebooks a file is, by its name: whole, or by the number it begins with ("04_glue_etl-1 (2).ipynb")."""
    plain = fold(stem_of(file_name))
    for name in names:
        if name in plain:
            return name
    found = _NOTEBOOK.search(plain + "_")
    return next((name for name in names if found and name.startswith(f"{found['number']}_")), None)


def build_key(student: str) -> str:
    """A file name for the student: letters, digits and hyphens, the same however the name is accented.

    A name in letters that have no place there (李明) gets a short hash of itself, so that two of them stay two.
    """
    folded = fold(student)
    key = re.sub(r"[^a-z0-9]+", "-", folded.encode("ascii", "ignore").decode("ascii")).strip("-")[:80]
    if any(letter.isalnum() and not letter.isascii() for letter in folded) or not key:
        mark = hashlib.sha256(unicodedata.normalize("NFC", student).encode("utf-8", "replace")).hexdigest()[:6]
        key = f"{key}-{mark}" if key else f"anonimo-{mark}"
    return key


@lru_cache(maxsize=20_000)
def split_words(student: str) -> tuple[str, ...]:
    """The words of a name, folded; in the order they stand."""
    return tuple(re.findall(r"[^\W_]+", fold(student)))


def is_turned(one: str, other: str) -> bool:
    """True when one name is the other with its end put first ("Gil García Ana", "Ana Gil García"): García Gil is somebody else."""
    words, others = split_words(one), split_words(other)
    return len(words) == len(others) and any(words[cut:] + words[:cut] == others for cut in range(max(1, len(words))))


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """Lower case, without accents; letters of other scripts stay."""
    spread = unicodedata.normalize("NFKD", name.translate(_SPELLED))
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).casefold()


def tidy(name: str) -> str:
    """A name as it is shown: composed letters, single blanks, nothing that moves a cursor or turns the line around."""
    spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name).replace("_", " "))
    return "".join(letter for letter in spaced if letter.isprintable()).strip(" -,")


def _is_scaffold(folder: str) -> bool:
    return folder.lower() in _SCAFFOLD or _LAB_NAMES.fullmatch(folder) is not None


def _without_notebook(stem: str) -> str:
    rest = _LAB_NAMES.sub(" ", unicodedata.normalize("NFC", stem))
    rest = _FILLERS.sub(" ", rest.replace("_", " "))
    rest = re.sub(r"^\s*(90|0[0-8])(?=[\s\-_])", " ", rest)
    return re.sub(r"[\s_\-]+", " ", rest).strip(" .,")


def name_of(path: PurePath) -> str:
    """The student that a folder or a zip is called after ("" when its name says nothing)."""
    stem = tidy(path.stem if path.suffix.lower() in (".zip", ".ipynb") else path.name)
    return "" if _is_scaffold(stem) else _without_notebook(stem)
