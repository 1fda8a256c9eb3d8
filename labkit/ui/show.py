"""Showing an object: as rich output in a notebook, as text anywhere else."""

from __future__ import annotations

import sys
from typing import Any


def show(shown: Any) -> None:
    """Display the object. Outside a notebook its `repr` is printed, and nothing of IPython is loaded."""
    if is_notebook():
        from IPython.display import display

        display(shown)  # type: ignore[no-untyped-call]
    else:
        print(repr(shown), flush=True)


def is_notebook() -> bool:
    """True in a kernel whose front end shows HTML."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
