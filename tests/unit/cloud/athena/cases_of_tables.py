"""Cases that are data: a JSON array a line in ``table_cases``, in the order of a test's parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "table_cases"


def table_cases(name: str) -> list[Any]:
    """The cases of one file."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [tuple(one) if isinstance(one, list) else one for one in found]
