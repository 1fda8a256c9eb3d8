"""The lab as a notebook uses it: a facade of short methods over checks, steps and widgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.aws.session import Clients
from labkit.checks.finding import NOT_POSSIBLE, CheckResult
from labkit.checks.tasks import list_step_tasks, list_tasks
from labkit.checks.truth import Truth
from labkit.classroom import evaluation, guidance, handing_over
from labkit.classroom.handing_over import find_task
from labkit.classroom.measuring import measure, plan_bench
from labkit.classroom.not_passed import TaskNotPassed
from labkit.classroom.surroundings import Surroundings
from labkit.i18n import text
from labkit.names import Names
from labkit.prices import Prices
from labkit.settings import Settings
from labkit.steps.apply import apply_plan
from labkit.steps.bench import NUMBER as BENCH
from labkit.steps.ownership import find_conflicts, refuse_conflicts
from labkit.steps.plan import StepPlan, plan_step
from labkit.steps.step import STEPS
from labkit.ui.doctor import DoctorReport
from labkit.ui.guidance import HintView, PredictionView, SolutionView
from labkit.ui.measured import MeasuredTable, MeasuredView, Workloads
from labkit.ui.panels import Panels
from labkit.ui.progress_table import ProgressView
from labkit.ui.show import show
from labkit.ui.step_calls import StepCalls
from labkit.ui.what_if import WhatIf

if TYPE_CHECKING:
    from labkit.classroom.chaos import ChaosView
    from labkit.steps.practice import Practice
    from labkit.ui.opened import CaughtUpView
    from labkit.ui.parity.view import ParityView
    from labkit.ui.remains import RemainsView, TeardownView


class StudentLab(Panels):
    """One open notebook. Every button of a widget has its call here, and every call shows what it did.

    `step` is the notebook's number, `name` its file name without the ending.
    """

    def __init__(self, surroundings: Surroundings, step: int, name: str) -> None:
        self.surroundings = surroundings
        self.step = step
        self.name = name

    @property
    def settings(self) -> Settings:
        return self.surroundings.settings

    @property
    def clients(self) -> Clients:
        return self.surroundings.clients

    @property
    def names(self) -> Names:
        """The names of the lab's resources."""
        return self.settings.names

    @property
    def prices(self) -> Prices:
        return self.surroundings.prices

    @property
    def account(self) -> str:
        return self.settings.target.account

    @property
    def region(self) -> str:
        return self.settings.target.region

    @property
    def student(self) -> str:
        """LABKIT_STUDENT ("" for the lab's common data)."""
        return self.settings.student

    @property
    def data(self) -> Path:
        """The folder of this student's four sources."""
        return Truth(self.settings).folder

    def client(self, service: str) -> Any:
        """A boto3 client of the cloud, as `boto3.client(service)` gives in a notebook that is open."""
        from labkit.classroom.recording import listen

        client = self.clients.client(service)
        listen(client.meta.events)
        return client

    def check(self, task: str, *, quiet: bool = False, **values: Any) -> CheckResult | None:
        """Check a task and show how it stands; `values` are the names that its check cell hands over.

        TaskNotPassed unless it passed, so that nbval and "run all" stop there; with `quiet` the result is returned instead.
        """
        if handing_over.is_graded():
            handing_over.hand_over(task, values)
            return None
        view = guidance.check(self.surroundings, find_task(task), values)
        show(view)
        if quiet:
            return view.result
        if not view.passed and view.status != NOT_POSSIBLE:
            raise TaskNotPassed(view)
        return None

    def hint(self, task: str) -> HintView:
        """The next hint of a task, below those asked for before."""
        return guidance.next_hint(self.surroundings, find_task(task))

    def solution(self, task: str) -> SolutionView:
        """The reference answer of a task; that it was shown is recorded. LabError where this edition comes without."""
        return guidance.show_solution(self.surroundings, find_task(task))

    def predict(self, task: str, **values: Any) -> PredictionView:
        """Lock a prediction. The first one counts: later ones are shown beside it and not kept."""
        return guidance.lock_prediction(self.surroundings, find_task(task), values)

    def progress(self, *, all_steps: bool = True) -> ProgressView:
        """Every task with its last result, and the points by learning outcome; `all_steps=False` for this notebook alone."""
        tasks = list_tasks() if all_steps else list_step_tasks(self.step)
        return guidance.build_progress(self.surroundings.journal, tasks)

    def plan(self) -> StepCalls:
        """The calls that this step still needs, as boto3 and AWS CLI lines; nothing is changed."""
        return self._describe(self._plan(), made=False)

    def build(self) -> StepCalls:
        """Make the calls that this step still needs, and show them; on AWS never where something of others stands in the way."""
        refuse_conflicts(find_conflicts(self.clients, self.surroundings.wanted, self.surroundings.ledger))
        plan = self._plan()
        apply_plan(self.clients, plan, self.surroundings.ledger, lambda _step, _call: None)
        return self._describe(plan, made=True)

    def catch_up(self) -> CaughtUpView:
        """Make what the steps before this notebook still lack, on AWS too, where `labkit.open` only lists it."""
        from labkit.classroom.catching_up import catch_up_now

        return catch_up_now(self.surroundings, self.step)

    def remains(self) -> RemainsView:
        """What of the lab is still there: since when, what it has cost, what it costs a day, and how to take it down."""
        from labkit.classroom.remaining import find_remains

        return find_remains(self.surroundings)

    def teardown(self, *, delete: bool = False) -> TeardownView:
        """What would be deleted; with `delete=True` all of it goes, with what it holds, and is looked for again."""
        from labkit.classroom.remaining import take_down

        return take_down(self.surroundings, delete=delete)

    def practice(self) -> Practice:
        """Make the cheap job and the role that the exercises about functions use, show the calls, and return their names."""
        from labkit.classroom.practice import make_practice

        return make_practice(self.surroundings, self.step)

    def deploy(self, name: str, file: str | Path, **variables: str) -> StepCalls:
        """Zip a file and make a function of it with these environment variables, under the exercises' role, and show the calls."""
        from labkit.classroom.practice import deploy_function

        return deploy_function(self.surroundings, self.step, name, Path(file), variables)

    def chaos(self, kind: str, **options: Any) -> ChaosView:
        """S3 events twice, late or again, as `labkit chaos`: `duplicate`, `delay`, `reorder`, `throttle`, `replay`, `off`."""
        from labkit.classroom.chaos import disturb

        return disturb(self.settings, kind, options)

    def reset(self, step: int | None = None) -> None:
        """Start a step over: back up, then restore its notebook and its resources."""
        from labkit.classroom.reset import reset_step

        show(reset_step(self.surroundings, self.step if step is None else step))

    def doctor(self) -> DoctorReport:
        """What is and what is not in order on this computer and, on AWS, in the account, as `labkit doctor` says it."""
        from labkit.commands.doctor import examine_all

        return examine_all(self.settings, self.settings.state_dir)

    def parity(self, step: int | str | None = None) -> ParityView:
        """What of this notebook runs on AWS as here, what differs, what is not run, and what of it somebody saw there."""
        from labkit.parity.find import find_step
        from labkit.ui.parity.view import show_step

        return show_step(find_step(str(self.step if step is None else step)), full=False)

    def measure(self, engine: str) -> MeasuredView:
        """Notebook 8: run "glue", "lambda" or "pandas" over the samples and record it; a prediction must be locked before."""
        return measure(self.surroundings, engine)

    def measured(self) -> MeasuredTable:
        """Notebook 8: the newest run of each engine beside what was predicted."""
        return evaluation.compare(self.surroundings)

    def workloads(self) -> Workloads:
        """Notebook 8: this student's three workloads, as `choose` gets them."""
        return evaluation.find_workloads(self.surroundings)

    def what_if(self, workload: str, **changes: Any) -> WhatIf:
        """Notebook 8: what each measured engine would take and cost for a workload, with changes (`runs_per_month=…`) or sliders."""
        return evaluation.explore(self.surroundings, workload, changes)

    def _plan(self) -> StepPlan:
        if self.step == BENCH:
            return plan_bench(self.surroundings)
        step = next((step for step in STEPS if step.number == self.step), STEPS[-1])
        return plan_step(self.clients, self.surroundings.wanted, step, self.prices)

    def _describe(self, plan: StepPlan, *, made: bool) -> StepCalls:
        title = text("plan.step", number=plan.step.number, title=text(f"step.{plan.step.key}"))
        return StepCalls(title, plan.calls, made, plan.cost_usd)

    def __repr__(self) -> str:
        return f"<lab {self.name} {self.settings.target.endpoint_url or self.settings.target.name}>"
