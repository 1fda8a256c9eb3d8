"""Run notebooks under nbval in a process of their own, and say cell by cell how it went.

nbval is the runner: one kernel a notebook, one test a code cell. What it leaves open is closed by `nbval_plugin`: results are
kept by cell id, a kernel that died is noticed at once, the kernel's own reply counts, and no file beside the notebook
(conftest.py, pytest.ini) takes part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

PASSED = "passed"
FAILED = "failed"
SKIPPED = "skipped"
NOT_RUN = "not_run"
_LONGEST_LOG = 4000
# A grammar that jsonschema would load for internationalised addresses: a second of the processor, more than nbval itself.
NEVER_LOADED = ("rfc3987_syntax",)
_PYTEST = (
    f"import runpy, sys; sys.modules |= dict.fromkeys({NEVER_LOADED!r}); "
    "runpy.run_module('pytest', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True)
class Limits:
    """Seconds a cell, a kernel's start and a whole run may take; `honours_marks`: nbval's own tags (raises-exception) count."""

    cell_s: float = 60.0
    startup_s: float = 60.0
    run_s: float = 600.0
    honours_marks: bool = True


@dataclass(frozen=True)
class CellOutcome:
    """How one code cell went: `error` is "Name: value" of the exception, `message` its traceback, `output` what it showed as text."""

    cell_id: str
    outcome: str
    seconds: float
    error: str = ""
    message: str = ""
    output: str = ""


@dataclass(frozen=True)
class NotebookRun:
    """One notebook's cells in order; `seconds` from its kernel's start to its last cell's end.

    `problem` says, in pytest's words, why there are no cells or fewer than the notebook has; "" when there are all.
    """

    path: Path
    cells: tuple[CellOutcome, ...]
    seconds: float
    problem: str = ""
    by_id: Mapping[str, CellOutcome] = field(default_factory=dict, repr=False)

    @property
    def failed(self) -> tuple[CellOutcome, ...]:
        """The cells that did not do what they should, those that never ran included."""
        return tuple(cell for cell in self.cells if cell.outcome not in (PASSED, SKIPPED))


# Looks after the process of this id as long as it is entered.
Watching = Callable[[int], AbstractContextManager[object]]


class Started(Protocol):
    """A pytest that runs."""

    @property
    def pid(self) -> int: ...

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; subprocess.TimeoutExpired when it is still running after so many seconds."""


# Starts pytest with these arguments, in this folder and environment; what it prints goes to the end of a file.
Starting = Callable[[Sequence[str], Path, Mapping[str, str], Path], Started]


