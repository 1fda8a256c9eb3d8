"""The engines of one cloud, and the routes that lead to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.cloud.app import RestHandler
from labkit.cloud.call import Handler
from labkit.cloud.services import Services


@dataclass(frozen=True)
class Engines:
    """All engines: JSON routes, REST handlers, internal pages, and their life cycle."""

    routes: dict[tuple[str, str], Handler]
    rest: tuple[RestHandler, ...]
    internal: dict[str, Callable[[dict[str, Any]], dict[str, Any]]]
    start: Callable[[], None]
    stop: Callable[[], None]


def build_engines(services: Services) -> Engines:
    """Build every engine on the services."""
    return Engines({}, (), {}, lambda: None, lambda: None)
