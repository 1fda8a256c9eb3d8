"""rubric.html: every text beside its mark scheme, with fields to fill in. No server: what was given is saved as rubric.csv.

The one page with a script, which is ours and which the page's policy names by its hash: whatever a text holds does not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from labkit.grading.marks.sheet import Row
from labkit.grading.pages.document import Section, build_document, cut_name
from labkit.grading.pages.student import show_words
from labkit.grading.pages.task import build_task
from labkit.grading.rubric.scheme import Item, format_points, tidy
from labkit.grading.rubric.sheet import COLUMNS, Given, Key
from labkit.grading.rubric.written import Written
from labkit.i18n import text
from labkit.ui.markup import escape, render_nodes
from labkit.ui.nodes import Block, Chip, Line, Listing, Quiet, line

_FOLDER = Path(__file__).parent


def build_form(rows: Sequence[Row], given: Mapping[Key, Given], command: str) -> str:
    """The page as HTML, filled in with what is known; `command` merges what was saved."""
    pairs = [(row, one) for row in rows for one in row.written if not one.is_blank]
    sections = [_build_pair(place, row, one, given) for place, (row, one) in enumerate(pairs)]
    blank = [cut_name(row.graded.student) for row in rows for one in row.written if one.is_blank]
    lead = [
        render_nodes(
            line(text("rubric.form_about")),
            Listing(
                (
                    line(text("rubric.form_percent")),
                    line(text("rubric.form_private")),
                    line(text("rubric.form_save")),
                ),
                ordered=True,
            ),
            Block(command, text("rubric.command")),
            line(text("rubric.blank_list", count=len(blank)), Quiet(", ".join(blank[:60]))) if blank else Line(()),
        ),
        _save_bar(len(pairs)),
    ]
    rules = (_FOLDER / "form.css").read_text(encoding="utf-8")
    script = (_FOLDER / "form.js").read_text(encoding="utf-8")
    foot = render_nodes(line(text("pages.class_foot")))
    return build_document(text("rubric.form_title"), "".join(lead), sections, foot, rules=rules, script=script)


def _save_bar(count: int) -> str:
    if not count:
        return render_nodes(line(text("rubric.nothing")))
    words = escape(text("rubric.left", count="{count}"))
    save = f'<button type="button" class="lk-save" data-columns="{",".join(COLUMNS)}">{escape(text("rubric.save"))}</button>'
    return f'<p>{save} <span id="left" role="status" data-words="{words}"></span></p>'


def _build_pair(place: int, row: Row, written: Written, given: Mapping[Key, Given]) -> Section:
    student = cut_name(row.graded.student)
    label = text("rubric.text_of", student=student)
    known = "".join(
        build_task(mark, (), hints=False)
        for mark in row.graded.tasks
        if mark.task.split(".")[0] == written.task.split(".")[0]
    )
    summary = escape(text("rubric.computed"))
    computed = f"<details><summary>{summary}</summary>{known}</details>"
    fields = "".join(
        _build_item(
            student, written, mark.item, given.get((row.graded.key, written.task, mark.item.id)), row.graded.key
        )
        for mark in written.items
    )
    left = f"<div>{show_words(written.text, label)}{computed}</div>"
    html = f'<div class="lk-pair">{left}<div>{fields}</div></div>'
    return Section(f"text-{place}", f"{student} · {written.task}", html)


def _build_item(student: str, written: Written, item: Item, given: Given | None, key: str) -> str:
    one = given or Given(key, written.task, item.id)
    percent = "" if one.share is None else f"{tidy(one.share * 100):g}"
    title = text("rubric.item_points", title=item.title_text(), points=format_points(item.points))
    named = f"{student}: {item.title_text()}"
    data = {
        "student": student,
        "key": key,
        "item": f"{written.task} {item.id}",
        "title": item.title_text(),
        "points": f"{item.points:g}",
    }
    attributes = " ".join(f'data-{name}="{escape(words)}"' for name, words in data.items())
    scheme = render_nodes(
        Listing(
            (
                line(Chip(text("rubric.met"), "good"), item.met_text()),
                line(Chip(text("rubric.missed"), "bad"), item.missed_text()),
            )
        ),
        *([line(Quiet(text("rubric.note", words=item.note_text())))] if item.note else []),
    )
    fields = [
        _label(
            text("rubric.percent"),
            f'<input class="lk-percent" type="number" min="0" max="100" step="any" value="{percent}" '
            f'aria-label="{escape(text("rubric.percent_of", item=named))}">',
        ),
        _label(text("rubric.comment_field"), _area("lk-comment", text("rubric.comment_of", item=named), one.comment)),
        _label(text("rubric.private_field"), _area("lk-private", text("rubric.private_of", item=named), one.private)),
    ]
    return f"<fieldset {attributes}><legend>{escape(title)}</legend>{scheme}{''.join(fields)}</fieldset>"


def _label(words: str, field: str) -> str:
    return f"<label>{escape(words)} {field}</label>"


def _area(kind: str, label: str, words: str) -> str:
    # A browser drops the first line end after the tag.
    return f'<textarea class="{kind}" rows="1" aria-label="{escape(label)}">\n{escape(words)}</textarea>'
