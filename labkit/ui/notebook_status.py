"""The table of `labkit notebooks status`."""

from __future__ import annotations

from labkit.grading.authoring.scaffold import find_scaffolds
from labkit.grading.editions.build import find_outdated
from labkit.grading.editions.faults import errors_of
from labkit.grading.editions.places import Places
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.translations import translatable
from labkit.grading.editions.validate import Source, find_faults
from labkit.i18n import text

_POINTS = "100"


def build_rows(sources: list[Source], places: Places) -> list[tuple[str, ...]]:
    """One row a notebook: name, cells, tasks, points, translated of all texts, stale, errors, up to date; and the sum of points."""
    rows = []
    total = 0.0
    for source in sources:
        notebook = source.notebook
        graded = [cell for cell in notebook.cells if cell.is_graded]
        points = sum(cell.nbgrader.get("points") or 0 for cell in graded)
        total += points
        texts = translatable(notebook)
        errors = len(errors_of(find_faults(source, places)))
        (translation,) = source.translations
        current = not errors and not list(find_outdated(source, places))
        row = (
            len(notebook.cells),
            len({find_task(cell) for cell in graded}),
            f"{points:g}",
            f"{len(texts) - len(translation.missing(notebook))}/{len(texts)}",
            len(translation.stale(notebook)),
            errors,
            text("notebooks.yes") if current else text("notebooks.no"),
        )
        rows.append((notebook.name, *(str(value) for value in row)))
    return [*rows, (text("notebooks.total"), "", "", f"{total:g}", "", "", "", "")]


def print_status(sources: list[Source], places: Places) -> None:
    """Print the table, columns aligned."""
    head = (
        text("notebooks.column.name"),
        text("notebooks.column.cells"),
        text("notebooks.column.tasks"),
        text("notebooks.column.points"),
        text("notebooks.column.translated"),
        text("notebooks.column.stale"),
        text("notebooks.column.faults"),
        text("notebooks.column.current"),
    )
    rows = [head, *build_rows(sources, places)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(word.rjust(width) for word, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip())
    total = rows[-1][3]
    if total != _POINTS:
        print(text("notebooks.points_differ", total=total, wanted=_POINTS))
    if scaffolds := find_scaffolds(places.root.parent):
        print(text("notebooks.scaffolds", tasks=", ".join(scaffolds)))
