"""The grammar of policies with a Principal (trust policies, bucket policies …), and the words in which AWS refuses a bad one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from labkit.cloud.identity.comparisons import read_date, read_number
from labkit.cloud.identity.conditions import read_operator

_VERSIONS = ("2012-10-17", "2008-10-17")
_TOP = ("Version", "Id", "Statement")
_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_FIELDS = ("Sid", "Effect", "Condition", *(name for pair in _PAIRS for name in pair))
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|arn:aws[\w-]*:iam::\d{12}:(root|(user|role)/[\w+=,.@/-]+)"
    r"|arn:aws[\w-]*:sts::\d{12}:(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+)|A(IDA|ROA)[A-Z0-9]{12,124}"
)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(amazonaws\.com(\.cn)?|aws\.internal|amazon\.com)")
_FEDERATED = re.compile(
    r"\*|cognito-identity\.amazonaws\.com|accounts\.google\.com|graph\.facebook\.com|www\.amazon\.com"
    r"|arn:aws[\w-]*:iam::\d{12}:(saml|oidc)-provider/.+"
)
_CANONICAL = re.compile(r"[0-9a-f]{64}")
_KINDS = {"AWS": _AWS_PRINCIPAL, "Service": _SERVICE, "Federated": _FEDERATED, "CanonicalUser": _CANONICAL}

Statement = Mapping[str, Any]


class PolicyFault(ValueError):
    """What is wrong with a policy, in AWS's words."""


def read_statements(text: str) -> list[Statement]:
    """The statements of a document whose form is right; PolicyFault."""
    if not text.strip().startswith("{"):
        raise PolicyFault("Policies must be valid JSON and the first byte must be '{'")
    try:
        document = json.loads(text, object_pairs_hook=unique_pairs)
    except (ValueError, RecursionError) as error:
        raise PolicyFault("This policy contains invalid Json") from error
    for name in document:
        if name not in _TOP:
            raise PolicyFault(f"Unknown field {name}")
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise PolicyFault("The policy must contain a valid version string")
    if "Statement" not in document:
        raise PolicyFault("Missing required field Statement")
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    if not statements:
        raise PolicyFault("Could not parse the policy: Statement is empty!")
    for statement in statements:
        _check_form(statement)
    return statements


def unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; ValueError when a key stands there twice, of which one would silently be lost."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _check_form(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise PolicyFault("Syntax error in policy.")
    for name in statement:
        if name not in _FIELDS:
            raise PolicyFault(f"Unknown field {name}")
    for one, other in _PAIRS:
        if one in statement and other in statement:
            raise PolicyFault("Syntax error in policy.")
    if not isinstance(statement.get("Sid", ""), str):
        raise PolicyFault("Syntax error in policy.")
    if "Effect" not in statement:
        raise PolicyFault("Missing required field Effect")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise PolicyFault(f"Invalid effect: {statement['Effect']}")
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in statement and not _is_texts(statement[name]):
            raise PolicyFault("Syntax error in policy.")
    _check_conditions(statement.get("Condition", {}))


def _is_texts(value: Any) -> bool:
    listed = value if isinstance(value, list) else [value]
    return all(isinstance(one, str) for one in listed)


def _check_conditions(conditions: Any) -> None:
    if not isinstance(conditions, dict):
        raise PolicyFault("Syntax error in policy.")
    for name, pairs in conditions.items():
        operator = read_operator(name)
        if operator is None:
            raise PolicyFault(f"Invalid Condition type : {name}")
        if not isinstance(pairs, dict):
            raise PolicyFault("Syntax error in policy.")
        for value in pairs.values():
            _check_values(operator.comparison, value if isinstance(value, list) else [value])


def _check_values(comparison: str, values: list[Any]) -> None:
    for value in values:
        if not isinstance(value, (str, bool, int, float)):
            raise PolicyFault("Syntax error in policy.")
        text = str(value)
        if comparison.startswith("Numeric") and read_number(text) is None:
            raise PolicyFault(f"Invalid numeric value {text}")
        if comparison.startswith("Date") and read_date(text) is None:
            raise PolicyFault(f"Invalid date value {text}")


def require_unique_sids(statements: list[Statement], fault: str) -> None:
    """PolicyFault in the given words when two statements have one Sid."""
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if len(set(sids)) != len(sids):
        raise PolicyFault(fault)


def require_principal(element: Any, named: bool, is_known: Callable[[str], bool] | None = None) -> None:
    """PolicyFault unless a Principal's entries can be principals; `is_known` tells whether an ARN or id exists.

    `named` adds the entry to the words, as IAM does and S3 does not.
    """
    if element in ({}, [], "", None):
        raise PolicyFault("Missing required field Principal cannot be empty!")
    for kind, entry in _entries(element):
        expression = _KINDS.get(kind)
        good = expression is not None and isinstance(entry, str) and expression.fullmatch(entry) is not None
        if good and kind == "AWS" and entry != "*" and is_known is not None:
            good = is_known(entry)
        if not good:
            raise PolicyFault("Invalid principal in policy" + (f': "{kind.upper()}":"{entry}"' if named else ""))


def _entries(element: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(element, dict):
        yield "AWS", element
        return
    for kind, entries in element.items():
        listed = entries if isinstance(entries, list) else [entries]
        if not listed:
            raise PolicyFault("Missing required field Principal cannot be empty!")
        yield from ((str(kind), entry) for entry in listed)


def texts_of(statement: Statement, *names: str) -> list[str]:
    """The values of an element, whichever of its two forms stands there."""
    value: Any = next((statement[name] for name in names if name in statement), [])
    return [str(one) for one in (value if isinstance(value, list) else [value])]
