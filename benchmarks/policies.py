"""How long one question to the policies takes: microseconds of processor time a call, the policies parsed already."""

from __future__ import annotations

import json
import statistics
import time
import timeit
from typing import Any

from benchmarks.measure import Number, median

_ACCOUNT = "123456789012"
_ROUNDS, _CALLS = 30, 200
# What else the machine does meanwhile is not counted.
_TIMER = time.thread_time
# What the issue allows: 1 ms a call.
_BOUND_US = 1000.0


def evaluation() -> list[Number]:
    """An administrator, a Glue role, and a principal with ten policies of fifty statements, ten of which speak of the action."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    known = json.loads(aws_managed_policies_data)
    glue = [_text(known, "AWSGlueServiceRole"), _text(known, "AmazonS3FullAccess")]
    return [
        *_timed("administrator", [_text(known, "AdministratorAccess")], "s3:GetObject"),
        *_timed("role of Glue", glue, "s3:GetObject"),
        *_timed("ten policies of fifty statements", _many(), "s3:GetObject"),
        _first("ten policies of fifty statements, an action not asked about before", _many()),
    ]


def _timed(name: str, texts: list[str], action: str) -> list[Number]:
    from labkit.cloud.identity.evaluate import evaluate

    principal, access, grants = _question(texts, action)
    evaluate(principal, access, grants)
    samples = [
        timeit.timeit(lambda: evaluate(principal, access, grants), timer=_TIMER, number=_CALLS) / _CALLS * 1e6
        for _ in range(_ROUNDS)
    ]
    return [median(f"policies: {name}", samples, "us", _BOUND_US)]


def _first(name: str, texts: list[str]) -> Number:
    """Each call asks about another action, so that nothing of it is remembered."""
    from labkit.cloud.identity.evaluate import evaluate

    samples = []
    for number in range(_ROUNDS):
        principal, access, grants = _question(texts, f"s3:GetObject{number}")
        samples.append(
            timeit.timeit(lambda asked=(principal, access, grants): evaluate(*asked), timer=_TIMER, number=1) * 1e6
        )
    return Number(f"policies: {name}", statistics.median(samples), "us", _BOUND_US, samples)


def _question(texts: list[str], action: str) -> tuple[Any, Any, Any]:
    from labkit.cloud.identity.access import Access
    from labkit.cloud.identity.document import parse_policy
    from labkit.cloud.identity.grants import Grants
    from labkit.cloud.identity.principal import Principal

    arn = f"arn:aws:sts::{_ACCOUNT}:assumed-role/etl/run"
    principal = Principal(
        "role-session", _ACCOUNT, arn, "AROAETL:run", "etl", issuer_arn=f"arn:aws:iam::{_ACCOUNT}:role/etl"
    )
    context = {
        "aws:sourceip": ("127.0.0.1",),
        "aws:principaltag/team": ("blue",),
        "aws:currenttime": ("2026-11-29T12:00:00Z",),
    }
    grants = Grants(tuple(parse_policy(text, f"policy-{number}") for number, text in enumerate(texts)))
    return principal, Access(action, "arn:aws:s3:::lab/team/blue/2026/11/29/part-00000.csv", context), grants


def _text(known: dict[str, Any], name: str) -> str:
    return json.dumps(known[name]["Document"])


def _many() -> list[str]:
    """In each policy one statement of ten speaks of reading S3, with variables, wildcards and conditions."""
    return [
        json.dumps({"Version": "2012-10-17", "Statement": [_statement(p, s) for s in range(50)]}) for p in range(10)
    ]


def _statement(policy: int, number: int) -> dict[str, Any]:
    reads = number % 10 == 0
    return {
        "Sid": f"S{policy}x{number}",
        "Effect": "Allow",
        "Action": ["s3:Get*", "s3:List*"] if reads else [f"service{number}:Get*", f"service{number}:*Item?"],
        "Resource": ["arn:aws:s3:::lab/team/${aws:PrincipalTag/team}/*.csv", f"arn:aws:s3:::other-{policy}-{number}/*"],
        "Condition": {
            "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]},
            "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
        },
    }
