"""The data of one student: the lab's four sources with that student's own numbers in them, so that no answer can be copied."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import tempfile
import unicodedata
from pathlib import Path

from labkit.data.dataset import DEFAULT_ROWS, write_dataset
from labkit.data.dirt import KINDS
from labkit.lab_files import find_lab_file
from labkit.settings import Settings

# Raised when the generator changes: files written by an older one are not the data that a check expects.
_EDITION = 2
_SPREAD_ROWS = 1_500
_DONE = "complete"


def compute_seed(student: str) -> int:
    """The seed of a student's data: the same for the same name however it is typed (case, accents' spelling, blanks)."""
    plain = " ".join(unicodedata.normalize("NFC", student).casefold().split())
    return int.from_bytes(hashlib.sha256(f"labkit:{plain}".encode()).digest()[:4], "big")


def find_data(settings: Settings) -> Path:
    """The folder of the student's four sources, written when it is asked for first; without a student the committed data."""
    if not settings.student:
        return find_lab_file("data")
    seed = compute_seed(settings.student)
    folder = settings.state_dir / "data" / f"{seed}-{_EDITION}"
    if not (folder / _DONE).exists():
        _write(folder, seed)
    return folder


def _write(folder: Path, seed: int) -> None:
    """Write beside and rename: two kernels may ask at once, and half a data set must never be taken for one."""
    rng = random.Random(f"{seed}:student")
    rows = DEFAULT_ROWS + rng.randint(-_SPREAD_ROWS, _SPREAD_ROWS)
    factors = {dirt.name: rng.uniform(0.6, 1.5) for dirt in KINDS}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as work:
        made = Path(work) / "data"
        write_dataset(made, rows, seed, factors=factors)
        # It counts what is wrong in the files: for a student that is the exercise.
        (made / "README.md").unlink()
        (made / _DONE).touch()
        try:
            os.replace(made, folder)
        except OSError:
            if not (folder / _DONE).exists():
                shutil.rmtree(folder, ignore_errors=True)
                os.replace(made, folder)
