"""The record of spending: what AWS remembers of runs, crawls, queries and invocations goes with the resources, so it is written down.

One JSON file in the state folder: {"version": 1, "places": {"<target>/<account>/<region>": Place}}. Only quantities are kept; what
they cost is reckoned when they are shown, by labkit/ui/cost_meter.py.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from labkit.aws.session import Clients, aws_errors
from labkit.aws.usage import Usage, read_usage
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.settings import Settings, Target
from labkit.spending.past import build_past, describe, merge
from labkit.spending.scope import build_scope
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger, alone, name_place

FILE_NAME = "spending.json"
VERSION = 1


def record_spending(clients: Clients, lab: Lab, settings: Settings) -> Usage:
    """Read what was used, add it to the record, and return all of it: what exists now and what was used by what is gone.

    On AWS only the lab's own resources count; the local cloud is one student's. Doing it twice adds nothing.
    Errors: AwsCallError for what may not be read, LabError for a record that cannot be read or written.
    """
    scope = build_scope(lab, Ledger(settings.state_dir, settings.target)) if settings.target.charges else None
    with aws_errors("glue, athena, logs, s3", clients.target):
        now = read_usage(clients, scope)
    requests = dict(clients.s3_requests)
    clients.s3_requests.clear()
    path = settings.state_dir / FILE_NAME
    with alone(settings.state_dir, "spending.lock"):
        document = _read(path)
        place = _name(settings.target)
        merged = merge(document["places"].get(place, {}), describe(now, requests))
        document["places"][place] = merged
        _write(path, document)
    past = build_past(merged)
    return replace(past, buckets=now.buckets)


def record_requests(clients: Clients, settings: Settings) -> None:
    """Add only the S3 requests that this process made; no call to AWS."""
    requests = dict(clients.s3_requests)
    clients.s3_requests.clear()
    if not requests:
        return
    path = settings.state_dir / FILE_NAME
    with alone(settings.state_dir, "spending.lock"):
        document = _read(path)
        place = _name(settings.target)
        document["places"][place] = merge(document["places"].get(place, {}), {"s3_requests": requests})
        _write(path, document)


def read_record(settings: Settings) -> Usage:
    """What was written down for this target, account and region; without asking AWS, so without the buckets of now."""
    return build_past(_read(settings.state_dir / FILE_NAME)["places"].get(_name(settings.target), {}))


def _name(target: Target) -> str:
    return f"{name_place(target)}/{target.account}/{target.region}"


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"version": VERSION, "places": {}}
    try:
        document = dict(json.loads(path.read_text(encoding="utf-8")))
        document["places"] = dict(document["places"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise build_lesson(LabError, "error.spending_broken", file=str(path), reason=str(error)) from error
    return document


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".spending-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1, ensure_ascii=False)
        os.replace(temporary, path)
    except OSError as error:
        raise build_lesson(LabError, "error.spending_broken", file=str(path), reason=str(error)) from error
