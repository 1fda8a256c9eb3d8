"""The state that a notebook starts from: the reference's, whatever the notebooks before it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labkit.aws.session import Clients
from labkit.checks.context import build_context
from labkit.checks.tasks import clear_step
from labkit.errors import LabError
from labkit.grading.worker.inventory import Inventory, take_inventory
from labkit.grading.worker.tidy import remove_extras
from labkit.prices import load_prices
from labkit.run.inputs import build_lab
from labkit.settings import Settings
from labkit.steps.apply import apply_plan, apply_step
from labkit.steps.catch_up import plan_catch_up
from labkit.steps.ledger import Ledger
from labkit.steps.step import STEPS
from labkit.steps.tags import build_tags

# What differs from student to student: of these only the names are compared.
_BY_NAME = ("object", "table", "database")
# Left by every query and every job; no notebook reads them.
_PASSING = ("aws-athena-query-results-", "aws-glue-assets-")


@dataclass(frozen=True)
class Stage:
    """The cloud of one submission and what is wanted in it."""

    settings: Settings
    clients: Clients

    def build(self, below: int) -> None:
        """Make all that the steps below this number make."""
        lab, prices, ledger = build_lab(self.settings), load_prices(self.settings.prices), self._ledger
        for plan in plan_catch_up(self.clients, lab, below, prices, ledger):
            apply_plan(self.clients, plan, ledger, lambda _step, _call: None)

    def finish(self, step: int) -> None:
        """Take away what the tasks of a step made, and bring the resources of all steps up to it to the reference."""
        clear_step(step, build_context(self.settings, self.clients))
        lab, prices = build_lab(self.settings), load_prices(self.settings.prices)
        for known in STEPS:
            if known.number <= step:
                apply_step(self.clients, lab, known, prices, self._ledger, lambda _step, _call: None)

    def inventory(self) -> Inventory:
        return take_inventory(self.clients, build_tags(self.settings))

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self.settings.state_dir, self.settings.target)


def list_references(stage: Stage, last: int) -> Iterator[tuple[int, Inventory]]:
    """On an empty cloud, what there is once each step has been done, from 0 (nothing) to `last`."""
    for step in range(last + 1):
        stage.build(step + 1)
        yield step, stage.inventory()


def is_clean(stage: Stage, step: int, reference: Inventory) -> bool:
    """Finish the step, and say whether the cloud now holds what the reference holds after it, and nothing else."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        stage.finish(step)
        present = stage.inventory()
        if _comparable(present) == _comparable(reference):
            return True
        remove_extras(stage.clients, reference, _comparable(present))
        stage.finish(step)
        return _comparable(stage.inventory()) == _comparable(reference)
    except (LabError, BotoCoreError, ClientError):
        # A bucket policy that denies everything, a role that cannot be mended: begin anew.
        return False


def _comparable(inventory: Inventory) -> Mapping[tuple[str, str], str]:
    return {
        (kind, name): "" if kind in _BY_NAME else digest
        for (kind, name), digest in inventory.items()
        if not (kind == "object" and name.startswith(_PASSING))
    }
