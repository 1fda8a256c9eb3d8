"""A teardown in words, and as a JSON document: what is ours, how each deletion ended, and what was seen afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from labkit.errors import LabError
from labkit.i18n import find_text, text
from labkit.settings import Settings
from labkit.steps.ledger import Entry
from labkit.teardown.belongings import Belongings, Blind, Judged
from labkit.teardown.contents import MOST_NAMED, Contents
from labkit.teardown.order import BY_KIND
from labkit.teardown.pace import Pace
from labkit.teardown.tasks import build_stages
from labkit.teardown.teardown import DONE, FAILED, NOT_TRIED, STOPPED, Outcome, Report

_KINDS = {
    "s3-bucket": "teardown.kind.s3-bucket",
    "iam-role": "teardown.kind.iam-role",
    "glue-database": "teardown.kind.glue-database",
    "glue-crawler": "teardown.kind.glue-crawler",
    "glue-classifier": "teardown.kind.glue-classifier",
    "glue-job": "teardown.kind.glue-job",
    "lambda-function": "teardown.kind.lambda-function",
    "athena-workgroup": "teardown.kind.athena-workgroup",
    "log-group": "teardown.kind.log-group",
    "shared-log-group": "teardown.kind.shared-log-group",
    "budget": "teardown.kind.budget",
}
_STATES = {
    DONE: "teardown.deleted",
    STOPPED: "teardown.stopped",
    FAILED: "teardown.failed",
    NOT_TRIED: "teardown.not_tried",
}
_HOLDERS = ("s3-bucket", "glue-database")


def render_plan(settings: Settings, found: Belongings, contents: Sequence[Contents] = (), *, dry: bool) -> str:
    """What goes, in order and why, with what it holds; then what only bears our names, and what could not be looked at."""
    tasks = [task for stage in build_stages(found, Pace()) for task in stage if task.is_sure]
    if tasks:
        lines = [text("teardown.title_dry" if dry else "teardown.title")]
        all_of_it = text("teardown.contents")
        for task in tasks:
            inside = f" ({all_of_it})" if task.kind in _HOLDERS else ""
            reason = text(task.reason.key, **task.reason.facts)
            lines.append(f"  {task.kind:<18} {task.name}{inside}: {reason}")
            for one in contents:
                if (one.kind, one.name) == (task.kind, task.name):
                    lines += [f"    {line}" for line in render_contents(one)]
        lines.append(text("teardown.first_stop"))
    else:
        lines = [text("teardown.nothing")]
    return "\n".join([*lines, *_render_rest(settings, found)])


def render_contents(one: Contents) -> Iterator[str]:
    """What goes along with a resource, who else uses it, or that nobody could look."""
    if one.holds:
        yield text("teardown.holds", names=_shorten(one.holds))
    if one.used_by:
        yield text("teardown.used_by", names=_shorten(one.used_by))
    if one.unseen:
        yield text("teardown.unseen_inside", code=one.unseen)


def _shorten(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" (+ {more})" if more > 0 else "")


def render_outcome(outcome: Outcome) -> str:
    """How one task ended, in a line."""
    words = text(_STATES[outcome.state])
    detail = f" ({outcome.detail})" if outcome.detail else ""
    told = f": {render_sentence(outcome.error)}" if outcome.error else ""
    return f"  {outcome.task.kind:<18} {outcome.task.name}  {words}{detail}{told}"


def render_report(report: Report) -> str:
    """The proof, or what is left and why."""
    after = report.after
    if after is None:
        told = render_sentence(report.error) if report.error else ""
        return " ".join((text("teardown.unproven"), told))
    lines = [text("teardown.proof") if report.is_proven else text("teardown.proof_failed")]
    lines.append(text("teardown.counts", counts=", ".join(_count(after))))
    lines += [f"  {one.thing.kind:<18} {one.thing.name}" for one in after.ours]
    lines += [f"  {part.entry.kind:<18} {part.entry.name}" for part in after.parts]
    lines += [_render_unknown(entry) for entry in after.unknown]
    lines += [_render_blind(blind) for blind in after.blind]
    lines += [
        text("teardown.shared_kept" if group.goes else "teardown.shared_known", name=group.name, streams=group.streams)
        for group in after.shared
        if group.streams or not group.goes
    ]
    if report.failures:
        lines.append(text("teardown.summary_failed", count=len(report.failures)))
    return "\n".join([*lines, text("teardown.stay")])


def render_sentence(error: LabError) -> str:
    """A lesson in one line: what failed, why, what to do."""
    parts = (
        (find_text(f"{error.key}.{name}", error.facts) if error.key else None) or fallback
        for name, fallback in (("what", error.what), ("cause", error.cause), ("next", error.next_step))
    )
    return " ".join(part if part.endswith((".", ")", "}")) else f"{part}." for part in parts if part)


def build_document(
    settings: Settings, found: Belongings, report: Report | None, contents: Sequence[Contents] = ()
) -> dict[str, Any]:
    """The same as data; without `report` nothing was done (a dry run)."""
    tasks = [task for stage in build_stages(found, Pace()) for task in stage if task.is_sure]
    target = settings.target
    document: dict[str, Any] = {
        "target": target.name,
        "rehearsal": target.rehearsal,
        "account": target.account,
        "region": target.region,
        "dry_run": report is None,
        "ours": [
            {"kind": task.kind, "name": task.name, "reason": text(task.reason.key, **task.reason.facts)}
            for task in tasks
        ],
        "contents": [asdict(one) for one in contents],
        "not_ours": [
            {
                "kind": one.thing.kind,
                "name": one.thing.name,
                "reason": text(one.verdict.key, **one.verdict.facts),
                "command": _build_command(settings, one),
            }
            for one in (found if report is None or report.after is None else report.after).strangers
        ],
    }
    return document if report is None else {**document, **_describe(report)}


def _describe(report: Report) -> dict[str, Any]:
    after = report.after
    left = None if after is None else {kind: _count_kind(after, kind) for kind in _KINDS}
    return {
        "outcomes": [
            {
                "kind": one.task.kind,
                "name": one.task.name,
                "state": one.state,
                "detail": one.detail,
                "error": render_sentence(one.error) if one.error else "",
            }
            for one in report.outcomes
        ],
        "left": left,
        "not_seen": [] if after is None else [{"kind": one.kind, "reason": one.reason} for one in after.blind],
        "proven": report.is_proven,
    }


def _render_rest(settings: Settings, found: Belongings) -> Iterator[str]:
    for entry in found.unknown:
        yield _render_unknown(entry)
    for blind in found.blind:
        yield _render_blind(blind)
    for kind, count in found.unread.items():
        yield text("teardown.unread", count=count, kind=text(_KINDS[kind]))
    if found.strangers:
        yield text("teardown.strangers")
        for one in found.strangers:
            yield f"  {one.thing.kind:<18} {one.thing.name}: {text(one.verdict.key, **one.verdict.facts)}"
            yield f"    {_build_command(settings, one)}"
        if settings.target.endpoint_url:
            yield text("teardown.keys")


def _render_unknown(entry: Entry) -> str:
    words = text("teardown.unknown_kind")
    return f"  {entry.kind:<18} {entry.name}: {words}"


def _render_blind(blind: Blind) -> str:
    key = "teardown.blind" if blind.reached else "teardown.unreached"
    return text(key, kind=text(_KINDS[blind.kind]), reason=blind.reason)


def _build_command(settings: Settings, one: Judged) -> str:
    import shlex

    endpoint = settings.target.endpoint_url
    # The address too, so that a line for this computer can never delete anything on AWS.
    where = f"--region {settings.target.region}" + (f" --endpoint-url {endpoint}" if endpoint else "")
    return BY_KIND[one.thing.kind].command.format(name=shlex.quote(one.thing.name), where=where)


def _count(found: Belongings) -> list[str]:
    return [f"{_count_kind(found, kind)} {text(key)}" for kind, key in _KINDS.items()]


def _count_kind(found: Belongings, kind: str) -> int:
    if kind == "shared-log-group":
        return sum(group.goes and not group.streams for group in found.shared)
    return sum(one.thing.kind == kind for one in found.ours)
