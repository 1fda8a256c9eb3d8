"""What teardown does, as data: each deletion with its reason, in stages whose tasks do not need one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from labkit.aws.error_codes import DENIED, error_code
from labkit.aws.session import Clients
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.steps.ledger import Entry
from labkit.steps.shared_groups import KIND as SHARED_KIND
from labkit.teardown.absent import unless_missing
from labkit.teardown.belongings import Belongings, Judged, Part
from labkit.teardown.order import BY_KIND, STAGES
from labkit.teardown.ownership import Verdict, tell_moment
from labkit.teardown.pace import Pace
from labkit.teardown.parts import find_parent, is_our_rule, remove_part, take_rules_out
from labkit.teardown.shared_logs import count_streams
from labkit.teardown.stopping import stop_crawler, stop_job, stop_queries

_LAMBDA_LOGS = "/aws/lambda/"
_PARTS_STAGE = "iam-role"
# After an accepted deletion AWS may show the thing for some seconds more.
_SEEN_GONE = Pace(patience_s=20.0, longest_s=2.0)


@dataclass(frozen=True)
class Task:
    """One thing to do. `act` gives back what there is to tell ("" when it did what its name says, None when nothing was to do).

    `is_sure` is false for what only the act itself finds out: whether something runs, or a rule is there.
    """

    kind: str
    name: str
    reason: Verdict
    act: Callable[[Clients], str | None]
    forgets: Callable[[Entry], bool] = field(compare=False, default=lambda _entry: False)
    is_sure: bool = True


def build_stages(belongings: Belongings, pace: Pace) -> list[list[Task]]:
    """Every task in its stage."""
    return [*build_stops(belongings, pace), *build_deletions(belongings)]


def build_stops(belongings: Belongings, pace: Pace) -> list[list[Task]]:
    """First the rules that start something, then what runs."""
    rules = [_build_part(part) for part in belongings.parts if _is_rule(part)]
    stages = [rules + list(_build_rules(belongings)), list(_build_stops(belongings, pace))]
    return [stage for stage in stages if stage]


def build_deletions(belongings: Belongings) -> list[list[Task]]:
    """What is there, kind after kind, and the shared groups at last."""
    stages = []
    for kinds in STAGES:
        tasks = [
            _build_deletion(one, belongings) for kind in kinds for one in belongings.ours if one.thing.kind == kind
        ]
        if _PARTS_STAGE in kinds:
            tasks += [_build_part(part) for part in belongings.parts if not _is_rule(part)]
        stages.append(tasks)
    stages.append([_build_shared(group.name) for group in belongings.shared if group.goes])
    return [stage for stage in stages if stage]


def _is_rule(part: Part) -> bool:
    return part.entry.kind == "s3-notification"


def _build_stops(belongings: Belongings, pace: Pace) -> Iterator[Task]:
    stops: dict[str, Callable[[Clients, str], str | None]] = {
        "glue-job": lambda clients, name: ", ".join(stop_job(clients, name, pace)) or None,
        "glue-crawler": lambda clients, name: name if stop_crawler(clients, name, pace) else None,
        "athena-workgroup": lambda clients, name: ", ".join(stop_queries(clients, name, pace)) or None,
    }
    kinds = {"glue-job": "glue-run", "glue-crawler": "glue-crawl", "athena-workgroup": "athena-query"}
    for one in belongings.ours:
        stop = stops.get(one.thing.kind)
        if stop is not None:
            yield Task(
                kinds[one.thing.kind], one.thing.name, one.verdict, partial(_call, stop, one.thing.name), is_sure=False
            )


def _build_rules(belongings: Belongings) -> Iterator[Task]:
    """Step 6's rule on our buckets, and on those that bear our names: without its function it would lead nowhere."""
    functions = {one.thing.name for one in belongings.ours if one.thing.kind == "lambda-function"}
    if not functions:
        return
    verdict = Verdict(True, "teardown.reason.rule")
    for one in (*belongings.ours, *belongings.strangers):
        if one.thing.kind == "s3-bucket":
            name = one.thing.name
            yield Task("s3-notification", name, verdict, partial(_take_rules_out, name, functions), is_sure=False)


def _take_rules_out(bucket: str, functions: set[str], clients: Clients) -> str | None:
    """None too where the bucket lets nobody look: without its function the rule starts nothing."""
    from botocore.exceptions import ClientError

    try:
        taken = take_rules_out(clients, bucket, lambda item: is_our_rule(item, functions))
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        return None
    return ", ".join(taken) or None


def _call(stop: Callable[[Clients, str], str | None], name: str, clients: Clients) -> str | None:
    return stop(clients, name)


def _build_deletion(one: Judged, belongings: Belongings) -> Task:
    place = (one.thing.kind, one.thing.name)
    places = {place}
    if one.thing.kind == "log-group":
        # The function's line in the ledger stays until its lines of log are gone too: only it tells whose they are.
        places.add(("lambda-function", one.thing.name.removeprefix(_LAMBDA_LOGS)))
    if one.thing.kind == "lambda-function":
        has_logs = any(other.thing.name == f"{_LAMBDA_LOGS}{one.thing.name}" for other in belongings.ours)
        places = set() if has_logs else places
    return Task(*place, one.verdict, partial(_delete, one), lambda entry: _stands_for(entry, places))


def _stands_for(entry: Entry, places: set[tuple[str, str]]) -> bool:
    return (entry.kind, entry.name) in places or find_parent(entry) in places


def _delete(one: Judged, clients: Clients) -> str:
    shelf, name = BY_KIND[one.thing.kind], one.thing.name
    shelf.delete(clients, one.thing)
    if not _SEEN_GONE.wait(lambda: not shelf.exists(clients, name)):
        raise build_lesson(LabError, "error.teardown.still_there", kind=one.thing.kind, name=name)
    return ""


def _build_part(part: Part) -> Task:
    verdict = Verdict(True, "teardown.reason.part", {"parent": part.parent, "at": tell_moment(part.entry)})

    def act(clients: Clients) -> str:
        remove_part(clients, part.entry)
        return ""

    return Task(part.entry.kind, part.entry.name, verdict, act, lambda entry: entry.identity == part.entry.identity)


def _build_shared(name: str) -> Task:
    def act(clients: Clients) -> str | None:
        if count_streams(clients, name):
            return None  # Others write to it by now.
        unless_missing(clients.logs.delete_log_group, logGroupName=name)
        return ""

    verdict = Verdict(True, "teardown.reason.shared")
    return Task(SHARED_KIND, name, verdict, act)
