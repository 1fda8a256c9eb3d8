"""`python -m labkit.ui.parity FOLDER`: write the pages of the table, `make notebooks` does so for docs/."""

from __future__ import annotations

import sys
from pathlib import Path

from labkit.ui.parity.page import PAGES, render_page


def main(folder: Path) -> int:
    """Write a page a language."""
    for language, name in PAGES.items():
        (folder / name).write_text(render_page(language), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
