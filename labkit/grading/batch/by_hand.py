"""How one student's notebook, as it was graded, is run by hand: plain pytest and nbval, no grader and no walls."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from labkit.grading.batch.run import BatchOptions
from labkit.grading.intake.submission import Submission
from labkit.grading.worker.places import find_notebook


@dataclass(frozen=True)
class ByHand:
    """`command` runs the notebook on a cloud of its own, which `down` ends afterwards."""

    notebook: Path
    command: str
    down: str


def build_by_hand(keep: Path, submission: Submission, name: str, options: BatchOptions) -> ByHand | None:
    """The words for a shell; None when the notebook was not run (nothing of it was kept).

    The state folder is a new one, so that `labkit.open` builds the reference's state as the grader did. A chain needs its notebooks
    run one after the other: they share the folder.
    """
    folder = keep / submission.key
    notebook = find_notebook(folder, name, options.language)
    if notebook is None:
        return None
    state = folder / "by-hand" / ("chain" if options.chain else name)
    surroundings = {"LABKIT_STATE": state, "LABKIT_STUDENT": submission.seed, "LABKIT_LANG": options.language}
    words = [
        *("env", *(f"{variable}={value}" for variable, value in surroundings.items())),
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--noconftest"),
        *("--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={options.cell_s:g}"),
        *("-c", "/dev/null", f"--rootdir={notebook.parent}", str(notebook)),
    ]
    down = [sys.executable, "-m", "labkit", "down", "--state", str(state)]
    return ByHand(notebook, shlex.join(words), shlex.join(down))
