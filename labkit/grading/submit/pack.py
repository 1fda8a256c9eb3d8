"""The one file that is handed in: the notebooks, and a receipt that intake compares them with."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from labkit.grading.intake.kinds import RECEIPT
from labkit.grading.intake.receipt import Receipt, hash_file
from labkit.grading.submit.inspect import Inspected


def write_submission(path: Path, student: str, seed: str, made: str, notebooks: Sequence[Inspected]) -> Receipt:
    """Write the zip whole or not at all; the notebooks are the student's bytes, under the lab's names."""
    files: Mapping[str, Path] = {f"{one.name}.ipynb": one.path for one in notebooks}
    receipt = Receipt(student, seed, made, {name: hash_file(source) for name, source in files.items()})
    draft = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for name, source in sorted(files.items()):
                archive.write(source, name)
            archive.writestr(RECEIPT, json.dumps(receipt.as_document(), ensure_ascii=False, indent=1) + "\n")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return receipt
