"""`labkit similarity`: which answers read alike, as a page to look at. Never part of grading by itself."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from labkit.errors import LabError
from labkit.i18n import LANGUAGES, build_lesson, text, use_language
from labkit.settings import Settings


def similarity(options: argparse.Namespace, settings: Settings) -> int:
    """Compare the answers of all submissions and write the page."""
    from labkit.commands.grade import read_references
    from labkit.grading.intake.find import read_submissions
    from labkit.grading.intake.roster import read_roster
    from labkit.grading.marks.files import write_whole
    from labkit.grading.similarity.compare import find_known, find_pairs, read_answers
    from labkit.grading.similarity.page import build_page

    use_language(options.lang or settings.language)
    references = read_references(options.notebooks)
    roster = read_roster(options.roster) if options.roster else ()
    with tempfile.TemporaryDirectory(prefix="labkit-similarity-") as work:
        intake = read_submissions(options.submissions, Path(work), tuple(one.name for one in references), roster)
        known = [find_known(reference) for reference in references]
        answers = [read_answers(one, known, settings.language) for one in intake.submissions]
    pairs = find_pairs(answers, options.threshold)
    try:
        write_whole(options.out, build_page(pairs, len(answers), options.threshold))
    except OSError as error:
        reason = error.strerror or str(error)
        raise build_lesson(LabError, "error.out_unwritable", folder=str(options.out), reason=reason) from error
    print(text("similarity.found", pairs=len(pairs), students=len(answers), share=f"{options.threshold:.0%}"))
    print(text("similarity.talk"))
    print(options.out)
    return 0


def add_similarity_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help=text("cli.grade.submissions"))
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=text("cli.similarity.out"))
    parser.add_argument("--threshold", type=_share, default=0.6, metavar="N", help=text("cli.similarity.threshold"))
    parser.add_argument("--roster", type=Path, metavar="FILE", help=text("cli.grade.roster"))
    parser.add_argument("--notebooks", action="append", metavar="NAME", help=text("cli.similarity.notebooks"))
    parser.add_argument("--lang", choices=LANGUAGES, help=text("cli.grade.lang"))


def _share(words: str) -> float:
    share = float(words)
    if not 0 < share <= 1:
        raise ValueError(words)
    return share
