"""The page of the class: what an instructor looks at first, and what a person must decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labkit.grading.marks.sheet import Row
from labkit.grading.pages.class_figures import (
    Hardness,
    average_by_notebook,
    average_by_outcome,
    list_believed,
    list_hardness,
    middle,
    spread,
)
from labkit.grading.pages.document import Section, build_document, build_section, cut_name
from labkit.grading.pages.report import Report
from labkit.grading.pages.student_table import build_student_table, short_outcome
from labkit.grading.pages.task import title_of
from labkit.grading.pages.words import fit, say
from labkit.grading.rubric.scheme import format_points
from labkit.i18n import text
from labkit.ui.markup import render_nodes
from labkit.ui.nodes import Bar, Chip, Details, Inline, Line, Node, Prose, Quiet, Table, line
from labkit.ui.plots import draw_bars

_MOST_HARD = 8
_MOST_NAMES = 60


def build_class_page(report: Report) -> str:
    """The page as HTML, with links to the students' pages."""
    rows = report.rows
    sections = [*_build_ours(rows)]
    if rows:
        sections += [_build_results(rows), _build_hardest(rows), *_build_believed(rows), build_student_table(rows)]
    sections += [*_build_notes(rows), *_build_unplaced(report), _build_how(report)]
    lead = render_nodes(*_lead(report), line(Quiet(text("pages.for_instructors"))))
    return build_document(text("pages.class_title"), lead, sections, render_nodes(line(text("pages.class_foot"))))


def _lead(report: Report) -> list[Node]:
    rows = report.rows
    unsure = sum(not row.is_certain for row in rows)
    pending = sum(row.is_pending for row in rows)
    nodes: list[Node] = [line(text("pages.graded", count=len(rows)))]
    if unsure:
        nodes.append(line(Chip(text("pages.look"), "warn"), text("pages.unsure", count=unsure)))
    if pending:
        nodes.append(line(Chip(text("rubric.pending"), "warn"), text("pages.texts_pending", count=pending)))
    if report.left_out:
        names = ", ".join(cut_name(name) for name in report.left_out[:_MOST_NAMES])
        nodes.append(line(Chip(text("pages.left_out"), "warn"), names))
    if rows and not unsure and not pending:
        nodes.append(line(Chip(text("pages.final"), "good"), text("pages.all_final")))
    return nodes


def _build_ours(rows: Sequence[Row]) -> list[Section]:
    """Runs that failed for our reasons: a person decides, and no student pays for it."""
    found: list[tuple[Inline | Line, ...]] = []
    for row in rows:
        if row.graded.problem:
            details = [note.detail for note in row.graded.notes if note.key.startswith("grading.") and note.detail]
            found.append((cut_name(row.graded.student), "—", fit(" · ".join([say(row.graded.problem, {}), *details]))))
        for mark in row.graded.tasks:
            if mark.our_fault:
                said = " · ".join(say(item["key"], item["facts"]) for item in mark.findings)
                found.append((cut_name(row.graded.student), mark.task, fit(said)))
    if not found:
        return []
    heads = (text("pages.student"), text("progress.task"), text("pages.what"))
    table = Table(text("pages.ours_caption"), heads, tuple(found), keyed=True)
    return [build_section("ours", text("pages.ours"), line(text("pages.ours_about")), table)]


def _build_results(rows: Sequence[Row]) -> Section:
    average, half, least, most = middle(rows)
    points = max((row.points for row in rows), default=0.0)
    told = text(
        "pages.middle",
        mean=format_points(average),
        median=format_points(half),
        least=format_points(least),
        most=format_points(most),
        points=format_points(points),
    )
    percent = text("pages.percent")
    outcomes = {short_outcome(key): share for key, share in average_by_outcome(rows).items()}
    plots = (
        draw_bars(text("pages.spread"), spread(rows), text("pages.students"), text("pages.share")),
        draw_bars(text("pages.by_notebook"), average_by_notebook(rows), percent, text("pages.notebook")),
        draw_bars(text("pages.by_outcome"), outcomes, percent, text("progress.outcome")),
    )
    return build_section("results", text("pages.results"), line(told), *(plot.view() for plot in plots))


