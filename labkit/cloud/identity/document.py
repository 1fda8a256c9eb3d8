"""Policy documents, read once and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from labkit.cloud.identity.conditions import Test, read_tests
from labkit.cloud.identity.matching import Matcher, is_like, resource_like
from labkit.cloud.identity.variables import Template, prepare, read_template

# Actions whose statements a policy remembers; requests know some hundreds.
_REMEMBERED = 1024


@dataclass(frozen=True)
class Statement:
    """One statement, its lists normalised: None where the element is absent. `number` counts from 1.

    `resource_tests` (of Resource or NotResource) and `tests` (of Condition) are what evaluation looks at.
    """

    effect: str
    sid: str
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principal: Any
    not_principal: Any
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]]
    number: int = 1
    resource_tests: tuple[Matcher | Template, ...] = ()
    tests: tuple[Test, ...] = ()

    @property
    def label(self) -> str:
        """What a decision calls the statement: its Sid, or its number."""
        return self.sid or str(self.number)

    def covers_action(self, action: str) -> bool:
        """Whether Action or NotAction covers an action, given in lower case."""
        if self.actions is not None:
            return any(is_like(action, one) for one in self.actions)
        return self.not_actions is not None and not any(is_like(action, one) for one in self.not_actions)


@dataclass(frozen=True)
class Policy:
    """A parsed policy; `name` is what a decision calls it (an ARN, a name), `text` the document it was read from."""

    name: str
    statements: tuple[Statement, ...]
    text: str = field(default="", repr=False)
    _by_action: dict[str, tuple[Statement, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def about(self, action: str) -> tuple[Statement, ...]:
        """The statements whose Action or NotAction covers an action, given in lower case."""
        found = self._by_action.get(action)
        if found is None:
            found = tuple(one for one in self.statements if one.covers_action(action))
            if len(self._by_action) >= _REMEMBERED:
                self._by_action.clear()
            self._by_action[action] = found
        return found


@lru_cache(maxsize=1024)
def parse_policy(text: str, name: str = "") -> Policy:
    """The policy of a JSON text; ValueError when it is not one."""
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ValueError("a policy is not nested that deep") from error
    if not isinstance(document, dict):
        raise ValueError("a policy is a JSON object")  # noqa: TRY004 - callers catch what json raises too
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    # Before 2012-10-17 a policy had no variables: `${aws:username}` is a text like any other.
    variables = document.get("Version") == "2012-10-17"
    return Policy(name, tuple(_statement(one, number, variables) for number, one in enumerate(listed, 1)), text)


def _statement(one: Any, number: int, variables: bool) -> Statement:
    if not isinstance(one, dict):
        raise ValueError("a statement is a JSON object")  # noqa: TRY004
    conditions = _conditions(one.get("Condition"))
    resources, not_resources = _texts(one.get("Resource")), _texts(one.get("NotResource"))
    patterns = resources if resources is not None else not_resources or ()
    return Statement(
        effect=str(one.get("Effect", "")),
        sid=str(one.get("Sid", "")),
        actions=_lower(_texts(one.get("Action"))),
        not_actions=_lower(_texts(one.get("NotAction"))),
        resources=resources,
        not_resources=not_resources,
        principal=one.get("Principal"),
        not_principal=one.get("NotPrincipal"),
        conditions=conditions,
        number=number,
        resource_tests=prepare([read_template(one) if variables else one for one in patterns], resource_like),
        tests=read_tests(conditions, variables),
    )


def _conditions(value: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(pairs, dict) for pairs in value.values()):
        raise ValueError("a Condition is an object of operators, each an object of keys")
    return {operator: {key: _texts(values) or () for key, values in pairs.items()} for operator, pairs in value.items()}


def _lower(texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if texts is None else tuple(text.lower() for text in texts)


def _texts(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    listed = value if isinstance(value, list) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in listed)
