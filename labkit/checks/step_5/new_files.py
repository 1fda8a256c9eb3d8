"""Task 5.2: the student's `new_files(event)`, called on events that are made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import unquote, unquote_plus

from labkit.checks.context import Answer, Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_5.sample_events import Event, Trait, build_traits, find_new_files
from labkit.checks.values import MISSING, Function

FUNCTION = "new_files"


def check_new_files(context: Context) -> list[Finding]:
    """Ask the function about every event; one finding a trait, with the first event that it got wrong."""
    value = context.get(FUNCTION)
    if not isinstance(value, Function):
        return [Finding(False, "task_5.no_function", {"name": FUNCTION})]
    traits = build_traits(context.truth.seed)
    given = context.call(FUNCTION, [(event,) for trait in traits for event in trait.events])
    if all(answer.value in (None, MISSING) and not answer.error for answer in given):
        raise NotAttempted("task_5.new_files_empty", name=FUNCTION)
    belief = find_belief([event for trait in traits for event in trait.events], given)
    answers = iter(given)
    return [_judge(trait, [next(answers) for _ in trait.events], belief) for trait in traits]


def find_belief(events: Sequence[Event], answers: Sequence[Answer]) -> str:
    """The one misconception that explains every answer ("" when none does): one event alone often looks like several."""
    for key, wrong in _BELIEFS:
        if all(_agrees(answer, wrong(event)) for event, answer in zip(events, answers, strict=True)):
            return key
    return ""


def _judge(trait: Trait, answers: Sequence[Answer], belief: str) -> Finding:
    for event, answer in zip(trait.events, answers, strict=True):
        if not _agrees(answer, find_new_files(event)):
            facts = {"trait_event": show_event(event), "given": show_answer(answer)}
            return Finding(False, trait.wrong, facts, belief or explain(answer, event))
    return Finding(True, trait.right, {"count": len(answers)})


def _agrees(answer: Answer, expected: Sequence[str]) -> bool:
    given = answer.value
    if answer.error or not isinstance(given, (list, tuple, set)):
        return False
    # The order is of no use to anybody; a file twice is.
    return all(isinstance(item, str) for item in given) and sorted(given) == sorted(expected)


def show_event(event: Event) -> str:
    """An event by what matters of it: name and key of each record."""
    if "Records" not in event:
        return "{" + ", ".join(event) + "}"
    parts = [
        f"{record['eventName']} {record['s3']['object']['key']}" if "s3" in record else str(record.get("eventSource"))
        for record in event["Records"]
    ]
    return "Records: [" + " | ".join(parts) + "]"


def show_answer(answer: Answer) -> str:
    """A function's answer in at most one line."""
    said = answer.error or repr(answer.value)
    return said if len(said) <= 160 else said[:159] + "…"


def explain(answer: Answer, event: Event) -> str:
    """The misconception that a wrong answer looks like ("" when it looks like none)."""
    if answer.error:
        return next((key for sign, key in _ERRORS if sign in answer.error), "")
    if not isinstance(answer.value, (list, tuple, set)):
        return "task_5.misconception.no_list"
    given = sorted(str(item) for item in answer.value)
    for key, wrong in _BELIEFS:
        if given == sorted(wrong(event)):
            return key
    expected = find_new_files(event)
    if sorted(f"s3://{item}" for item in given) == sorted(expected) or all(
        "://" not in item for item in given if given
    ):
        return "task_5.misconception.no_bucket" if given else ""
    return ""


def _variant(
    decode: Callable[[str], str] = unquote_plus,
    ends: Callable[[str], bool] = lambda key: key.lower().endswith(".csv"),
    first: int | None = None,
    happened: tuple[str, ...] = ("ObjectCreated:",),
    once: bool = True,
) -> Callable[[Event], list[str]]:
    """`find_new_files` with one belief in it."""

    def find(event: Event) -> list[str]:
        found = []
        for record in [item for item in event.get("Records", [])[:first] if "s3" in item]:
            stored = record["s3"]
            key = decode(stored["object"]["key"])
            if record["eventName"].startswith(happened) and ends(key):
                found.append(f"s3://{stored['bucket']['name']}/{key}")
        return [*dict.fromkeys(found)] if once else found

    return find


_ERRORS = (
    ("KeyError: 'Records'", "task_5.misconception.no_records"),
    ("IndexError", "task_5.misconception.no_records"),
    ("KeyError: 's3'", "task_5.misconception.no_s3"),
)
_BELIEFS: tuple[tuple[str, Callable[[Event], list[str]]], ...] = (
    ("task_5.misconception.encoded", _variant(decode=lambda key: key)),
    ("task_5.misconception.plus", _variant(decode=unquote)),
    ("task_5.misconception.decoded_twice", _variant(decode=lambda key: unquote_plus(unquote_plus(key)))),
    ("task_5.misconception.second_record", _variant(first=1)),
    ("task_5.misconception.capitals", _variant(ends=lambda key: key.endswith(".csv"))),
    ("task_5.misconception.suffix", _variant(ends=lambda key: ".csv" in key.lower())),
    ("task_5.misconception.suffix", _variant(ends=lambda key: key.lower().endswith("csv"))),
    ("task_5.misconception.no_csv", _variant(ends=lambda _key: True)),
    ("task_5.misconception.removed", _variant(happened=("Object",))),
    ("task_5.misconception.removed", _variant(happened=("ObjectCreated:", "ObjectRemoved:"))),
    ("task_5.misconception.only_put", _variant(happened=("ObjectCreated:Put",))),
    ("task_5.misconception.twice", _variant(once=False)),
)
