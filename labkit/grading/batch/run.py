"""Many submissions, N at once: each in worker processes, a result kept for each notebook, so that a stopped batch goes on."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

from labkit.errors import LabError
from labkit.grading.batch.folder import lock_folder
from labkit.grading.batch.kept import Kept, Marked, build_unfinished, merge
from labkit.grading.batch.processes import WORKER, Processes, Run
from labkit.grading.batch.shares import find_ways, split
from labkit.grading.editions.cells import Notebook
from labkit.grading.intake.submission import Submission
from labkit.grading.sandbox.protections import Protections
from labkit.grading.sandbox.watch import Ceiling
from labkit.grading.worker.job import Job, write_job
from labkit.grading.worker.outcome import Graded
from labkit.i18n import build_lesson

WORKER_FAILED = "grading.worker_failed"
OUT_OF_TIME = "limit.time"
# A machine that fails two notebooks in a row by itself will fail the third as well.
_FAILURES = 2


@dataclass(frozen=True)
class BatchOptions:
    """`language` of the notebooks' texts; `chain`: notebooks build on each other; bounds in seconds and of memory per worker.

    `keep` is where each student's working folder goes when it is done (None: it is removed).
    """

    language: str = "es"
    workers: int = 1
    chain: bool = False
    cell_s: float = 90.0
    notebook_s: float = 300.0
    submission_s: float = 900.0
    ceiling: Ceiling = field(default_factory=Ceiling)
    keep: Path | None = None


@dataclass(frozen=True)
class Done:
    """One submission that is finished: `ran` are the notebooks that were run now; an earlier batch had the results of the others."""

    submission: Submission
    graded: Graded
    ran: tuple[str, ...]

    @property
    def is_cached(self) -> bool:
        return not self.ran


class Batch:
    """Runs submissions; `folder` keeps results, logs and the inventories of the reference. `worker`: words for Python that start one."""

    def __init__(
        self,
        folder: Path,
        protections: Protections,
        options: BatchOptions,
        references: Sequence[Notebook],
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._folder, self._protections, self._options = folder, protections, options
        self._notebooks = {notebook.name: notebook for notebook in references}
        self._processes = Processes(protections, options.ceiling, worker)
        self.kept = Kept(folder / "results")

    def find_missing(self, marked: Marked) -> tuple[str, ...]:
        """The notebooks of a submission that have to be run: in a chain all, when one has no result."""
        missing = tuple(name for name in self._notebooks if self.kept.find(marked, name) is None)
        return tuple(self._notebooks) if missing and self._options.chain else missing

    def run(self, submissions: Sequence[Marked], on_start: Callable[[Submission], None]) -> Iterator[Done]:
        """Grade each submission; yields them as they finish. Ends its workers when it is left. LabError when the disk is full."""
        with lock_folder(self._folder):
            # What a batch that was killed left behind.
            shutil.rmtree(self._folder / "work", ignore_errors=True)
            yield from self._run(submissions, on_start)

    def _run(self, submissions: Sequence[Marked], on_start: Callable[[Submission], None]) -> Iterator[Done]:
        waiting: list[tuple[Marked, tuple[str, ...]]] = []
        for marked in submissions:
            if missing := self.find_missing(marked):
                waiting.append((marked, missing))
            else:
                yield self._finish(marked, ())
        ways = find_ways(self._options.workers, len(waiting), chain=self._options.chain)
        pool = ThreadPoolExecutor(max(1, self._options.workers // ways), thread_name_prefix="grading")
        try:
            futures = [pool.submit(self._grade, marked, missing, on_start, ways) for marked, missing in waiting]
            for future in as_completed(futures):
                yield future.result()
        finally:
            self._processes.stop()
            pool.shutdown(wait=True, cancel_futures=True)

    def _finish(self, marked: Marked, ran: tuple[str, ...]) -> Done:
        parts = [
            self.kept.read(marked, name) or build_unfinished(marked.submission, notebook, WORKER_FAILED)
            for name, notebook in self._notebooks.items()
        ]
        return Done(marked.submission, merge(marked.submission, parts), ran)

    def _grade(
        self, marked: Marked, missing: tuple[str, ...], on_start: Callable[[Submission], None], ways: int
    ) -> Done:
        self._processes.raise_if_stopped()
        on_start(marked.submission)
        self.kept.forget(marked, missing)
        try:
            self._run_shares(marked, split(missing, self._notebooks, ways))
        except OSError as error:
            reason = error.strerror or str(error)
            raise build_lesson(LabError, "error.out_unwritable", folder=str(self._folder), reason=reason) from error
        return self._finish(marked, missing)

    def _run_shares(self, marked: Marked, shares: Sequence[Sequence[str]]) -> None:
        """The notebooks of a share one after another, the shares at once: no notebook needs what another one left."""
        with ThreadPoolExecutor(len(shares), thread_name_prefix="share") as pool:
            for done in [pool.submit(self._run_all, marked, share) for share in shares]:
                done.result()

    def _run_all(self, marked: Marked, missing: Sequence[str]) -> None:
        """Run workers until every notebook has a result: one that ends its worker does not take those after it along."""
        deadline = time.monotonic() + self._options.submission_s
        rest, failures = list(missing), 0
        while rest:
            run = self._run_worker(marked, rest, max(0.0, deadline - time.monotonic()))
            # A batch that was stopped says nothing about what it had not finished.
            self._processes.raise_if_stopped()
            self._note_memory(marked, rest, run.memory_bytes)
            rest = [name for name in rest if self.kept.read(marked, name) is None]
            if not rest:
                return
            problem = run.problem or WORKER_FAILED
            failures = failures + 1 if problem == WORKER_FAILED else 0
            is_over = problem == OUT_OF_TIME or self._options.chain or failures >= _FAILURES
            for name in rest if is_over else rest[:1]:
                unfinished = build_unfinished(marked.submission, self._notebooks[name], problem)
                self.kept.write(marked, name, replace(unfinished, memory_bytes=run.memory_bytes))
            rest = [] if is_over else rest[1:]

    def _run_worker(self, marked: Marked, names: Sequence[str], most_s: float) -> Run:
        work = self._folder / "work" / f"{marked.submission.key}-{os.getpid()}-{threading.get_ident()}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        job = self._build_job(marked, names, work)
        for place in job.results.values():
            Path(place).parent.mkdir(parents=True, exist_ok=True)
        write_job(work / "job.json", job)
        words = [str(work / "job.json"), str(self._folder / "references.json")]
        try:
            return self._processes.run(words, work, self.kept.folder_of(marked) / f"worker-{names[0]}.log", most_s)
        finally:
            self._put_away(marked.submission, work)

    def _build_job(self, marked: Marked, names: Sequence[str], work: Path) -> Job:
        submission, options = marked.submission, self._options
        return Job(
            student=submission.student,
            key=submission.key,
            seed=submission.seed,
            language=options.language,
            papers={paper.name: str(paper.path) for paper in submission.papers},
            work=str(work),
            results={name: str(self.kept.place(marked, name)) for name in names},
            protections=self._protections,
            chain=options.chain,
            cell_s=options.cell_s,
            notebook_s=options.notebook_s,
        )

    def _put_away(self, submission: Submission, work: Path) -> None:
        """Whatever the student wrote in the working folder goes with it, unless it is to be looked at."""
        if self._options.keep is not None and work.is_dir():
            kept = self._options.keep / submission.key
            # A second worker takes the place of the first and brings what it left out.
            shutil.copytree(work, kept, symlinks=True, dirs_exist_ok=True, ignore=_leave_sockets)
        shutil.rmtree(work, ignore_errors=True)

    def _note_memory(self, marked: Marked, names: Sequence[str], memory_bytes: int) -> None:
        for name in names:
            if (found := self.kept.read(marked, name)) is not None:
                self.kept.write(marked, name, replace(found, memory_bytes=memory_bytes))


def _leave_sockets(folder: str, names: list[str]) -> set[str]:
    """Sockets and pipes that a process left behind: they cannot be copied."""
    paths = {name: Path(folder) / name for name in names}
    return {name for name, path in paths.items() if not (path.is_file() or path.is_dir() or path.is_symlink())}
