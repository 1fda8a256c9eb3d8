"""A student's page: what was checked and found, in the words of the lab's own checks; nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.checks.task import OUTCOMES
from labkit.grading.editions.cells import Notebook
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.marks.sheet import Row
from labkit.grading.note import Note
from labkit.grading.pages.document import Section, build_document, build_section, cut_name, heading
from labkit.grading.pages.report import Report
from labkit.grading.pages.task import build_task, show_cells
from labkit.grading.pages.words import fit
from labkit.grading.rubric.scheme import format_points
from labkit.grading.rubric.written import ItemMark, Written
from labkit.grading.worker.outcome import CellMark
from labkit.i18n import text
from labkit.ui.markup import render_nodes
from labkit.ui.nodes import Bar, Block, Chip, Inline, Line, Listing, Node, Prose, Quiet, Table, line
from labkit.ui.progress_table import outcome_name

_LONGEST_TEXT = 200_000


def build_student_page(row: Row, report: Report) -> str:
    """The page of one student."""
    sections = [_build_summary(row)]
    if row.graded.notes:
        sections.append(_build_notes(row.graded.notes))
    sections += [part for notebook in report.references if (part := _build_notebook(row, notebook)) is not None]
    title = text("pages.student_title", student=cut_name(row.graded.student))
    lead = render_nodes(_total(row), *_warnings(row))
    foot = text("pages.student_foot", when=report.when, version=report.version, reference=report.reference)
    return build_document(title, lead, sections, render_nodes(line(foot)))


def _total(row: Row) -> Line:
    words = text("pages.points", earned=format_points(row.total), points=format_points(row.points))
    return line(Bar(row.total / row.points if row.points else 0.0, words))


def _warnings(row: Row) -> list[Node]:
    found: list[Node] = []
    if row.is_pending:
        count = sum(len(one.pending) for one in row.written)
        found.append(line(Chip(text("pages.provisional"), "warn"), text("pages.pending", count=count)))
    if not row.is_certain:
        found.append(line(Chip(text("pages.provisional"), "warn"), text("pages.not_certain")))
    return found


def _build_summary(row: Row) -> Section:
    notebooks: dict[int, float] = {}
    outcomes: dict[str, float] = {}
    for mark in row.parts:
        step = int(mark.task.split(".", maxsplit=1)[0])
        notebooks[step] = notebooks.get(step, 0) + mark.points
        outcomes[mark.outcome] = outcomes.get(mark.outcome, 0) + mark.points
    by_notebook = [(f"{step:02}", row.by_notebook.get(step, 0), notebooks[step]) for step in sorted(notebooks)]
    by_outcome = [(outcome_name(one), row.by_outcome.get(one, 0), outcomes[one]) for one in OUTCOMES if one in outcomes]
    return build_section(
        "summary",
        text("pages.summary"),
        _shares(text("pages.by_notebook"), text("pages.notebook"), by_notebook),
        _shares(text("pages.by_outcome"), text("progress.outcome"), by_outcome),
    )


def _shares(caption: str, head: str, found: Sequence[tuple[str, float, float]]) -> Table:
    lines = tuple(
        (name, Bar(earned / points if points else 0.0, f"{format_points(earned)} / {format_points(points)}"))
        for name, earned, points in found
    )
    return Table(caption, (head, text("progress.points")), lines, keyed=True)


def _build_notes(notes: Sequence[Note]) -> Section:
    """What was odd about the files. What the runner said of itself is the instructor's."""
    told = dict.fromkeys(
        Note(one.key, one.notebook, one.cell, "" if one.key.startswith("grading.") else one.detail).text()
        for one in notes
    )
    entries = tuple(line(fit(words)) for words in told)
    return build_section("files", text("pages.files"), Listing(entries))


def _build_notebook(row: Row, notebook: Notebook) -> Section | None:
    marks = [mark for mark in row.graded.tasks if mark.task.split(".", maxsplit=1)[0] == str(notebook.step)]
    if not marks:
        return None
    cells = [cell for cell in row.graded.cells if cell.notebook == notebook.name]
    tasks = {cell.id: find_task(cell) for cell in notebook.cells if cell.kind == "code" and cell.is_answer}
    checks = {cell.id for cell in notebook.cells if cell.is_graded}
    html = []
    for mark in marks:
        html.append(build_task(mark, [cell for cell in cells if tasks.get(cell.cell_id) == mark.task]))
        html += [build_text(one) for one in row.written if one.task == mark.task]
    html.append(_other_failures([cell for cell in cells if cell.cell_id not in checks and cell.cell_id not in tasks]))
    return Section(f"notebook-{notebook.step}", notebook.name, "\n".join(html))


def _other_failures(cells: Sequence[CellMark]) -> str:
    failed = [cell for cell in cells if cell.outcome not in ("passed", "skipped")]
    return render_nodes(*show_cells(text("pages.other_cells", count=len(failed)), failed))


def build_text(written: Written) -> str:
    """A free text with what its reader gave each item."""
    state = _state_of(written)
    words = show_words(written.text, text("pages.your_text")) if written.text.strip() else ""
    lines = tuple(_item(mark, is_blank=written.is_blank) for mark in written.items)
    heads = (text("rubric.item"), text("progress.points"), text("rubric.feedback"))
    table = Table(text("rubric.caption"), heads, lines, keyed=True)
    return heading(text("rubric.heading", task=written.task)) + render_nodes(line(*state)) + words + render_nodes(table)


def show_words(words: str, label: str) -> str:
    """A text of a person as they wrote it; its lines fold where the page ends."""
    return f'<div class="lk-words">{render_nodes(Block(words.rstrip()[:_LONGEST_TEXT], label))}</div>\n'


def _state_of(written: Written) -> tuple[Inline, ...]:
    points = text("pages.points", earned=format_points(written.earned), points=format_points(written.points))
    if written.is_blank and not written.earned:
        return Chip(text("rubric.blank"), "idle"), points
    if written.pending:
        return Chip(text("rubric.pending"), "warn"), text("rubric.pending_count", count=len(written.pending)), points
    return Chip(text("rubric.read"), "note"), points


def _item(mark: ItemMark, *, is_blank: bool) -> tuple[Inline | Line, ...]:
    possible = format_points(mark.item.points)
    if mark.share is None and not is_blank:
        waiting = line(Chip(text("rubric.pending"), "warn"), *([Quiet(fit(mark.comment))] if mark.comment else []))
        return mark.item.title_text(), f"— / {possible}", waiting
    share = mark.share or 0.0
    if share == 1:
        said = line(Chip(text("rubric.met"), "good"), Prose(mark.item.met_text()))
    elif share == 0:
        said = line(Chip(text("rubric.missed"), "bad"), Prose(mark.item.missed_text()))
    else:
        said = line(Chip(text("rubric.partly"), "warn"), Prose(mark.item.missed_text()))
    comment = [text("rubric.comment", words=fit(mark.comment))] if mark.comment else []
    return mark.item.title_text(), f"{format_points(mark.earned)} / {possible}", Line((*said.parts, *comment))