def _build_hardest(rows: Sequence[Row]) -> Section:
    found = list_hardness(rows)
    nodes: list[Node] = [_hardness_table(text("pages.hardest"), found[:_MOST_HARD])]
    if len(found) > _MOST_HARD:
        rest = text("pages.other_tasks")
        nodes.append(Details(rest, (_hardness_table(rest, found[_MOST_HARD:]),)))
    return build_section("hardest", text("pages.hardest"), *nodes)


def _hardness_table(caption: str, found: Sequence[Hardness]) -> Table:
    heads = (
        text("progress.task"),
        text("pages.solved"),
        text("check.not_yet"),
        text("check.not_attempted"),
        text("check.is_broken"),
    )
    return Table(caption, heads, tuple(_hardness_row(one) for one in found), frozenset({2, 3, 4}), keyed=True)


def _hardness_row(one: Hardness) -> tuple[Inline | Line, ...]:
    states: Mapping[str, int] = one.states
    solved = f"{states.get('passed', 0)} / {one.count} · {100 * one.share:.0f} %"
    return (
        title_of(one.mark),
        Bar(one.share, solved),
        *(str(states.get(state, 0)) for state in ("not_yet", "not_attempted", "broken")),
    )


def _build_believed(rows: Sequence[Row]) -> list[Section]:
    found = list_believed(rows)
    if not found:
        return []
    heads = (text("pages.students"), text("progress.task"), text("check.misconception"))
    lines = tuple(
        (str(one.students), ", ".join(one.tasks), line(Prose(fit(say(one.key, dict(one.facts)))))) for one in found[:20]
    )
    table = Table(text("pages.believed_caption"), heads, lines, frozenset({0}), keyed=True)
    return [build_section("believed", text("pages.believed"), table)]


def _build_notes(rows: Sequence[Row]) -> list[Section]:
    """What was odd about submissions: among it what stopped runs for what the notebook did (time, memory, processes)."""
    told: list[tuple[Inline | Line, ...]] = []
    for row in rows:
        for note in dict.fromkeys(row.graded.notes):
            kind = (
                Chip(text("pages.stopped"), "warn")
                if note.key.startswith("limit.")
                else Chip(text("pages.note"), "note")
            )
            told.append((cut_name(row.graded.student), line(kind), fit(note.text())))
    if not told:
        return []
    heads = (text("pages.student"), text("pages.kind"), text("pages.what"))
    shown = Table(text("pages.notes_caption"), heads, tuple(told[:2000]), keyed=True)
    return [
        build_section(
            "notes",
            text("pages.notes"),
            Details(text("pages.notes_count", count=len(told)), (shown,), open=len(told) <= 40),
        )
    ]


def _build_unplaced(report: Report) -> list[Section]:
    if not report.unplaced:
        return []
    lines = tuple((fit(item.place), say(item.reason, {})) for item in report.unplaced[:1000])
    table = Table(text("pages.unplaced_caption"), (text("pages.file"), text("pages.why")), lines, keyed=True)
    return [build_section("unplaced", text("pages.unplaced"), table)]


def _build_how(report: Report) -> Section:
    seconds = sum(row.graded.seconds for row in report.rows)
    facts = (
        (text("pages.when"), report.when),
        (text("pages.version"), f"labkit {report.version}"),
        (text("pages.reference"), report.reference),
        (text("pages.notebooks"), ", ".join(notebook.name for notebook in report.references)),
        (text("pages.walls"), report.walls),
        (text("pages.seconds"), f"{seconds / 60:.1f} min"),
        (text("pages.memory"), f"{max((row.graded.memory_bytes for row in report.rows), default=0) / 1e9:.1f} GB"),
    )
    table = Table(text("pages.how_caption"), (text("pages.what"), text("pages.value")), facts, keyed=True)
    return build_section("how", text("pages.how"), table, line(text("pages.limits")))
