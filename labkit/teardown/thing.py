"""A resource that exists, and the shelf that it stands on: all of its kind in one account and region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from labkit.aws.session import Clients


@dataclass(frozen=True)
class Thing:
    """`kind` and `name` as the ledger spells them. `created` is None where AWS does not tell."""

    kind: str
    name: str
    created: datetime | None = None
    arn: str = ""


@dataclass(frozen=True)
class Shelf:
    """How one kind is looked at and deleted.

    `list_things` reads all of the account and region. `read_tags` is None for who may not read them. `delete` makes sure that
    the thing is gone, with what cannot be without it; deleting what is gone already is no error. `exists` is asked after it.
    `keeps_date` is false where `created` may also be the date of a later change. `command` is the AWS CLI line for
    a `{name}`, with `{where}` for endpoint or region. An optional kind need not be seen by who never made one.
    """

    kind: str
    list_things: Callable[[Clients], list[Thing]]
    read_tags: Callable[[Clients, Thing], Mapping[str, str] | None]
    delete: Callable[[Clients, Thing], None]
    exists: Callable[[Clients, str], bool]
    command: str
    keeps_date: bool = True
    is_optional: bool = False
