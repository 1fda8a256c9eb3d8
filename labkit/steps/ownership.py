"""Whose a resource is that exists under a name the lab wants: on AWS what is not ours is a conflict and stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from labkit.aws.call import AwsCall
from labkit.aws.owned_tags import NotOurs, knows, read_tags
from labkit.aws.session import Clients, aws_errors
from labkit.errors import UsageError
from labkit.i18n import build_lesson
from labkit.names import is_role_arn
from labkit.steps.lab import Lab
from labkit.steps.ledger import Entry, Ledger
from labkit.steps.tags import LAB_TAG, is_own
from labkit.steps.workgroup import SHARED


@dataclass(frozen=True)
class Wanted:
    """A resource of the lab that could be somebody else's: its step, its kind and name as the ledger spells them."""

    step: int
    kind: str
    name: str


@dataclass(frozen=True)
class Conflict:
    """A wanted resource that is not ours. `why` is "account" (a bucket of another account) or "lab" (nothing says that we made it)."""

    wanted: Wanted
    why: str


def list_wanted(lab: Lab) -> tuple[Wanted, ...]:
    """What the six steps (and the second crawl of a run) make. Given role ARNs and Athena's shared workgroup are nobody's to make."""
    names = lab.names
    roles = [name for name in (names.glue_role, names.lambda_role) if not is_role_arn(name)]
    found = [Wanted(1, "s3-bucket", name) for name in names.lab_bucket_names]
    found += [Wanted(1, "athena-workgroup", names.workgroup)] if names.workgroup != SHARED else []
    found += [Wanted(2, "iam-role", name) for name in roles]
    found += [Wanted(3, "glue-database", names.database), Wanted(3, "glue-crawler", names.raw_crawler)]
    found += [Wanted(4, "glue-job", names.job)]
    found += [Wanted(5, "log-group", f"/aws/lambda/{names.function}")] if lab.log_retention_days else []
    found += [Wanted(5, "lambda-function", names.function), Wanted(7, "glue-crawler", names.processed_crawler)]
    return tuple(found)


def find_conflicts(clients: Clients, lab: Lab, ledger: Ledger) -> tuple[Conflict, ...]:
    """The wanted resources that exist and are not ours, found with reads only. Always none on the local target.

    Ours is what the ledger says was made, and what carries the lab's tag; a call that may or may not have arrived is ours
    unless another lab's tag says otherwise.
    """
    if not clients.target.charges:
        return ()
    entries = {(entry.kind, entry.name): entry for entry in ledger.entries() if ledger.is_here(entry)}
    asked = [one for one in list_wanted(lab) if not _was_made(entries.get((one.kind, one.name)))]
    prepare(clients)
    with aws_errors("labkit plan", clients.target), ThreadPoolExecutor(8) as pool:
        reasons = pool.map(lambda one: _find_reason(clients, lab.tags, one, entries.get((one.kind, one.name))), asked)
        return tuple(Conflict(one, why) for one, why in zip(asked, reasons, strict=True) if why)


def refuse_conflicts(conflicts: Sequence[Conflict]) -> None:
    """UsageError that names every conflict and what to do; nothing when there is none."""
    if conflicts:
        listed = ", ".join(f"{one.wanted.kind} {one.wanted.name}" for one in conflicts)
        raise build_lesson(UsageError, "error.conflicts", names=listed)


def refuse_foreign(clients: Clients, own: Mapping[str, str], ledger: Ledger, wanted: Wanted) -> None:
    """UsageError when one resource that a command wants exists on AWS and is not ours; `own` are the lab's tags."""
    if not clients.target.charges:
        return
    entries = {(entry.kind, entry.name): entry for entry in ledger.entries() if ledger.is_here(entry)}
    entry = entries.get((wanted.kind, wanted.name))
    if _was_made(entry):
        return
    with aws_errors(f"{wanted.kind} {wanted.name}", clients.target):
        why = _find_reason(clients, own, wanted, entry)
    refuse_conflicts([Conflict(wanted, why)] if why else [])


def is_ours(clients: Clients, lab: Lab, call: AwsCall) -> bool:
    """True for what a call was to make and found there already, when it carries the lab's tag or is part of something that does."""
    kind, name = call.kind, call.name
    if not knows(kind):
        return True  # A part of a role, bucket or function that is ours.
    with aws_errors(f"{call.kind} {call.name}", clients.target):
        try:
            tags = read_tags(clients, kind, name)
        except NotOurs:
            return False
    return tags is not None and is_own(tags, lab.tags)


def prepare(clients: Clients) -> None:
    """Make the clients that plans read with: boto3 makes them in one thread at a time only."""
    for service in ("s3", "iam", "glue", "lambda", "athena", "logs"):
        clients.find(service)


def _was_made(entry: Entry | None) -> bool:
    return entry is not None and entry.state == "made"


def _find_reason(clients: Clients, own: Mapping[str, str], wanted: Wanted, entry: Entry | None) -> str:
    try:
        tags = read_tags(clients, wanted.kind, wanted.name)
    except NotOurs:
        return "account"
    if tags is None or is_own(tags, own):
        return ""
    may_be_ours = entry is not None and entry.state == "calling" and not tags.get(LAB_TAG)
    return "" if may_be_ours else "lab"
