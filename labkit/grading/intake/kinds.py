"""What a file in a download is, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

SUFFIX = ".ipynb"
RECEIPT = "labkit-entrega.json"
# Found beside notebooks and none of anybody's work.
# Hidden folders are among it: .ipynb_checkpoints, and .labkit with what lab.reset kept.
_NOISE = {"__macosx", "thumbs.db", "desktop.ini", "__pycache__"}
# Browsers save a notebook as what they take it for.
_DOUBLE = (".ipynb.json", ".ipynb.txt")
_PACKED = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zipx")


def is_noise(parts: Sequence[str]) -> bool:
    """True for what an operating system or an editor left there."""
    return any(part.lower() in _NOISE or part.startswith((".", "~$")) for part in parts)


def is_notebook(name: str) -> bool:
    """True for a notebook's file name, also as a browser spells it."""
    return name.lower().endswith((SUFFIX, *_DOUBLE))


def is_zip(name: str) -> bool:
    """True for what is unpacked."""
    return name.lower().endswith(".zip")


def is_packed(name: str) -> bool:
    """True for an archive that is not unpacked."""
    return name.lower().endswith(_PACKED)


def is_wanted(name: str) -> bool:
    """True for what is read at all: notebooks, zips, and the receipt of `labkit submit`."""
    return is_notebook(name) or is_zip(name) or name == RECEIPT


def stem_of(name: str) -> str:
    """The name without the suffix of a notebook ("04_glue_etl.ipynb.txt" → "04_glue_etl")."""
    for double in _DOUBLE:
        if name.lower().endswith(double):
            return name[: -len(double)]
    return PurePath(name).stem
