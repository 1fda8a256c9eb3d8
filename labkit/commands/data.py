"""`labkit data`: write a data set like the lab's, of any size."""

from __future__ import annotations

import argparse

from labkit.errors import LabError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings


def generate(options: argparse.Namespace, _settings: Settings) -> int:
    """Write the files and list them with their sizes."""
    from labkit.data.dataset import write_dataset

    out = options.out.expanduser()
    try:
        out.mkdir(parents=True, exist_ok=True)
        paths = write_dataset(out, options.rows, options.seed)
    except OSError as error:
        raise build_lesson(
            LabError, "error.out_unwritable", folder=str(out), reason=error.strerror or str(error)
        ) from error
    for path in paths:
        print(f"{path.stat().st_size / 1e6:10.2f} MB  {path}")
    print(text("data.hint", folder=out))
    return 0
