"""Deciding once for those that no policy can tell apart comes to the same as deciding for each."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy, parse_policy
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Grants
from labkit.cloud.identity.many import Many, distinct
from labkit.cloud.identity.principal import Principal

ANA = Principal("user", "123456789012", "arn:aws:iam::123456789012:user/ana", "AIDA", "ana")
CONTEXT = {"aws:username": ("ana",), "aws:calledvia": ("athena.amazonaws.com",)}
KEYS = [
    f"{top}/dia={day}/{name}"
    for top in ("ventas", "ventas2", "ana", "${aws:username}")
    for day in range(4)
    for name in "ab"
]
PATTERNS = (
    "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/ventas/*", "arn:aws:s3:::b/ventas*", "arn:aws:s3:::*/dia=1/*", "arn:aws:s3:::b/*/a",
    "arn:aws:s3:::b/ventas/dia=?/a", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::other/*", "arn:aws:s3:::b/${aws:none}/*",
)  # fmt: skip
CONDITIONS: tuple[dict[str, Any], ...] = (
    {}, {}, {}, {"StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, {"StringEquals": {"aws:username": "luz"}},
    {"StringEquals": {"s3:ExistingObjectTag/dia": "1"}}, {"StringNotEquals": {"s3:ExistingObjectTag/dia": "${aws:username}"}},
    {"Null": {"s3:ExistingObjectTag/dia": "true"}},
)  # fmt: skip


def _policy(dice: random.Random, name: str) -> Policy:
    statements = []
    for _ in range(dice.randint(1, 3)):
        statement: dict[str, Any] = {
            "Effect": dice.choice(("Allow", "Allow", "Deny")),
            "Action": dice.choice(("s3:*", "s3:GetObject")),
        }
        statement[dice.choice(("Resource", "Resource", "NotResource"))] = dice.sample(PATTERNS, dice.randint(1, 2))
        condition = dice.choice(CONDITIONS)
        statements.append({**statement, **({"Condition": condition} if condition else {})})
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), name)


def _grants(dice: random.Random) -> Grants:
    return Grants(
        identity=tuple(_policy(dice, f"p{number}") for number in range(dice.randint(1, 3))),
        boundary=_policy(dice, "boundary") if dice.random() < 0.3 else None,
        session=(_policy(dice, "session"),) if dice.random() < 0.3 else None,
    )


def _access(key: str) -> Access:
    tags = {"s3:existingobjecttag/dia": (key.split("=")[1][0],)} if key.endswith("a") else {}
    return Access("s3:GetObject", f"arn:aws:s3:::b/{key}", tags)


MANY = Many(KEYS, lambda key: f"arn:aws:s3:::b/{key}", _access, ("s3:existingobjecttag/",))


@pytest.mark.parametrize("seed", range(300))
def test_the_first_refusal_is_that_of_deciding_for_each(seed: int) -> None:
    grants = _grants(random.Random(seed))

    def refused(key: str) -> bool:
        access = _access(key)
        return not evaluate(ANA, replace(access, context={**CONTEXT, **access.context}), grants).allowed

    kinds = distinct(MANY, grants, lambda name: CONTEXT.get(name, ()))
    assert [key for key in KEYS if key in set(kinds)] == list(kinds)
    assert next(filter(refused, kinds), None) == next(filter(refused, KEYS), None)


def test_what_no_pattern_tells_apart_is_decided_once() -> None:
    def kinds(*patterns: str) -> int:
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": list(patterns)}
        grants = Grants(identity=(parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement]})),))
        return len(distinct(MANY, grants, lambda name: CONTEXT.get(name, ())))

    assert kinds("*") == 1
    assert kinds("arn:aws:s3:::b/*") == 1
    assert kinds("arn:aws:s3:::b/ventas/*") == 2
    assert kinds("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ventas/*") == 3
