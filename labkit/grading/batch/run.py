"""Many submissions, N at once: each in a worker process, its result kept under its fingerprint, so that a stopped batch goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labkit.checks.finding import NOT_ATTEMPTED
from labkit.checks.tasks import list_step_tasks
from labkit.grading.editions.cells import Notebook
from labkit.grading.intake.submission import Submission
from labkit.grading.note import Note
from labkit.grading.sandbox.protections import Protections
from labkit.grading.sandbox.walls import wrap_run
from labkit.grading.sandbox.watch import Ceiling, Watch
from labkit.grading.worker.job import Job, write_job
from labkit.grading.worker.outcome import Graded, TaskMark, read_graded


@dataclass(frozen=True)
class BatchOptions:
    """`language` of the notebooks' texts; `chain`: notebooks build on each other; bounds in seconds and of memory per worker."""

    language: str = "es"
    workers: int = 1
    chain: bool = False
    cell_s: float = 60.0
    notebook_s: float = 240.0
    submission_s: float = 900.0
    ceiling: Ceiling = field(default_factory=Ceiling)


@dataclass(frozen=True)
class Done:
    """One submission that is finished: `is_cached` when an earlier batch had its result."""

    submission: Submission
    graded: Graded
    is_cached: bool


class Batch:
    """Runs submissions; `folder` keeps results, logs and the inventories of the reference."""

    def __init__(
        self, folder: Path, protections: Protections, options: BatchOptions, references: Sequence[Notebook]
    ) -> None:
        self._folder, self._protections, self._options = folder, protections, options
        self._references = list(references)
        self._names = tuple(notebook.name for notebook in references)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def find_result(self, submission: Submission, fingerprint: str) -> Graded | None:
        """The result of an earlier batch; one that ended by our fault is run again."""
        try:
            document = json.loads(self._result_of(submission, fingerprint).read_text(encoding="utf-8"))
            graded = read_graded(document)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None if graded.problem or any(mark.our_fault for mark in graded.tasks) else graded

    def forget(self, submission: Submission, fingerprint: str) -> None:
        """Have this submission run again."""
        self._result_of(submission, fingerprint).unlink(missing_ok=True)

    def run(
        self, submissions: Sequence[tuple[Submission, str]], on_start: Callable[[Submission], None]
    ) -> Iterator[Done]:
        """Grade each submission with its fingerprint; yields them as they finish. Ends its workers when it is left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        waiting: list[tuple[Submission, str]] = []
        for submission, fingerprint in submissions:
            known = self.find_result(submission, fingerprint)
            if known is None:
                waiting.append((submission, fingerprint))
            else:
                yield Done(submission, known, is_cached=True)
        pool = ThreadPoolExecutor(max(1, self._options.workers), thread_name_prefix="grading")
        try:
            futures = {pool.submit(self._grade, one, mark, on_start): one for one, mark in waiting}
            for future in as_completed(futures):
                yield Done(futures[future], future.result(), is_cached=False)
        finally:
            self._stop()
            pool.shutdown(wait=True, cancel_futures=True)

    def _grade(self, submission: Submission, fingerprint: str, on_start: Callable[[Submission], None]) -> Graded:
        on_start(submission)
        began = time.monotonic()
        result = self._result_of(submission, fingerprint)
        work = self._folder / "work" / f"{submission.key}-{os.getpid()}-{threading.get_ident()}"
        try:
            work.mkdir(parents=True)
            problem, memory_bytes = self._run_worker(submission, work, result)
        finally:
            # Whatever the student wrote there goes with it; what a walled process owns may need a second try.
            shutil.rmtree(work, ignore_errors=True)
        graded = self._read(submission, result, problem)
        graded = replace(graded, memory_bytes=memory_bytes, seconds=round(time.monotonic() - began, 1))
        graded = replace(graded, notes=(*submission.notes, *graded.notes))
        _write(result, graded.as_document())
        return graded

    def _run_worker(self, submission: Submission, work: Path, result: Path) -> tuple[str, int]:
        """Run the worker to its end or its bounds; what stopped it (key, "" when nothing did) and its memory at most."""
        job = Job(
            student=submission.student,
            key=submission.key,
            seed=submission.seed,
            language=self._options.language,
            papers={paper.name: str(paper.path) for paper in submission.papers},
            work=str(work),
            result=str(result),
            protections=self._protections,
            names=self._names,
            chain=self._options.chain,
            cell_s=self._options.cell_s,
            notebook_s=self._options.notebook_s,
        )
        write_job(work / "job.json", job)
        result.parent.mkdir(parents=True, exist_ok=True)
        result.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "labkit.grading.worker",
            str(work / "job.json"),
            str(self._folder / "references.json"),
        ]
        with (result.with_suffix(".log")).open("wb") as log:
            process = self._start(wrap_run(self._protections, command), log)
            with Watch(process.pid, work, self._options.ceiling, lambda: _end_tree(process)) as watch:
                try:
                    process.wait(timeout=self._options.submission_s)
                except subprocess.TimeoutExpired:
                    _end_tree(process)
                    return "limit.time", watch.most_memory_bytes
                finally:
                    with self._lock:
                        self._running.discard(process)
                    _end_tree(process)
            return watch.broken or ("" if process.returncode == 0 else "grading.worker_failed"), watch.most_memory_bytes

    def _start(self, command: Sequence[str], log: Any) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_stopped:
                raise InterruptedError("the batch was stopped")
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            self._running.add(process)
            return process

    def _stop(self) -> None:
        with self._lock:
            self._is_stopped = True
            running = list(self._running)
        for process in running:
            _end_tree(process)

    def _read(self, submission: Submission, result: Path, problem: str) -> Graded:
        """What the worker wrote, as far as it came; tasks it did not come to are not attempted."""
        document: Mapping[str, Any] = {}
        for path in (result, result.with_suffix(".draft")):
            try:
                document = json.loads(path.read_text(encoding="utf-8"))
                break
            except (OSError, ValueError):
                continue
        graded = read_graded(document) if document else Graded(submission.student, submission.key, (), (), (), {}, 0.0)
        known = {mark.task for mark in graded.tasks}
        missing = [
            TaskMark(task.id, NOT_ATTEMPTED, 0, task.points, task.outcome)
            for notebook in self._references
            for task in list_step_tasks(notebook.step)
            if task.id not in known
        ]
        notes = (*graded.notes, Note(problem)) if problem else graded.notes
        return replace(
            graded,
            tasks=(*graded.tasks, *missing),
            notes=notes,
            # What a submission does to its own worker is its own affair; a worker that fails by itself is ours.
            problem=problem if problem == "grading.worker_failed" else "",
        )

    def _result_of(self, submission: Submission, fingerprint: str) -> Path:
        return self._folder / "results" / f"{submission.key}-{fingerprint}.json"


def _end_tree(process: subprocess.Popen[bytes]) -> None:
    """End a worker and all that it started, also what made a session of its own."""
    import psutil

    try:
        top = psutil.Process(process.pid)
        tree = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        tree = []
    for one in tree:
        try:
            one.send_signal(signal.SIGKILL)
        except psutil.Error:
            continue
    process.wait()


def _write(path: Path, document: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".writing")
    draft.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    os.replace(draft, path)
