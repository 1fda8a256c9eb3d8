"""The request that this thread answers, once the gate has let it in."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.identity.authorizer import Origin
from labkit.cloud.identity.principal import Principal


@dataclass(frozen=True)
class Admission:
    """Who asks, for which operation (botocore's name) with which parameters, and from where.

    `denied` are the ARNs of objects that a DeleteObjects may not delete while it may delete others.
    """

    principal: Principal
    operation: str
    params: Mapping[str, Any]
    origin: Origin
    denied: frozenset[str] = field(default_factory=frozenset)


_thread = threading.local()


def enter(admission: Admission | None) -> None:
    """Set what this thread answers; None when it has answered."""
    _thread.admission = admission


def current_admission() -> Admission | None:
    """The admission of the request that this thread answers; None outside of one."""
    found: Admission | None = getattr(_thread, "admission", None)
    return found


def is_denied_here(resource: str) -> bool:
    """Whether the gate refused this one object of the request."""
    admission = current_admission()
    return admission is not None and resource in admission.denied
