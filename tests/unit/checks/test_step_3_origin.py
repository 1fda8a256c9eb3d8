"""A table that was changed in the second of its crawl shows it by its version."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.checks.step_3 import origin

AT = datetime(2026, 11, 29, 12, 0, 0, tzinfo=timezone.utc)
CRAWL = SimpleNamespace(started_on=AT, ended_on=AT + timedelta(seconds=0.4))
LATER = SimpleNamespace(started_on=AT + timedelta(seconds=60), ended_on=AT + timedelta(seconds=61))


@pytest.mark.parametrize(
    ("version", "updated", "key"),
    [
        ("0", AT, "task_3.origin.crawler"),
        ("1", AT, "task_3.origin.changed"),
        ("1", LATER.started_on, "task_3.origin.crawler"),
        ("1", AT + timedelta(seconds=30), "task_3.origin.changed"),
    ],
)
def test_only_a_crawl_may_have_changed_the_table(
    monkeypatch: pytest.MonkeyPatch, version: str, updated: datetime, key: str
) -> None:
    monkeypatch.setattr(origin, "list_crawls", lambda *_given: [CRAWL, LATER])
    context: Any = SimpleNamespace(clients=SimpleNamespace(glue=None))
    table = {
        "Name": "raw_sales",
        "CreatedBy": "arn:aws:sts::123456789012:assumed-role/bsg-glue-role/AWS-Crawler",
        "Parameters": {"UPDATED_BY_CRAWLER": "bsg-raw-crawler"},
        "CreateTime": AT,
        "UpdateTime": updated,
        "VersionId": version,
    }
    assert origin.judge_origin(context, table).key == key
