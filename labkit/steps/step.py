"""The six steps in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labkit.aws.call import AwsCall
from labkit.aws.session import Clients
from labkit.steps import buckets, crawl, function, job, roles, trigger
from labkit.steps.lab import Lab


@dataclass(frozen=True)
class Step:
    """One step: `key` names its texts in the catalogue, `plan` reads AWS and returns the calls that are still missing."""

    number: int
    key: str
    plan: Callable[[Clients, Lab], list[AwsCall]]


STEPS = (
    Step(1, "buckets", buckets.plan),
    Step(2, "roles", roles.plan),
    Step(3, "crawl", crawl.plan),
    Step(4, "job", job.plan),
    Step(5, "function", function.plan),
    Step(6, "trigger", trigger.plan),
)
