"""`labkit doctor`: is this computer ready for the lab?"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from labkit.commands.jupyter.folder import find_folder
from labkit.commands.surroundings import gather
from labkit.doctor.examine import examine, has_problem, list_wrong
from labkit.doctor.finding import PROBLEM
from labkit.errors import LabError
from labkit.i18n import build_lesson, use_language
from labkit.settings import Settings, find_lab_folder

if TYPE_CHECKING:
    from labkit.ui.doctor import DoctorReport


def doctor(options: argparse.Namespace, settings: Settings) -> int:
    """Show all findings; 0 when nothing is in the way, 1 when something will not work."""
    use_language(options.lang or settings.language)
    state_dir = options.state.expanduser().absolute() if options.state is not None else None
    report = examine_here(state_dir)
    if options.json:
        print(json.dumps(as_document(report), ensure_ascii=False, indent=1))
    else:
        print(report)
    return 0 if report.ok else 1


def examine_here(state_dir: Path | None = None) -> DoctorReport:
    """Look at this computer and the lab folder; in a notebook the report shows itself."""
    from labkit.ui.doctor import DoctorReport

    facts = gather(os.environ, _find_lab(), state_dir)
    return DoctorReport(examine(facts), facts.system)


def examine_for_launch(settings: Settings, folder: Path, say: TextIO) -> None:
    """Show what is not fine. LabError when the lab would not work."""
    from labkit.ui.doctor import DoctorReport

    facts = gather(os.environ, folder, settings.state_dir)
    findings = examine(facts)
    wrong = list_wrong(findings)
    if wrong:
        print(DoctorReport(findings, facts.system, short=True), file=say, flush=True)
    if has_problem(findings):
        raise build_lesson(LabError, "error.lab_problems", count=sum(finding.state == PROBLEM for finding in wrong))


def as_document(report: DoctorReport) -> dict[str, object]:
    """The report for a program, or for a message to whoever helps."""
    return {
        "ok": report.ok,
        "system": report.system,
        "findings": [
            {
                "topic": finding.topic,
                "state": finding.state,
                "key": finding.key,
                "title": finding.title,
                "said": finding.said,
                "cause": finding.cause,
                "fix": finding.fix(report.system),
                "link": finding.link,
            }
            for finding in report.findings
        ],
    }


def _find_lab() -> Path:
    """The folder above this one's notebooks, else the folder that `labkit lab` would open."""
    here = Path.cwd()
    lab = find_lab_folder(here)
    if lab != here or (here / "notebooks").is_dir():
        return lab
    try:
        folder, _ = find_folder(None, Path.home())
    except LabError:
        return here
    return folder if folder.is_dir() else here
