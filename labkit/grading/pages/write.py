"""Writing the pages."""

from __future__ import annotations

from pathlib import Path

from labkit.grading.marks.files import write_whole
from labkit.grading.pages.class_page import build_class_page
from labkit.grading.pages.report import Report
from labkit.grading.pages.student import build_student_page
from labkit.grading.pages.student_table import FOLDER, page_name


def write_pages(report: Report, folder: Path) -> list[Path]:
    """Write index.html and students/KEY.html in the language of now; returns the index and the folder of the others."""
    for row in report.rows:
        write_whole(folder / FOLDER / page_name(row.graded.key), build_student_page(row, report))
    return [write_whole(folder / "index.html", build_class_page(report)), folder / FOLDER]
