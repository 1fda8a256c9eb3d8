"""Whose is it: tag, ledger and age, never the name."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from labkit.steps.ledger import Entry
from labkit.teardown.ownership import judge
from labkit.teardown.thing import Thing

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=timezone.utc)
OURS = {"labkit:lab": "bsg-us-east-1-abc123"}


def entry(state: str = "made") -> Entry:
    return Entry("123456789012", "us-east-1", "aws", 1, "glue-job", "bsg-glue-etl-job", state, NOON.isoformat())


def decide(
    *, tags: dict[str, str] | None, known: Entry | None, minutes: int | None = 0, keeps_date: bool = True
) -> tuple[bool, str]:
    created = None if minutes is None else NOON + timedelta(minutes=minutes)
    verdict = judge(Thing("glue-job", "bsg-glue-etl-job", created), known, tags, OURS, keeps_date=keeps_date)
    return verdict.ours, verdict.key.rpartition(".")[2]


@pytest.mark.parametrize(
    ("tags", "known", "minutes", "told"),
    [
        (OURS, None, 0, (True, "tag")),
        (OURS, entry("refused"), -9999, (True, "tag")),
        ({}, None, 0, (False, "name")),
        (None, None, 0, (False, "unseen")),
        ({}, entry(), 0, (True, "ledger")),
        (None, entry(), 0, (True, "ledger")),
        ({"owner": "ops"}, entry(), None, (True, "ledger")),
        ({}, entry("calling"), 1, (True, "calling")),
        ({}, entry("calling"), None, (True, "calling")),
        ({}, entry("refused"), 0, (False, "refused")),
        ({"labkit:lab": "bsg-us-east-1-def456"}, entry(), 0, (False, "lab")),
        # A longer id that begins like ours, and ours without the student: both are other labs.
        ({"labkit:lab": "bsg-us-east-1-abc1234"}, entry(), 0, (False, "lab")),
        ({"labkit:lab": "bsg-us-east-1"}, None, 0, (False, "lab")),
        ({"labkit:lab": ""}, None, 0, (False, "name")),
        # Clocks may differ by a quarter of an hour; more is another resource of the same name.
        ({}, entry(), -14, (True, "ledger")),
        ({}, entry(), -16, (False, "older")),
        ({}, entry("calling"), -16, (False, "older")),
        ({}, entry(), 16, (False, "newer")),
    ],
)
def test_tag_and_ledger_decide(
    tags: dict[str, str] | None, known: Entry | None, minutes: int | None, told: tuple[bool, str]
) -> None:
    assert decide(tags=tags, known=known, minutes=minutes) == told


def test_a_date_that_later_changes_move_says_nothing_about_a_new_one() -> None:
    assert decide(tags={}, known=entry(), minutes=9999, keeps_date=False) == (True, "ledger")
    assert decide(tags={}, known=entry(), minutes=-9999, keeps_date=False) == (False, "older")
