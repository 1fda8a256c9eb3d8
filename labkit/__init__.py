"""labkit: a teaching lab for AWS data engineering, with a small and truthful AWS on your own computer.

In a notebook: `lab = labkit.open(4)`, `spark = labkit.spark()`, `labkit.help_me()`.
"""

from __future__ import annotations

from labkit.doors import find_door as __getattr__  # noqa: F401 - Python asks it for what a module lacks
from labkit.doors import list_doors as __dir__  # noqa: F401 - and this one for what it has

__version__ = "0.1.0"
