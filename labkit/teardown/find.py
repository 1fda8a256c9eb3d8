"""Finding what is ours, by read calls only: everything of each kind, its tags, and the ledger beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from labkit.aws.error_codes import DENIED, NOT_OPTED_IN, error_code
from labkit.aws.owned_tags import NotOurs, knows
from labkit.aws.owned_tags import read_tags as find_tags
from labkit.aws.session import Clients
from labkit.settings import Settings
from labkit.steps.ledger import Entry, Ledger
from labkit.steps.shared_groups import KIND as SHARED_KIND
from labkit.steps.shared_groups import list_present_groups
from labkit.steps.tags import build_tags
from labkit.teardown.alike import is_alike, is_lab_name, list_given_roles
from labkit.teardown.belongings import Belongings, Blind, Judged, Part, SharedGroup
from labkit.teardown.order import SHELVES
from labkit.teardown.ownership import CLOCK_SKEW, Verdict, judge
from labkit.teardown.parts import find_parent
from labkit.teardown.shared_logs import count_streams
from labkit.teardown.thing import Shelf, Thing

_AT_ONCE = 8
# Tags cost a call each, and IAM answers some twenty a second: of a bigger account only what could be ours by name is asked.
MOST_UNNAMED = 300
_LAMBDA_LOGS = "/aws/lambda/"


@dataclass(frozen=True)
class _Looked:
    """One kind: what exists, what was judged ours or alike, and what could not be seen."""

    things: tuple[Thing, ...] = ()
    judged: tuple[Judged, ...] = ()
    blind: Blind | None = None
    unread: int = 0
    unreached: Exception | None = None


def make_clients(clients: Clients) -> None:
    """Make every client that a teardown calls with: boto3 makes them in one thread at a time only."""
    for service in ("s3", "iam", "glue", "lambda", "athena", "logs", "budgets"):
        clients.find(service)


def find_belongings(clients: Clients, settings: Settings, ledger: Ledger) -> Belongings:
    """Look at every service. ClientError for what is wrong with the whole account, such as a token that has ended."""
    entries = [entry for entry in ledger.entries() if ledger.is_here(entry)]
    make_clients(clients)
    with ThreadPoolExecutor(_AT_ONCE) as pool, ThreadPoolExecutor(_AT_ONCE) as tags_pool:
        by_kind = dict(
            zip(
                (shelf.kind for shelf in SHELVES),
                pool.map(lambda shelf: _look(clients, settings, shelf, entries, tags_pool.map), SHELVES),
                strict=True,
            )
        )
        unreached = [kind.unreached for kind in by_kind.values() if kind.unreached]
        if len(unreached) == len(by_kind):
            raise unreached[0]
        shared = pool.submit(_look_at_shared, clients, entries)
    by_kind["log-group"] = _judge_logs(by_kind["log-group"], by_kind["lambda-function"], entries)
    return _combine(settings, by_kind, shared.result(), entries)


def _look(
    clients: Clients,
    settings: Settings,
    shelf: Shelf,
    entries: list[Entry],
    each: Callable[[Callable[[Thing], Mapping[str, str] | None], list[Thing]], Iterable[Mapping[str, str] | None]],
) -> _Looked:
    from botocore.exceptions import ClientError
    from botocore.exceptions import ConnectionError as NoConnection

    known = {entry.name: entry for entry in entries if entry.kind == shelf.kind}
    try:
        things = shelf.list_things(clients)
    except NoConnection as error:
        # A region that lacks the service has no such address; without any network nothing at all answers.
        return _Looked(blind=Blind(shelf.kind, str(error), reached=False), unreached=error)
    except ClientError as error:
        if error_code(error) not in DENIED | NOT_OPTED_IN:
            raise
        blind = Blind(shelf.kind, str(error)) if known or not shelf.is_optional else None
        return _look_by_name(clients, settings, shelf, known, blind)
    given = list_given_roles(settings.names) if shelf.kind == "iam-role" else frozenset()
    things = [thing for thing in things if thing.name not in given]
    named = [thing for thing in things if thing.name in known or is_alike(settings.names, thing)]
    others = [thing for thing in things if thing not in named]
    asked = named + others if len(others) <= MOST_UNNAMED else named
    tags = dict(zip(asked, each(lambda thing: shelf.read_tags(clients, thing), asked), strict=True))
    wanted = build_tags(settings)
    verdicts = (
        Judged(thing, judge(thing, known.get(thing.name), tags[thing], wanted, keeps_date=shelf.keeps_date))
        for thing in asked
    )
    return _Looked(tuple(things), tuple(verdicts), unread=len(things) - len(asked))


def _look_by_name(
    clients: Clients, settings: Settings, shelf: Shelf, known: Mapping[str, Entry], blind: Blind | None
) -> _Looked:
    """Who may not list may still ask for one by name; who may not do that either is told that the kind was not seen."""
    from botocore.exceptions import ClientError

    judged = []
    for name, entry in known.items():
        try:
            tags = find_tags(clients, shelf.kind, name) if knows(shelf.kind) else None
            if not shelf.exists(clients, name):
                continue
        except NotOurs:
            continue
        except ClientError as error:
            if error_code(error) not in DENIED:
                raise
            continue
        thing = Thing(shelf.kind, name)
        judged.append(Judged(thing, judge(thing, entry, tags, build_tags(settings), keeps_date=False)))
    return _Looked(tuple(one.thing for one in judged), tuple(judged), blind)


def _judge_logs(groups: _Looked, functions: _Looked, entries: list[Entry]) -> _Looked:
    """A function's log group comes along: Lambda makes it at the first call, and nobody announced it."""
    ours = {one.thing.name: one.verdict for one in functions.judged if one.verdict.ours}
    present = {thing.name for thing in functions.things}
    announced = {entry.name: entry for entry in entries if entry.kind == "lambda-function"}
    return _Looked(
        groups.things,
        tuple(Judged(one.thing, _judge_log(one, ours, present, announced)) for one in groups.judged),
        groups.blind,
        groups.unread,
    )


