"""Policy documents, read once and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement, its lists normalised: None where the element is absent."""

    effect: str
    sid: str
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principal: Any
    not_principal: Any
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Policy:
    """A parsed policy; `name` is what a decision calls it (an ARN, a name)."""

    name: str
    statements: tuple[Statement, ...]


@lru_cache(maxsize=4096)
def parse_policy(text: str, name: str = "") -> Policy:
    """The policy of a JSON text; ValueError when it is not one."""
    document = json.loads(text)
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return Policy(name, tuple(_statement(one) for one in listed))


def _statement(one: Mapping[str, Any]) -> Statement:
    conditions = {
        operator: {key: _texts(values) or () for key, values in pairs.items()}
        for operator, pairs in (one.get("Condition") or {}).items()
    }
    return Statement(
        effect=str(one.get("Effect", "")),
        sid=str(one.get("Sid", "")),
        actions=_texts(one.get("Action")),
        not_actions=_texts(one.get("NotAction")),
        resources=_texts(one.get("Resource")),
        not_resources=_texts(one.get("NotResource")),
        principal=one.get("Principal"),
        not_principal=one.get("NotPrincipal"),
        conditions=conditions,
    )


def _texts(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    listed = value if isinstance(value, list) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in listed)