def start_python(words: Sequence[str], folder: Path, environ: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A new Python that runs pytest."""
    # -P: a file beside the notebook must not stand in for pytest or for the plug-in. It came with Python 3.11.
    safe = ["-P"] if sys.version_info >= (3, 11) else []
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, *safe, "-c", _PYTEST, *words],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def _watch_nothing(_pid: int) -> AbstractContextManager[object]:
    return nullcontext()


def run_notebook(
    path: Path,
    environ: Mapping[str, str],
    *,
    limits: Limits | None = None,
    plugins: Sequence[str] = (),
    home: Path | None = None,
    watch: Watching = _watch_nothing,
    start: Starting = start_python,
) -> NotebookRun:
    """Run every code cell of a notebook, in its own folder, with this environment and no other. Nothing of it is written back."""
    return run_notebooks([path], environ, limits=limits, plugins=plugins, home=home, watch=watch, start=start)[0]


def run_notebooks(
    paths: Sequence[Path],
    environ: Mapping[str, str],
    *,
    limits: Limits | None = None,
    plugins: Sequence[str] = (),
    home: Path | None = None,
    watch: Watching = _watch_nothing,
    start: Starting = start_python,
) -> list[NotebookRun]:
    """Run notebooks one after the other, each with a kernel of its own, under one pytest: its start is paid once.

    `plugins` are more pytest plug-ins, by module; `limits.run_s` is for all notebooks together. Who must not trust one notebook to
    leave the next alone runs them one by one. `home` is where kernels find their connection files (else a folder that ends with the run).
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="labkit-nbval-") as scratch:
        results = Path(scratch) / "results.jsonl"
        (Path(scratch) / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        # What a notebook holds is asked before it runs: it can write to its own folder.
        known = [(path, path.resolve(), _read_ids(path)) for path in paths]
        words = _build_words([path for path in paths if path.is_file()], Path(scratch), limits, plugins)
        surroundings = build_environment(environ, home or Path(scratch)) | {
            "LABKIT_NBVAL_RESULTS": str(results),
            "LABKIT_NBVAL_MARKS": "1" if limits.honours_marks else "",
        }
        log = _run(
            lambda log: start(words, Path(scratch), surroundings, log), Path(scratch) / "log", limits.run_s, watch
        )
        rows = _read_rows(results)
    return [_build_run(path, place, ids, rows, log) for path, place, ids in known]


def _build_run(path: Path, place: Path, ids: Sequence[str], rows: list[dict[str, Any]], log: str) -> NotebookRun:
    own = [row for row in rows if row["path"] == str(place)]
    written = [CellOutcome(**row["cell"]) for row in own]
    known = {cell.cell_id for cell in written}
    # A code cell that the plug-in wrote nothing of did not run.
    missing = [CellOutcome(cell_id, NOT_RUN, 0.0) for cell_id in ids if cell_id not in known]
    seconds = sum(row["setup_s"] + row["cell"]["seconds"] for row in own)
    problem = log[-_LONGEST_LOG:] if missing or not written else ""
    if not path.is_file():
        problem = f"there is no file {path}"
    cells = (*written, *missing)
    return NotebookRun(path, cells, seconds, problem, {cell.cell_id: cell for cell in cells})


def build_environment(environ: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """The child's environment: what was given, with IPython and Jupyter looking for their start-up files in an empty folder."""
    own = {
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    dropped = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER")
    return {name: value for name, value in environ.items() if name not in dropped} | own


def _build_words(paths: Sequence[Path], scratch: Path, limits: Limits, more: Sequence[str]) -> list[str]:
    """Pytest's arguments. Of the plug-ins that are installed it loads nbval, and no other one."""
    plugins = ["nbval.plugin", "labkit.grading.nbval_plugin", "no:cacheprovider", *more]
    nbval = [
        "--nbval-lax",
        "--nbval-current-env",
        f"--nbval-cell-timeout={limits.cell_s:g}",
        f"--nbval-kernel-startup-timeout={limits.startup_s:g}",
    ]
    places = [
        *("-c", str(scratch / "pytest.ini")),
        *("--rootdir", str(scratch)),
        *("--confcutdir", str(scratch)),
        "--noconftest",
    ]
    return [
        *("-q", "--color=no", "--continue-on-collection-errors"),
        *(word for name in plugins for word in ("-p", name)),
        *nbval,
        *places,
        *(str(path.resolve()) for path in paths),
    ]


def _run(start: Callable[[Path], Started], log: Path, run_s: float, watch: Watching) -> str:
    """What pytest printed; after `run_s` seconds the process and all it started are ended."""
    process = start(log)
    try:
        with watch(process.pid):
            process.wait(timeout=run_s)
    except subprocess.TimeoutExpired:
        _end_tree(process.pid)
        process.wait()
        return f"the run was ended after {run_s:g} s"
    except BaseException:
        _end_tree(process.pid)
        raise
    return log.read_text(encoding="utf-8", errors="replace")


def _end_tree(pid: int) -> None:
    """End a process and its descendants; a kernel has a session of its own, so the process group is not enough."""
    import psutil

    try:
        process = psutil.Process(pid)
        tree = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for one in tree:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(tree, timeout=10)


def _read_rows(results: Path) -> list[dict[str, Any]]:
    if not results.is_file():
        return []
    # A process that was ended may have left half a line.
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _read_ids(path: Path) -> list[str]:
    """Ids of the code cells; none for a file that is no notebook."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [cell.get("id", "") for cell in document["cells"] if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def current_environment(**changes: str) -> dict[str, str]:
    """This process's environment with some variables changed, ready for `run_notebook`."""
    return {**os.environ, **changes}
