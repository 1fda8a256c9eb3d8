"""Names that only the local cloud gives: a driver's is what its Spark calls itself at the gateway."""

from __future__ import annotations

import uuid

_PREFIX = "driver-"


def new_driver_name() -> str:
    """A name that cannot be guessed: who has it acts as the run's role."""
    return f"{_PREFIX}{uuid.uuid4().hex}"


def is_driver_name(name: str) -> bool:
    """Whether a Hadoop user name is one of a driver."""
    return name.startswith(_PREFIX) and len(name) == len(_PREFIX) + 32
