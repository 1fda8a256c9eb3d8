"""`labkit grade`: a folder of submissions in, marks and pages out."""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.commands.grade_pages import read_marking, write_results
from labkit.commands.grade_platforms import check_platforms, write_platforms
from labkit.commands.grade_progress import Progress
from labkit.errors import LabError
from labkit.i18n import build_lesson, text, use_language
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.grading.batch.run import BatchOptions, Done
    from labkit.grading.editions.cells import Notebook
    from labkit.grading.intake.submission import Intake, Submission
    from labkit.grading.sandbox.protections import Protections
    from labkit.grading.worker.outcome import Graded


def grade(options: argparse.Namespace, settings: Settings) -> int:
    """Place the submissions, grade what has no result yet, and write marks. Exit code 1 when one could not be graded by our fault."""
    from labkit.grading.intake.find import read_submissions
    from labkit.grading.intake.roster import read_roster
    from labkit.grading.sandbox.protections import find_protections

    use_language(options.lang or settings.language)
    references = read_references(options.notebooks)
    marking = read_marking(options, references)
    check_platforms(options)
    roster = read_roster(options.roster) if options.roster else ()
    with tempfile.TemporaryDirectory(prefix="labkit-grade-") as work:
        intake = read_submissions(options.submissions, Path(work), tuple(one.name for one in references), roster)
        chosen = _choose(intake.submissions, options.only)
        protections = find_protections()
        _say_what(intake, chosen, protections)
        if options.dry_run:
            return 0
        found = _grade_all(options, references, intake.submissions, chosen, protections)
    rows = marking.build_rows(found)
    write_results(options, references, intake, describe_walls(protections), rows, marking)
    write_platforms(options, intake.submissions, roster, rows)
    return 0 if all(row.is_certain for row in rows) else 1


def read_references(names: Sequence[str] | None) -> list[Notebook]:
    """The notebooks that are graded, or those that are named. LabError for a name that is none."""
    from labkit.checks.tasks import list_step_tasks
    from labkit.grading.editions.places import find_places
    from labkit.grading.editions.validate import read_source

    places = find_places()
    unknown = sorted(set(names or []) - set(places.names()))
    if unknown:
        raise build_lesson(LabError, "error.grade_notebook", names=", ".join(unknown), known=", ".join(places.names()))
    found = [read_source(places, name).notebook for name in places.names() if not names or name in names]
    # A notebook without points is nobody's mark; it is graded when it is named.
    return [one for one in found if names or any(task.points for task in list_step_tasks(one.step))]


def _choose(submissions: Sequence[Submission], only: Sequence[str] | None) -> list[Submission]:
    from labkit.grading.intake.people import build_key

    if not only:
        return list(submissions)
    wanted = {build_key(name) for name in only}
    return [one for one in submissions if one.key in wanted or build_key(one.student) in wanted]


def _say_what(intake: Intake, chosen: Sequence[Submission], protections: Protections) -> None:
    print(text("grade.found", submissions=len(intake.submissions), chosen=len(chosen), unplaced=len(intake.unplaced)))
    for item in intake.unplaced:
        print(text("grade.unplaced", place=item.place, reason=text(item.reason)))
    for one in chosen:
        print(text("grade.submission", student=one.student, notebooks=", ".join(paper.name for paper in one.papers)))
        for note in one.notes:
            print(f"    {note.text()}")
    print(text("grade.walls", walls=describe_walls(protections)))


def describe_walls(protections: Protections) -> str:
    """Which protections are on and which are not, in words."""
    words = {
        text("grade.wall_network"): protections.network,
        text("grade.wall_files"): protections.files,
        text("grade.wall_processes"): protections.processes,
        text("grade.wall_cloud"): protections.cloud,
        text("grade.wall_limits"): protections.limits,
    }
    state = {True: text("grade.on"), False: text("grade.off")}
    listed = ", ".join(f"{name} {state[is_on]}" for name, is_on in words.items())
    return f"{protections.tool or '—'}: {listed}"