def _judge_log(one: Judged, ours: Mapping[str, Verdict], present: set[str], announced: Mapping[str, Entry]) -> Verdict:
    name = one.thing.name.removeprefix(_LAMBDA_LOGS)
    if one.verdict.ours or name == one.thing.name or one.verdict.key == "teardown.other.lab":
        return one.verdict
    entry = announced.get(name)
    if name not in ours and (name in present or entry is None or entry.state == "refused"):
        return one.verdict
    created = one.thing.created
    if entry is not None and created is not None and created < datetime.fromisoformat(entry.at) - CLOCK_SKEW:
        facts = {"created": f"{created:%Y-%m-%d %H:%M}", "at": entry.at[:16].replace("T", " ")}
        return Verdict(False, "teardown.other.older", facts)
    return Verdict(True, "teardown.reason.function", {"function": name})


def _look_at_shared(clients: Clients, entries: list[Entry]) -> tuple[SharedGroup, ...] | Blind:
    from botocore.exceptions import ClientError
    from botocore.exceptions import ConnectionError as NoConnection

    noted = {entry.name for entry in entries if entry.kind == SHARED_KIND}
    try:
        present = list_present_groups(clients.logs)
        return tuple(SharedGroup(name, name in noted, count_streams(clients, name)) for name in present)
    except NoConnection as error:
        return Blind(SHARED_KIND, str(error), reached=False)
    except ClientError as error:
        if error_code(error) not in DENIED | NOT_OPTED_IN:
            raise
        return Blind(SHARED_KIND, str(error))


def _combine(
    settings: Settings, looked: Mapping[str, _Looked], shared: tuple[SharedGroup, ...] | Blind, entries: list[Entry]
) -> Belongings:
    judged = [one for kind in looked.values() for one in kind.judged]
    ours = tuple(one for one in judged if one.verdict.ours)
    strangers = tuple(one for one in judged if not one.verdict.ours and _is_shown(settings, one, entries))
    blind = [kind.blind for kind in looked.values() if kind.blind] + ([shared] if isinstance(shared, Blind) else [])
    groups = () if isinstance(shared, Blind) else shared
    owned = {(one.thing.kind, one.thing.name) for one in ours}
    present = {(thing.kind, thing.name) for kind in looked.values() for thing in kind.things}
    present |= {(SHARED_KIND, group.name) for group in groups}
    unseen = {one.kind for one in blind}
    return Belongings(
        ours,
        strangers,
        tuple(_find_parts(entries, owned, present, judged)),
        groups,
        tuple(blind),
        tuple(entry for entry in entries if find_parent(entry) is None and entry.kind not in {*looked, SHARED_KIND}),
        tuple(entry for entry in entries if _is_gone(entry, present, unseen, {*looked, SHARED_KIND})),
        {kind: len(found.things) for kind, found in looked.items()} | {SHARED_KIND: len(groups)},
        {kind: found.unread for kind, found in looked.items() if found.unread},
    )


def _is_shown(settings: Settings, one: Judged, entries: list[Entry]) -> bool:
    """What is not ours is told when the ledger or a name of the lab could make one think so; other labs have theirs in peace."""
    if any((entry.kind, entry.name) == (one.thing.kind, one.thing.name) for entry in entries):
        return True
    is_named = is_lab_name if one.verdict.key == "teardown.other.lab" else is_alike
    return is_named(settings.names, one.thing)


def _find_parts(
    entries: list[Entry], owned: set[tuple[str, str]], present: set[tuple[str, str]], judged: list[Judged]
) -> Iterable[Part]:
    """Parts on what stays. On another lab's resource, or one that was made anew since, there are none of ours."""
    others = {
        (one.thing.kind, one.thing.name)
        for one in judged
        if one.verdict.key in ("teardown.other.lab", "teardown.other.newer")
    }
    for entry in entries:
        parent = find_parent(entry)
        if parent is None or entry.state == "refused" or entry.kind == "s3-bucket-tags":
            continue
        if parent in present and parent not in owned and parent not in others:
            yield Part(entry, parent[1])


def _is_gone(entry: Entry, present: set[tuple[str, str]], unseen: set[str], known: set[str]) -> bool:
    """True for what the ledger names and no list shows; what may not be listed is not known to be gone."""
    place = find_parent(entry) or (entry.kind, entry.name)
    return place[0] in known and place[0] not in unseen and place not in present
