"""Spark's progress under the cell that is running: one display that a thread keeps up to date, and an interrupt that works."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass
from typing import Any

from labkit.i18n import text

_LOOK_S = 0.25
_QUIET_S = 1.0  # what is done sooner needs no bar
_PATIENCE_S = 2.0


@dataclass(frozen=True)
class Stage:
    """One stage that is running; tasks."""

    id: int
    done: int
    total: int


@dataclass(frozen=True)
class Look:
    """What one look at Spark saw, with its text twin."""

    stages: tuple[Stage, ...]
    elapsed_s: float
    ended: bool = False

    def __repr__(self) -> str:
        if self.ended:
            return text("spark.progress_ended", seconds=self.elapsed_s)
        parts = [text("spark.progress_stage", stage=item.id, done=item.done, total=item.total) for item in self.stages]
        return text("spark.progress", stages=" · ".join(parts), seconds=self.elapsed_s)

    def _repr_html_(self) -> str:
        done = sum(item.done for item in self.stages)
        total = sum(item.total for item in self.stages)
        bar = (
            "" if self.ended or not total else f'<progress value="{done}" max="{total}" aria-hidden="true"></progress> '
        )
        return f"<div>{bar}{self!r}</div>"


class Progress:
    """Looks at one SparkContext while cells run. Reads only, and is silent when anything is in its way."""

    def __init__(self, context: Any, show: Any, clock: Any = time.monotonic) -> None:
        self._context = context
        self._show = show
        self._clock = clock
        self._cell = 0
        self._began = 0.0
        self._busy = threading.Event()
        self._handle: Any = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """A cell begins."""
        with self._lock:
            self._began, self._handle = self._clock(), None
        self._busy.set()

    def end(self) -> None:
        """It has ended: the bar, if there was one, becomes a sentence."""
        self._busy.clear()
        with self._lock:
            if self._handle is not None:
                self._handle.update(Look((), self._clock() - self._began, ended=True))
            self._handle = None

    def look(self) -> None:
        """Show what is running, if it has been running for a while."""
        elapsed_s = self._clock() - self._began
        if elapsed_s < _QUIET_S:
            return
        stages = find_stages(self._context)
        with self._lock:
            if not stages or not self._busy.is_set():
                return
            seen = Look(stages, elapsed_s)
            if self._handle is None:
                self._handle = self._show(seen)
            else:
                self._handle.update(seen)

    def run(self) -> None:
        """Look until the context is gone."""
        while getattr(self._context, "_jsc", None) is not None:
            self._busy.wait()
            try:
                self.look()
            except Exception:
                return
            time.sleep(_LOOK_S)


def find_stages(context: Any) -> tuple[Stage, ...]:
    """The stages that run now, from Spark's own tracker."""
    tracker = context.statusTracker()
    found = []
    for number in tracker.getActiveStageIds():
        info = tracker.getStageInfo(number)
        if info is not None:
            found.append(Stage(number, info.numCompletedTasks, info.numTasks))
    return tuple(sorted(found, key=lambda stage: stage.id))


def watch(context: Any) -> None:
    """Watch the cells of this notebook; nothing in a terminal or a script, where there is no display to keep up to date."""
    shell = _find_notebook()
    if shell is None:
        return
    from IPython.display import display

    progress = Progress(context, lambda seen: display(seen, display_id=True))  # type: ignore[no-untyped-call]
    _Cells(shell, progress, context).register()
    threading.Thread(target=progress.run, name="labkit-spark-progress", daemon=True).start()


class _Cells:
    """What happens before and after each cell."""

    def __init__(self, shell: Any, progress: Progress, context: Any) -> None:
        self._shell = shell
        self._progress = progress
        self._context = context

    def register(self) -> None:
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        self._progress.begin()  # the cell that started Spark

    def _before(self, info: Any) -> None:
        if getattr(self._context, "_jsc", None) is None:
            self._unregister()
            return
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._interrupt)
        if info.store_history:  # a test runner does not: there is nobody to watch a bar
            self._progress.begin()

    def _after(self, _result: Any) -> None:
        self._progress.end()

    def _unregister(self) -> None:
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)

    def _interrupt(self, *_signal: Any) -> None:
        """Cancel what Spark is doing over a connection of its own: that of the cell is waiting for the job's end."""
        worker = threading.Thread(target=self._cancel, daemon=True)
        worker.start()
        worker.join(_PATIENCE_S)
        raise KeyboardInterrupt

    def _cancel(self) -> None:
        try:
            self._context.cancelAllJobs()
        except Exception:
            return  # the context has stopped: there is nothing to cancel


def _find_notebook() -> Any:
    """The shell of a Jupyter kernel; None anywhere else."""
    import sys

    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    return shell if getattr(shell, "kernel", None) is not None else None
