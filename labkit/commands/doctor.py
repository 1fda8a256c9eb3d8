"""`labkit doctor`: is this computer ready for the lab?"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from labkit.commands.confirming import identify
from labkit.commands.jupyter.folder import find_folder
from labkit.commands.surroundings import gather
from labkit.doctor.examine import examine, has_problem, list_wrong
from labkit.doctor.finding import PROBLEM, Finding
from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson, text, use_language
from labkit.settings import Settings, find_lab_folder

if TYPE_CHECKING:
    from labkit.ui.doctor import DoctorReport


def doctor(options: argparse.Namespace, settings: Settings) -> int:
    """Show all findings; 0 when nothing is in the way, 1 when something will not work."""
    use_language(options.lang or settings.language)
    if options.policy:
        return _print_policy(settings)
    state_dir = options.state.expanduser().absolute() if options.state is not None else None
    if settings.target.charges and not options.json:
        print(
            text("doctor.looking_account"), file=sys.stderr, flush=True
        )  # it takes seconds, and a report comes all at once
    report = examine_all(settings, state_dir)
    if options.json:
        print(json.dumps(as_document(report), ensure_ascii=False, indent=1))
    else:
        print(report)
    return 0 if report.ok else 1


def examine_all(settings: Settings, state_dir: Path | None = None) -> DoctorReport:
    """This computer and, on AWS, the account."""
    report = examine_here(state_dir)
    if not settings.target.charges:
        return report
    return replace(report, findings=(*report.findings, *_examine_account(settings)))


def _examine_account(settings: Settings) -> tuple[Finding, ...]:
    """What is wrong with the account, its credentials and the way to it; read calls only."""
    from labkit.commands.account_facts import gather_account
    from labkit.doctor.account.examine import examine_account

    return examine_account(gather_account(settings, os.environ, _find_lab()))


def _print_policy(settings: Settings) -> int:
    """The policy of whoever runs the lab, with the account's own names; LabError without credentials or a named account."""
    from labkit.run.inputs import build_lab
    from labkit.steps.caller_policy import build_caller_policy

    if not settings.target.charges:
        raise build_lesson(UsageError, "error.policy_local")
    if not settings.target.account:
        settings, _ = identify(settings)
    print(json.dumps(build_caller_policy(build_lab(settings)), indent=1, ensure_ascii=False))
    return 0


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
