"""Whose is it? The tag and the ledger say so; a name never does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from labkit.steps.ledger import Entry
from labkit.steps.tags import LAB_TAG, STUDENT_TAG, is_own
from labkit.teardown.thing import Thing

# AWS refuses calls of a clock that is more than fifteen minutes off, so that no date of its own can differ by more from the
# ledger's (RequestTimeTooSkewed, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
CLOCK_SKEW = timedelta(minutes=15)


@dataclass(frozen=True)
class Verdict:
    """Ours or not, and why: `key` names a text, `facts` fill it in."""

    ours: bool
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


def judge(
    thing: Thing, entry: Entry | None, tags: Mapping[str, str] | None, wanted: Mapping[str, str], *, keeps_date: bool
) -> Verdict:
    """Decide about one resource that exists. `entry` is the ledger's, None without one; `tags` None when they may not be read.

    Another lab's tag outweighs the ledger: a folder may have come from somebody else's laptop. A resource that is older than
    the ledger's line, or much younger, is another one of the same name. After a kill between call and answer ("calling") one
    of the right age is ours, since it was not there when the plan was made.
    """
    if tags and is_own(tags, wanted):
        return Verdict(True, "teardown.reason.tag", {"tag": f"{LAB_TAG}={tags[LAB_TAG]}"})
    if tags and tags.get(LAB_TAG):
        student = tags.get(STUDENT_TAG, "")
        return Verdict(False, "teardown.other.lab", {"lab": tags[LAB_TAG], "student": student or "-"})
    if entry is None:
        return Verdict(False, "teardown.other.unseen" if tags is None else "teardown.other.name")
    if entry.state == "refused":
        return Verdict(False, "teardown.other.refused", {"at": tell_moment(entry)})
    return _judge_age(thing, entry, keeps_date=keeps_date)


def tell_moment(entry: Entry) -> str:
    """When the ledger's line was written, to the minute, on this computer's clock as `lab.remains()` tells it."""
    return f"{datetime.fromisoformat(entry.at).astimezone():%Y-%m-%d %H:%M}"


def _judge_age(thing: Thing, entry: Entry, *, keeps_date: bool) -> Verdict:
    announced = datetime.fromisoformat(entry.at)
    if thing.created is not None:
        created = thing.created if thing.created.tzinfo else thing.created.replace(tzinfo=timezone.utc)
        facts = {"created": f"{created:%Y-%m-%d %H:%M}", "at": f"{announced:%Y-%m-%d %H:%M}"}
        if created < announced - CLOCK_SKEW:
            return Verdict(False, "teardown.other.older", facts)
        if created > announced + CLOCK_SKEW and keeps_date:
            return Verdict(False, "teardown.other.newer", facts)
    if entry.state == "calling":
        return Verdict(True, "teardown.reason.calling", {"at": tell_moment(entry)})
    return Verdict(True, "teardown.reason.ledger", {"at": tell_moment(entry)})
