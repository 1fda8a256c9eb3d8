"""The table as a page of Markdown, in one language: `docs/parity.md` and `docs/paridad.md`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from labkit.i18n import load_catalogue
from labkit.parity.find import build_standings
from labkit.parity.rows import (
    AWS,
    ENGINE,
    NOT_RECORDED,
    RECORDING,
    STATUSES,
    Area,
    Row,
    Source,
    load_areas,
    load_rows,
    load_sources,
    load_steps,
)

# docs/<page> by language.
PAGES = {"es": "paridad.md", "en": "parity.md"}
_TWINS = {"es": "[In English](parity.md)", "en": "[En español](paridad.md)"}
_HEADS = (
    "parity.page.what",
    "parity.page.runs",
    "parity.page.how",
    "parity.page.tests",
    "parity.page.known",
    "parity.page.on_aws",
    "parity.page.checked",
)
# Pages that say more about an area for people.
_MORE = {
    "s3": {"es": "eventos.md", "en": "events.md"},
    "identity": {"es": "identidad.md", "en": "identity.md"},
    "aws-target": {"es": "cuenta-aws.md", "en": "aws.md"},
}


def render_page(language: str) -> str:
    """The whole page: what was shown on AWS, the calls of each notebook, then every row of every area."""
    lines = [
        "# " + _say("parity.page.title", language),
        "",
        _TWINS[language],
        "",
        _say("parity.page.generated", language),
        "",
        _say("parity.page.about", language),
        "",
        _say("parity.page.columns", language),
        "",
        *_render_shown(language),
        *_render_steps(language),
    ]
    for area in load_areas():
        lines += _render_area(area, language)
    return "\n".join(lines).rstrip("\n") + "\n"


def _render_shown(language: str) -> list[str]:
    rows = load_rows()
    lines = ["## " + _say("parity.page.shown", language), ""]
    lines += _table((_say("parity.page.question", language), _say("parity.page.count", language)), _counts(language))
    untested = [row for row in rows if not row.evidence]
    names = ", ".join(_refer(row.id) for row in untested)
    lines += [_say("parity.page.untested", language).format(count=len(untested), names=names), ""]
    lines += ["### " + _say("parity.page.recordings", language), "", _say("parity.page.recordings_about", language), ""]
    heads = [_say(key, language) for key in ("parity.page.recording", "parity.page.day", "parity.page.rows")]
    found = sorted(
        (source for source in load_sources().values() if source.kind == RECORDING), key=lambda one: one.date or "9"
    )
    cells = [(_cite(source, language), _day(source, language), _citing(source, rows)) for source in found]
    return [*lines, *_table(heads, cells)]


def _counts(language: str) -> Iterable[tuple[str, str]]:
    """What is known of how many rows."""
    rows = load_rows()

    def count(kinds: set[str]) -> int:
        return sum(any(source.kind in kinds for source in row.sources) for row in rows)

    yield _say("parity.page.rows_in_all", language), str(len(rows))
    for status in STATUSES:
        yield f"– {_status(status, language)}", str(sum(row.status == status for row in rows))
    here = [row for row in rows if row.recorded != NOT_RECORDED]
    yield _say("parity.page.seen_here", language), f"**{len(here)}**"
    yield _say("parity.page.seen_by_others", language), str(count({RECORDING}))
    yield _say("parity.page.documented", language), str(count({AWS}))
    yield _say("parity.page.of_the_engine", language), str(count({ENGINE}))
    yield _say("parity.page.unnamed", language), str(sum(not row.sources for row in rows))
    yield _say("parity.page.tested", language), str(sum(bool(row.evidence) for row in rows))


def _render_steps(language: str) -> list[str]:
    lines = ["## " + _say("parity.page.steps", language), "", _say("parity.page.steps_about", language), ""]
    heads = (_say("parity.call", language), *(_status(status, language) for status in STATUSES))
    for step in load_steps():
        rows = [row for row in load_rows() if step.number in row.steps]
        calls = [
            (f"`{one.call}`", _refer(*one.same), _refer(*one.differs), _refer(*one.refused))
            for one in build_standings(step.calls)
        ]
        lines += [f"### {step.number} · {step.title[language]}", "", *_table(heads, calls)]
        named = {row.id for row in rows if not set(row.calls) & set(step.calls)}
        features = [
            f"{_status(status, language)}: {_refer(*[row.id for row in rows if row.id in named and row.status == status])}"
            for status in STATUSES
            if any(row.id in named and row.status == status for row in rows)
        ]
        if features:
            lines += [_say("parity.page.features", language) + " " + "; ".join(features) + ".", ""]
    return lines


def _render_area(area: Area, language: str) -> list[str]:
    lines = [f"## {area.title[language]}", ""]
    if area.name in _MORE:
        page = _MORE[area.name][language]
        lines += [_say("parity.page.more", language).format(page=f"[{page}]({page})"), ""]
    heads = [_say(key, language) for key in _HEADS]
    cells = [
        (
            f'<a id="{row.id}"></a>{row.what[language]}',
            _status(row.status, language),
            row.how[language],
            " ".join(_link_test(path) for path in row.evidence),
            " ".join(_cite(source, language) for source in row.sources if source.kind != RECORDING),
            _shown(row, language),
            row.checked,
        )
        for row in area.rows
    ]
    lines += _table(heads, cells)
    return [*lines, area.note[language], ""] if area.note else lines


def _shown(row: Row, language: str) -> str:
    if row.recorded != NOT_RECORDED:
        return f"**{row.recorded}**"
    others = [f"[{_day(source, language)}](#{source.key})" for source in row.recordings]
    return (
        _say("parity.page.others", language) + " " + ", ".join(others)
        if others
        else _say("parity.page.nobody", language)
    )


def _citing(source: Source, rows: Sequence[Row]) -> str:
    return _refer(*(row.id for row in rows if source in row.sources))


def _cite(source: Source, language: str) -> str:
    where = source.url if "://" in source.url else f"../{source.url}"
    anchor = f'<a id="{source.key}"></a>' if source.kind == RECORDING else ""
    return f"{anchor}[{source.title[language]}]({where})"


def _day(source: Source, language: str) -> str:
    return source.date or _say("parity.no_date", language)


def _link_test(path: str) -> str:
    return f"[{PurePosixPath(path).stem.removeprefix('test_')}](../{path})"


def _refer(*ids: str) -> str:
    return ", ".join(f"[{one}](#{one})" for one in ids)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    if not cells:
        return []
    return [_line(heads), _line(["---"] * len(heads)), *(_line(row) for row in cells), ""]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _status(status: str, language: str) -> str:
    return _say({"same": "parity.same", "differs": "parity.differs", "refused": "parity.refused"}[status], language)


def _say(key: str, language: str) -> str:
    return load_catalogue()[key][language]
