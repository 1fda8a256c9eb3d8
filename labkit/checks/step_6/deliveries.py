"""Task 6.3: an event that came again changed no rows, and a function that tells new, repeated and late news apart."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks.context import Answer, Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_6.chain import count_month, find_dropped, find_dropped_key, find_invocations
from labkit.checks.values import MISSING, Function
from labkit.data.s3_events import build_record

FUNCTION = "judge_news"
NEW, REPEATED, LATE = "new", "repeated", "late"


def check_deliveries(context: Context) -> list[Finding]:
    """The function on sequencers made here, and the repeated delivery in the log with the rows after it."""
    value = context.get(FUNCTION)
    if not isinstance(value, Function):
        return [Finding(False, "task_6.news_no_function", {"name": FUNCTION})]
    request = context.get("repeated_request")
    key = find_dropped_key(context)
    _etag, put_ms = find_dropped(context, key)
    cases = build_cases(context.truth.seed)
    answers = context.call(
        FUNCTION, [(last, build_record("bucket", "raw_sales/a.csv", sequencer=now)) for last, now in cases]
    )
    if all(answer.value in (None, MISSING) and not answer.error for answer in answers):
        raise NotAttempted("task_6.news_empty", name=FUNCTION)
    return [
        *_judge_news(cases, answers),
        _judge_request(context, str(request).strip(), key, put_ms),
        _judge_rows(context),
    ]


def build_cases(seed: int) -> list[tuple[str | None, str]]:
    """(sequencer of the last news, sequencer that comes): of one length, and of two."""
    rng = random.Random(f"{seed}:sequencers")  # noqa: S311 - it makes numbers, it guards nothing
    base = rng.randrange(0x1000, 0xEFFF)
    head = f"0055AED6DCD9{base:04X}"
    return [
        (None, head),
        (head, f"0055AED6DCD9{base + 1:04X}"),
        (head, head),
        (f"0055AED6DCD9{base + 1:04X}", head),
        ("00FF00", "010000"),
        ("9A" + "00" * 3, "A0" + "00" * 3),
        # Of different lengths: the shorter one is filled with zeros on its right.
        (head, f"{head}0C"),
        (f"{head}0C", head),
        (f"0055AED6DCD9{base + 1:04X}", f"{head}FF"),
        (head, f"{head}00"),
    ]


def judge(last: str | None, now: str) -> str:
    """What is right, as AWS documents the comparison of sequencers of one key."""
    if last is None:
        return NEW
    digits = max(map(len, (last, now)))
    before, after = (f"{one:0<{digits}}" for one in (last, now))
    return REPEATED if before == after else NEW if after > before else LATE


def _judge_news(cases: Sequence[tuple[str | None, str]], answers: Sequence[Answer]) -> list[Finding]:
    wrong = [
        (case, answer)
        for case, answer in zip(cases, answers, strict=True)
        if answer.error or answer.value != judge(*case)
    ]
    if not wrong:
        return [Finding(True, "task_6.news_right", {"count": len(cases)})]
    (last, now), answer = wrong[0]
    given = answer.error or repr(answer.value)[:80]
    facts = {"last": str(last), "now": now, "given": given, "wrong": len(wrong), "count": len(cases)}
    values = [None if answer.error else answer.value for answer in answers]
    why = next((key for key, belief in _BELIEFS if values == [belief(*case) for case in cases]), "")
    if "TypeError" in answer.error and last is None:
        why = "task_6.misconception.first_news"
    return [Finding(False, "task_6.news_wrong", facts, why)]


def _compare(read: Callable[[str], Any]) -> Callable[[str | None, str], str]:
    def belief(last: str | None, now: str) -> str:
        if last is None:
            return NEW
        before, after = read(last), read(now)
        return REPEATED if before == after else NEW if after > before else LATE

    return belief


_BELIEFS: tuple[tuple[str, Callable[[str | None, str], str]], ...] = (
    ("task_6.misconception.as_number", _compare(lambda text: int(text, 16))),
    ("task_6.misconception.as_text", _compare(str)),
    ("task_6.misconception.only_equal", lambda last, now: REPEATED if last == now else NEW),
    ("task_6.misconception.always_new", lambda _last, _now: NEW),
)


def _judge_request(context: Context, request: str, key: str, put_ms: int) -> Finding:
    """Of the deliveries since the object was put, the first told of it and the others repeat it."""
    invocations = [one for one in find_invocations(context, key) if one.started_ms >= put_ms]
    facts = {"given": request[:50], "count": len(invocations), "key": key, "function": context.names.function}
    if len(invocations) < 2:
        return Finding(False, "task_6.repeat_none", facts)
    if request == invocations[0].request:
        return Finding(False, "task_6.repeat_first", facts, "task_6.misconception.same_request")
    right = any(one.request == request for one in invocations)
    return Finding(right, "task_6.repeat_right" if right else "task_6.request_wrong", facts)


def _judge_rows(context: Context) -> Finding:
    name = context.truth.sales_files[-1].name
    accepted = sum(row["_file"] == name for row in context.truth.accepted)
    stored = count_month(context)
    if stored == accepted:
        # How many they are is asked in task 6.2.
        return Finding(True, "task_6.rows_once", {"file": name})
    why = "task_6.misconception.doubled" if stored > accepted else ""
    return Finding(False, "task_6.rows_stored", {"stored": stored, "file": name}, why)
