"""What goes along with what is ours: tables, folders, saved queries, and what others have come to lean on.

The lab deletes what it made with all that it holds, and students put things of their own there: each is named before the yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from labkit.aws.session import Clients, error_code
from labkit.teardown.absent import is_missing
from labkit.teardown.belongings import Belongings
from labkit.teardown.thing import Thing

# Enough to recognise a table or a folder by; the rest is counted.
MOST_NAMED = 12


@dataclass(frozen=True)
class Contents:
    """What one of our resources holds, or who uses it without being ours. `unseen` is AWS's code where nobody may look."""

    kind: str
    name: str
    holds: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    unseen: str = ""


@dataclass(frozen=True)
class User:
    """Kind and name of what runs with a role, and the role's name or ARN."""

    thing: tuple[str, str]
    role: str


Users = Callable[[], tuple[User, ...]]


def find_contents(clients: Clients, found: Belongings) -> tuple[Contents, ...]:
    """Look into every holder of ours, with reads only; what is empty and used by nobody else is left out."""
    from botocore.exceptions import BotoCoreError, ClientError

    owned = {(one.thing.kind, one.thing.name) for one in found.ours}
    users = cache(lambda: tuple(user for user in _list_users(clients) if user.thing not in owned))
    told = []
    for one in found.ours:
        look = _LOOKS.get(one.thing.kind)
        if look is None:
            continue
        try:
            told.append(look(clients, one.thing, users))
        except (ClientError, BotoCoreError) as error:
            # What cannot be looked into keeps nobody from deleting what costs.
            if not is_missing(error):
                told.append(Contents(one.thing.kind, one.thing.name, unseen=error_code(error) or type(error).__name__))
    return tuple(one for one in told if one.holds or one.used_by or one.unseen)


def _look_into_bucket(clients: Clients, thing: Thing, _users: Users) -> Contents:
    """The folders and objects at the top: one call, however much there is."""
    page = clients.s3.list_objects_v2(Bucket=thing.name, Delimiter="/")
    folders = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
    return Contents(thing.kind, thing.name, (*folders, *(item["Key"] for item in page.get("Contents", []))))


def _look_into_database(clients: Clients, thing: Thing, _users: Users) -> Contents:
    pages = clients.glue.get_paginator("get_tables").paginate(DatabaseName=thing.name)
    return Contents(thing.kind, thing.name, tuple(table["Name"] for page in pages for table in page["TableList"]))


def _look_into_workgroup(clients: Clients, thing: Thing, _users: Users) -> Contents:
    ids = clients.athena.list_named_queries(WorkGroup=thing.name, MaxResults=50)["NamedQueryIds"]
    queries = clients.athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"] if ids else []
    return Contents(thing.kind, thing.name, tuple(query["Name"] for query in queries))


def _look_at_role(_clients: Clients, thing: Thing, users: Users) -> Contents:
    """Functions, jobs and crawlers that run with our role and are not ours: without it they stop working."""
    names = (f"{user.thing[0]} {user.thing[1]}" for user in users() if user.role.rpartition("/")[2] == thing.name)
    return Contents(thing.kind, thing.name, used_by=tuple(names))


def _list_users(clients: Clients) -> Iterator[User]:
    for page in clients.lambda_.get_paginator("list_functions").paginate():
        yield from (User(("lambda-function", item["FunctionName"]), item["Role"]) for item in page["Functions"])
    for jobs in clients.glue.get_paginator("get_jobs").paginate():
        yield from (User(("glue-job", item["Name"]), item.get("Role", "")) for item in jobs["Jobs"])
    for crawlers in clients.glue.get_paginator("get_crawlers").paginate():
        yield from (User(("glue-crawler", item["Name"]), item.get("Role", "")) for item in crawlers["Crawlers"])


_LOOKS: dict[str, Callable[[Clients, Thing, Users], Contents]] = {
    "s3-bucket": _look_into_bucket,
    "glue-database": _look_into_database,
    "athena-workgroup": _look_into_workgroup,
    "iam-role": _look_at_role,
}
