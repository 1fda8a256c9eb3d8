"""`labkit parity`: what of a step, a service or a call runs here as on AWS, what differs, what is not run, and how that is known."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from labkit.i18n import text, use_language
from labkit.parity.find import find_call, find_rows, find_service, find_step
from labkit.parity.rows import STATUSES, Row
from labkit.settings import Settings
from labkit.ui.parity.page import render_page
from labkit.ui.parity.view import ParityOverview, ParityView, show_step
from labkit.ui.parity.words import tell_counts


def parity(options: argparse.Namespace, _settings: Settings) -> int:
    """Print the rows that were asked for; all of them, counted by area, when nothing was."""
    if options.lang:
        use_language(options.lang)
    if options.markdown:
        print(render_page(options.markdown), end="")
        return 0
    step = find_step(options.step) if options.step else None
    service = find_service(options.service) if options.service else ""
    call = find_call(options.call) if options.call else ""
    rows = find_rows(step.number if step else None, service, call)
    if options.json:
        print(json.dumps(_build_document(rows), ensure_ascii=False, indent=2))
    elif step and not (service or call):
        print(show_step(step, full=True))
    elif not (step or service or call):
        print(ParityOverview())
    else:
        asked = " · ".join(word for word in (options.step or "", service, call) if word)
        print(ParityView(text("parity.asked", asked=asked), rows, [call] if call else [], full=True))
    return 0


def _build_document(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows in both languages, with their sources written out."""
    counts = {status: sum(row.status == status for row in rows) for status in STATUSES}
    return {
        "rows": [_describe(row) for row in rows],
        "counts": {**counts, "recorded_here": sum(row.recorded != "none" for row in rows)},
        "words": tell_counts(rows),
    }


def _describe(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "area": row.area,
        "steps": list(row.steps),
        "calls": list(row.calls),
        "status": row.status,
        "what": dict(row.what),
        "how": dict(row.how),
        "evidence": list(row.evidence),
        "sources": [
            {"key": one.key, "kind": one.kind, "title": dict(one.title), "url": one.url, "date": one.date}
            for one in row.sources
        ],
        "recorded": row.recorded,
        "checked": row.checked,
    }
