"""Whether a resource policy lets S3 send events of a bucket to the resource."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_S3 = "s3.amazonaws.com"
_LIKE = ("ArnLike", "ArnEquals", "StringLike")


@dataclass(frozen=True)
class Source:
    """Who asks: S3, on behalf of a bucket of an account."""

    bucket: str
    account: str

    @property
    def context(self) -> dict[str, str]:
        """Condition keys in lower case, as they are compared, and their values."""
        return {"aws:sourcearn": f"arn:aws:s3:::{self.bucket}", "aws:sourceaccount": self.account}


def allows(statements: Iterable[Mapping[str, Any]], action: str, resource: str, source: Source) -> bool:
    """True when a statement allows S3 to do `action` on `resource` for the source, and none denies it."""
    effects = {
        str(statement.get("Effect"))
        for statement in statements
        if _applies(statement, action, resource) and _conditions_hold(statement.get("Condition") or {}, source)
    }
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    if not _is_s3(statement.get("Principal")):
        return False
    actions = [pattern.lower() for pattern in _values(statement.get("Action"))]
    if not any(_like(action.lower(), pattern) for pattern in actions):
        return False
    return any(_like(resource, pattern) for pattern in _values(statement.get("Resource", "*")))


def _is_s3(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return _S3 in _values(principal.get("Service", [])) or "*" in _values(principal.get("AWS", []))
    return principal in ("*", _S3)


def _conditions_hold(conditions: Mapping[str, Any], source: Source) -> bool:
    return all(
        _condition_holds(operator, key.lower(), _values(wanted), source.context)
        for operator, pairs in conditions.items()
        for key, wanted in pairs.items()
    )


def _condition_holds(operator: str, key: str, wanted: list[str], context: Mapping[str, str]) -> bool:
    """One condition; an operator or a key that is not known here does not hold, which is the safe side for an Allow."""
    base = operator.removesuffix("IfExists")
    if key not in context:
        return operator.endswith("IfExists")
    value = context[key]
    if base in _LIKE:
        return any(_like(value, pattern) for pattern in wanted)
    if base == "StringEquals":
        return value in wanted
    if base == "StringEqualsIgnoreCase":
        return value.lower() in [text.lower() for text in wanted]
    if base in ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike"):
        return not any(_like(value, pattern) for pattern in wanted)
    return False


def _like(value: str, pattern: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]
