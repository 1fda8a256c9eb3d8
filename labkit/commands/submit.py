"""`labkit submit`: notebooks looked at, packed into one file, with a receipt."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings, find_lab_folder

if TYPE_CHECKING:
    from labkit.grading.intake.receipt import Receipt
    from labkit.grading.submit.inspect import Inspected


def submit(options: argparse.Namespace, settings: Settings) -> int:
    """Look at the notebooks, pack them and print the receipt. LabError when one of them could not be graded at all."""
    from labkit.grading.submit.inspect import inspect, list_answerable
    from labkit.grading.submit.pack import write_submission

    name = " ".join((options.name or settings.student).split())
    if not name:
        raise build_lesson(UsageError, "error.submit_name")
    known = list_answerable()
    with tempfile.TemporaryDirectory(prefix="labkit-submit-") as work:
        found = [inspect(paper, path) for paper, path in _collect(options.files, Path(work), known)]
        broken = [one for one in found if one.problem]
        for one in found:
            _tell(one)
        if broken:
            names = ", ".join(one.name for one in broken)
            raise build_lesson(LabError, "error.submit_broken", names=names)
        if options.run:
            for one in found:
                _run(one, settings)
        out = options.out or Path(f"entrega-{_key(name)}.zip")
        made = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            receipt = write_submission(out, name, settings.student, made, found)
        except OSError as error:
            reason = error.strerror or str(error)
            raise build_lesson(LabError, "error.submit_unwritable", file=str(out), reason=reason) from error
    _print_receipt(out, receipt, [one for one in known if one not in {found.name for found in found}])
    return 0


def _collect(files: Sequence[Path], work: Path, known: Sequence[str]) -> list[tuple[str, Path]]:
    """The notebooks among these files and folders, one each: of two the one that was worked in, and last."""
    from labkit.grading.intake.choose import choose_papers, read_blanks
    from labkit.grading.intake.entry_names import show_name
    from labkit.grading.intake.recognise import recognise
    from labkit.grading.intake.submission import Paper
    from labkit.grading.intake.tree import bring_in

    papers = []
    for number, given in enumerate(files or [_find_notebooks()]):
        if not given.exists():
            raise build_lesson(UsageError, "error.submit_missing", file=str(given))
        inbox = work / str(number)
        bring_in(given, inbox)
        for path in sorted(inbox.rglob("*")):
            parts = path.relative_to(inbox).parts
            # In a clone the sources lie beside the editions.
            if path.is_file() and not {"source", "translations"} & set(parts) and (name := recognise(path, known)):
                papers.append(Paper(name, path, show_name("/".join(parts))))
    chosen, notes = choose_papers(papers, read_blanks)
    for note in notes:
        print(note.text())
    if not chosen:
        raise build_lesson(UsageError, "error.submit_nothing", known=", ".join(known))
    return [(paper.name, paper.path) for paper in chosen]


def _find_notebooks() -> Path:
    """Where a student works: here, in the lab's folder, or where `labkit lab` put its copies."""
    here = find_lab_folder(Path.cwd()) / "notebooks"
    return here if here.is_dir() else Path.home() / "labkit-lab" / "notebooks"


def _key(name: str) -> str:
    from labkit.grading.intake.people import build_key

    return build_key(name)


def _tell(one: Inspected) -> None:
    if one.problem:
        print(text("submit.broken", name=one.name, problem=text(one.problem)))
        return
    print(text("submit.notebook", name=one.name, answered=one.answered, answers=one.answers))
    for note in one.notes:
        print(f"    {note.text()}")


def _run(one: Inspected, settings: Settings) -> None:
    """From a fresh kernel, on a cloud of its own: what was made in the student's own cloud does not help."""
    from labkit.cloud import daemon
    from labkit.grading.nbval_run import Limits, current_environment, run_notebook

    print(text("submit.running", name=one.name), flush=True)
    with tempfile.TemporaryDirectory(prefix="labkit-run-") as folder:
        state = Path(folder) / "state"
        copy = Path(folder) / f"{one.name}.ipynb"
        copy.write_bytes(one.path.read_bytes())
        info = daemon.up(state, ephemeral=True)
        try:
            without = {name: value for name, value in current_environment().items() if not name.startswith("AWS_")}
            changes = {"LABKIT_STATE": str(info.state_dir), "LABKIT_STUDENT": settings.student}
            ran = run_notebook(copy, {**without, **changes}, limits=Limits(cell_s=180, startup_s=120, run_s=900))
        finally:
            daemon.down(state)
    for cell in ran.failed:
        print(text("submit.failed", cell=cell.cell_id, error=cell.error or cell.outcome))
    print(text("submit.ran", name=one.name, passed=len(ran.cells) - len(ran.failed), cells=len(ran.cells)))


def _print_receipt(out: Path, receipt: Receipt, missing: Sequence[str]) -> None:
    from labkit.grading.intake.receipt import hash_file

    if missing:
        print(text("submit.missing", names=", ".join(missing)))
    print()
    print(text("submit.receipt", student=receipt.student, made=receipt.made))
    for name, digest in receipt.files.items():
        print(f"  {digest[:12]}  {name}")
    print(text("submit.code", code=receipt.code))
    print(text("submit.file", file=out, digest=hash_file(out)))
    print(text("submit.next"))
