"""Runs the code cells of a notebook's source in this process, with a lab of its own names, and checks tasks with what they leave."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from labkit.checks.context import Answer, Context, build_context
from labkit.checks.finding import CheckResult
from labkit.checks.journal import open_journal
from labkit.checks.remote import CheckProcess
from labkit.checks.run import run_check
from labkit.checks.tasks import get_task
from labkit.checks.values import export, read_value
from labkit.classroom.student_lab import StudentLab
from labkit.classroom.surroundings import Surroundings
from labkit.prices import load_prices
from labkit.run.inputs import build_lab
from labkit.settings import Settings
from labkit.steps.ledger import Ledger

NOTEBOOKS = Path(__file__).parents[3] / "notebooks/source"


def build_student_lab(settings: Settings, clients: Any, step: int, name: str) -> StudentLab:
    """A notebook's lab without the process that checks."""
    around = Surroundings(
        settings,
        clients,
        build_lab(settings),
        load_prices(),
        Ledger(settings.state_dir, settings.target),
        open_journal(settings),
        cast("CheckProcess", None),
    )
    return StudentLab(around, step, name)


@dataclass
class Cells:
    """The code cells of one notebook; `scope` is what they have left. Files of `%%writefile` go to `folder`."""

    name: str
    lab: StudentLab
    folder: Path
    scope: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scope |= {"lab": self.lab, "Path": Path}

    def read(self) -> Iterator[tuple[str, str]]:
        document = json.loads((NOTEBOOKS / f"{self.name}.ipynb").read_text(encoding="utf-8"))
        for cell in document["cells"]:
            if cell["cell_type"] == "code":
                yield cell["id"], "".join(cell["source"])

    def run(self, *wanted: str) -> None:
        """Run these cells, in the notebook's order; all that neither open nor check anything when none is named."""
        for cell_id, source in self.read():
            if wanted and cell_id not in wanted:
                continue
            if "lab.check(" not in source or wanted:
                self.execute(_keep_imports(source) if "labkit.open(" in source else source)

    def execute(self, source: str) -> None:
        if source.startswith("%%writefile "):
            head, _, body = source.partition("\n")
            (self.folder / head.split()[1]).write_text(body, encoding="utf-8")
        else:
            exec(compile(source, self.name, "exec"), self.scope)

    def check(self, task: str, *names: str, **values: Any) -> CheckResult:
        """Check a task with the names that its check cell hands over, or with other values for them."""
        given = {name: self.scope.get(name, ...) for name in names} | values
        return check_values(self.lab.surroundings.build_context(), task, given)


def _keep_imports(source: str) -> str:
    """What the first cell imports; the lab that it opens is there already."""
    lines = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    return "\n".join(line for line in lines if line != "import labkit")


def check_values(context: Context, task: str, given: Mapping[str, Any]) -> CheckResult:
    """The check with values exported as a kernel does."""

    def ask(name: str, calls: Sequence[Sequence[Any]]) -> list[Answer]:
        return [_call(given[name], arguments) for arguments in calls]

    exported = {name: read_value(export(value)) for name, value in given.items()}
    return run_check(get_task(task), build_context(context.settings, context.clients, exported, ask))


def _call(function: Any, arguments: Sequence[Any]) -> Answer:
    try:
        return Answer(read_value(export(function(*json.loads(json.dumps(list(arguments)))))))
    except Exception as error:  # noqa: BLE001 - it is the answer
        return Answer(error=f"{type(error).__name__}: {error}")


def wrong(result: CheckResult) -> set[str]:
    """The last word of each misconception, or of the finding that has none."""
    with suppress(StopIteration):
        broken = next(item for item in result.findings if item.key == "check.broken")
        raise AssertionError(broken.facts)
    return {(item.misconception or item.key).rpartition(".")[2] for item in result.findings if not item.ok}