def _grade_all(
    options: argparse.Namespace,
    references: Sequence[Notebook],
    submissions: Sequence[Submission],
    chosen: Sequence[Submission],
    protections: Protections,
) -> list[Graded]:
    """Grade the chosen; of the others, who have a result from before stays in the marks."""
    from labkit.grading.batch.fingerprint import hash_notebooks, hash_reference, hash_shared
    from labkit.grading.batch.kept import Marked
    from labkit.grading.batch.regrade import forget_results
    from labkit.grading.batch.run import Batch, BatchOptions
    from labkit.grading.batch.shares import count_workers
    from labkit.grading.worker.run import FIRST_JOB

    folder = options.out.resolve() / ".grading"
    keep = options.keep.resolve() if options.keep else None
    settings = BatchOptions(options.notebook_language, options.jobs or count_workers(), options.chain, keep=keep)
    hashes = {one.name: hash_reference(one) for one in references}
    how: dict[str, object] = {"language": settings.language, "chain": settings.chain}
    everybody = [Marked(one, hash_notebooks(one, hashes, how, chain=settings.chain)) for one in submissions]
    batch = Batch(folder, protections, settings, references)
    marked = [one for one in everybody if one.submission in chosen]
    known = [one for one in everybody if one.submission not in chosen and not batch.find_missing(one)]
    # What is to be looked at has to be made: --keep runs again whatever has a result.
    forget_results(batch.kept, ["", *(options.regrade or ())] if keep else options.regrade or (), marked, references)
    missing = {name for one in marked for name in batch.find_missing(one)}
    runs_jobs = any(one.step >= FIRST_JOB for one in references if one.name in missing)
    _prepare(folder, hash_shared(), protections, is_needed=bool(missing), runs_jobs=runs_jobs)
    progress = Progress(len(marked), sum(bool(batch.find_missing(one)) for one in marked))
    done = []
    try:
        for item in batch.run(marked, progress.started):
            progress.finished(item)
            done.append(item)
    except KeyboardInterrupt:
        print(text("grade.stopped", done=len(done), total=len(marked)), flush=True)
        raise
    if keep:
        _say_how_by_hand(keep, settings, done, references)
    done += batch.run(known, progress.started)
    return [item.graded for item in sorted(done, key=lambda item: item.submission.key)]


def _say_how_by_hand(keep: Path, options: BatchOptions, done: Sequence[Done], references: Sequence[Notebook]) -> None:
    from labkit.grading.batch.by_hand import build_by_hand

    for item in done:
        for notebook in references:
            by_hand = build_by_hand(keep, item.submission, notebook.name, options)
            if by_hand is not None:
                print(text("grade.by_hand", student=item.submission.student, notebook=by_hand.notebook))
                print(f"  {by_hand.command}\n  {by_hand.down}")


def _prepare(folder: Path, reference: str, protections: Protections, *, is_needed: bool, runs_jobs: bool) -> None:
    """The reference's inventories, made once for a reference; and Spark's classes, where jobs are run."""
    from labkit.grading.batch.folder import make_folder
    from labkit.grading.batch.references import ARCHIVE
    from labkit.grading.sandbox.walls import wrap_run

    made = folder / "references.json"
    known = folder / "references.of"
    if not is_needed or (made.is_file() and known.is_file() and known.read_text(encoding="utf-8") == reference):
        return
    make_folder(folder)
    print(text("grade.preparing"), flush=True)
    with tempfile.TemporaryDirectory(prefix="labkit-reference-") as work:
        words = [str(made), work, json.dumps(dataclasses.asdict(protections)), *([ARCHIVE] if runs_jobs else [])]
        command = wrap_run(protections, [sys.executable, "-m", "labkit.grading.batch.references", *words])
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise build_lesson(LabError, "error.grade_reference", reason=done.stderr.strip()[-600:])
    known.write_text(reference, encoding="utf-8")
