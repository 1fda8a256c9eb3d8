"""The order of deletion: nothing goes while something else still needs it, or may still write to it."""

from __future__ import annotations

from labkit.teardown.shelves import (
    buckets,
    budgets,
    classifiers,
    crawlers,
    databases,
    functions,
    jobs,
    log_groups,
    roles,
    workgroups,
)
from labkit.teardown.thing import Shelf

SHELVES: tuple[Shelf, ...] = (
    functions.SHELF,
    jobs.SHELF,
    crawlers.SHELF,
    classifiers.SHELF,
    databases.SHELF,
    workgroups.SHELF,
    roles.SHELF,
    log_groups.SHELF,
    buckets.SHELF,
    budgets.SHELF,
)
BY_KIND = {shelf.kind: shelf for shelf in SHELVES}

# What may go at the same time. The function starts jobs, so it goes first; jobs and crawlers write tables, logs and objects; roles
# outlive whoever takes them on; logs and buckets go last, when nobody is left who writes to them; the alarm watches until then.
STAGES: tuple[tuple[str, ...], ...] = (
    ("lambda-function",),
    ("glue-job", "glue-crawler"),
    ("glue-database", "glue-classifier", "athena-workgroup"),
    ("iam-role",),
    ("log-group", "s3-bucket"),
    ("budget",),
)
