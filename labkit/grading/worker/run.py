"""Grading one submission: its own cloud, its notebooks rebuilt and run one by one, every check made outside of them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.aws.session import Clients
from labkit.checks.finding import BROKEN, NOT_ATTEMPTED
from labkit.checks.tasks import list_step_tasks
from labkit.data.student import find_data
from labkit.grading.editions.cells import Notebook
from labkit.grading.editions.places import find_places
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.validate import read_source
from labkit.grading.nbval_run import CellOutcome, Limits, NotebookRun, run_notebook
from labkit.grading.note import Note
from labkit.grading.rebuild.build import list_free_texts, rebuild
from labkit.grading.rebuild.read import read_student_notebook
from labkit.grading.sandbox.watch import Watch, watch_kernel
from labkit.grading.worker.cloud import WalledCloud
from labkit.grading.worker.forks import Forks
from labkit.grading.worker.inventory import Inventory
from labkit.grading.worker.job import Job
from labkit.grading.worker.orders import Orders, write_orders
from labkit.grading.worker.outcome import CellMark, Graded, TaskMark, write_graded
from labkit.grading.worker.places import Places, build_child_wall, build_environment, build_prefix, find_state
from labkit.grading.worker.reference import Stage, is_clean
from labkit.settings import Settings, read_settings, with_endpoint

_LONGEST_OUTPUT = 4_000
# No notebook before this step runs Glue jobs.
FIRST_JOB = 4


@dataclass
class _Findings:
    """What has been found of one notebook."""

    tasks: list[TaskMark] = field(default_factory=list)
    cells: list[CellMark] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


class Worker:
    """Runs one job; `references` are inventories of the reference after each step (none: every notebook gets a new cloud)."""

    def __init__(self, job: Job, references: Mapping[int, Inventory]) -> None:
        self._job, self._references = job, references
        self._places = Places(Path(job.work))
        self._found = _Findings()
        self._cloud: WalledCloud | None = None
        self._clean_after = -1
        self._environ = {"LABKIT_STUDENT": job.seed, "LABKIT_LANG": job.language}
        self._forks = Forks(build_environment(self._places.own, **self._environ), self._places.own)

    def run(self) -> None:
        """Grade the job's notebooks, and write what was found of each as soon as it is done: a job that is ended keeps it.

        The tasks of a notebook that was not handed in are not attempted.
        """
        self._places.make()
        try:
            with self._forks:
                for name, result in self._job.results.items():
                    began = time.monotonic()
                    self._found = _Findings()
                    self._grade(read_source(find_places(), name).notebook)
                    write_graded(Path(result), self._build(time.monotonic() - began))
        finally:
            self._stop_cloud()

    def _build(self, seconds: float) -> Graded:
        job, found = self._job, self._found
        walls = {
            name: getattr(job.protections, name)
            for name in ("tool", "network", "files", "processes", "limits", "cloud")
        }
        return Graded(
            job.student,
            job.key,
            tuple(found.tasks),
            tuple(found.cells),
            tuple(found.notes),
            walls,
            round(seconds, 1),
            texts=dict(found.texts),
        )

    def _grade(self, reference: Notebook) -> None:
        handed_in = self._job.papers.get(reference.name)
        results: Mapping[str, Mapping[str, Any]] = {}
        if handed_in is None:
            self._found.notes.append(Note("grading.not_handed_in", reference.name))
        else:
            student = read_student_notebook(Path(handed_in))
            if student.problem:
                self._found.notes.append(Note(student.problem, reference.name))
            else:
                rebuilt = rebuild(reference, self._job.language, student)
                self._found.notes += rebuilt.notes
                self._found.texts |= {
                    cell.id: rebuilt.answers[cell.id]
                    for cell in list_free_texts(reference)
                    if cell.id in rebuilt.answers
                }
                results = self._run(reference, rebuilt.render())
        self._found.tasks += [self._mark(reference, task.id, results) for task in list_step_tasks(reference.step)]

    def _run(self, reference: Notebook, content: bytes) -> Mapping[str, Mapping[str, Any]]:
        """Run the rebuilt notebook; the check's results by task."""
        cloud = self._ready_cloud(reference.step)
        room = self._places.new_room(f"kernel-{reference.name}")
        find_state(room).mkdir()
        if self._job.seed:
            # A copy: what the checks reckon with stays where the student's code cannot reach it.
            shutil.copytree(find_data(self._settings()).parent, find_state(room) / "data")
        folder = room / "notebooks" / self._job.language
        folder.mkdir(parents=True)
        path = folder / f"{reference.name}.ipynb"
        path.write_bytes(content)
        results = self._places.own / f"{reference.name}.results.jsonl"
        orders = self._places.own / f"{reference.name}.orders.json"
        checks = {
            cell.id: task
            for cell in reference.cells
            if (task := find_task(cell)) is not None and cell.kind == "code" and cell.is_graded
        }
        write_orders(
            orders,
            Orders(
                checks,
                tuple(build_prefix(self._job.protections, room)),
                {**self._environ, "LABKIT_STATE": str(self._places.own)},
                self._places.own,
                find_state(room),
                cloud.endpoint_url,
                cloud.pid,
                results,
            ),
        )
        ran = self._run_watched(reference.name, path, room, orders, cloud)
        self._found.cells += [_mark_cell(reference.name, cell) for cell in ran.cells]
        if ran.problem:
            self._found.notes.append(Note("grading.run_problem", reference.name, detail=ran.problem[-300:]))
        return _read_results(results)

    def _run_watched(self, name: str, path: Path, room: Path, orders: Path, cloud: WalledCloud) -> NotebookRun:
        """Run the notebook; what breaks a ceiling costs its kernel, and later cells get a new one."""
        watches: list[Watch] = []

        def watch(pid: int) -> Watch:
            watches.append(watch_kernel(pid, room))
            return watches[-1]

        ran = run_notebook(
            path,
            self._kernel_environment(room, cloud.endpoint_url) | {"LABKIT_GRADING_ORDERS": str(orders)},
            limits=Limits(self._job.cell_s, 60.0, self._job.notebook_s, honours_marks=False),
            plugins=("labkit.grading.worker.plugin",),
            home=room / "jupyter",
            watch=watch,
            start=self._forks.start,
        )
        self._found.notes += [Note(one.broken, name) for one in watches if one.broken]
        return ran

    def _kernel_environment(self, room: Path, endpoint_url: str) -> dict[str, str]:
        return build_environment(
            room,
            **self._environ,
            LABKIT_STATE=str(find_state(room)),
            LABKIT_GRADED="1",
            LABKIT_CLOUD=endpoint_url,
            AWS_ENDPOINT_URL=endpoint_url,
        )

    def _ready_cloud(self, step: int) -> WalledCloud:
        """A cloud in the reference's state below `step`: the one that ran, if the last notebook left it clean, or a new one."""
        if self._cloud is not None and not self._job.chain and not self._is_reusable():
            self._stop_cloud()
        if self._cloud is None:
            self._cloud = self._start_cloud()
        if not self._job.chain:
            self._stage().build(step)
        self._clean_after = step
        return self._cloud

    def _is_reusable(self) -> bool:
        reference = self._references.get(min(self._clean_after, 6))
        return reference is not None and is_clean(self._stage(), self._clean_after, reference)

    def _stage(self) -> Stage:
        assert self._cloud is not None
        settings = with_endpoint(self._settings(), self._cloud.endpoint_url)
        return Stage(settings, Clients(settings.target))

    def _settings(self) -> Settings:
        """The grader's own settings for this student: a ledger and a state folder that the student's code cannot reach."""
        return read_settings({**self._environ, "LABKIT_STATE": str(self._places.own)}, self._places.own)

    def _start_cloud(self) -> WalledCloud:
        room = self._places.new_room("cloud")
        prefix = build_prefix(self._job.protections, room)
        environ = build_environment(room, **build_child_wall(self._job.protections, room / "state"), **self._warmth())
        cloud = WalledCloud(prefix, room / "state", environ, self._places.own / "cloud.log")
        cloud.start()
        return cloud

    def _warmth(self) -> dict[str, str]:
        """Whether the cloud keeps a Spark ready. Warming one up further takes more of the processor than the few jobs win."""
        steps = [read_source(find_places(), name).notebook.step for name in self._job.results]
        return {"LABKIT_WARM_DRIVER": "started" if any(step >= FIRST_JOB for step in steps) else "off"}

    def _stop_cloud(self) -> None:
        if self._cloud is not None:
            self._cloud.stop()
            self._cloud = None

    def _mark(self, reference: Notebook, task_id: str, results: Mapping[str, Mapping[str, Any]]) -> TaskMark:
        task = next(task for task in list_step_tasks(reference.step) if task.id == task_id)
        result = results.get(task_id, {"status": NOT_ATTEMPTED, "findings": []})
        status = str(result["status"])
        earned = (
            task.points if status == "passed" else 0
        )  # what a person gives by the rubric (task.by_hand) comes on top
        return TaskMark(
            task_id, status, earned, task.points, task.outcome, tuple(result["findings"]), our_fault=status == BROKEN
        )


def _mark_cell(notebook: str, cell: CellOutcome) -> CellMark:
    return CellMark(notebook, cell.cell_id, cell.outcome, cell.seconds, cell.error[:500], cell.output[:_LONGEST_OUTPUT])


def _read_results(path: Path) -> dict[str, Mapping[str, Any]]:
    if not path.is_file():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["result"]["task"]: row["result"] for row in rows}
