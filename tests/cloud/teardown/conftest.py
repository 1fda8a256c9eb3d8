"""Whole labs of a class on the session's cloud: a student each, as on AWS, so that their names and tags are apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.session import Clients
from labkit.prices import load_prices
from labkit.settings import Settings, read_settings, with_account
from labkit.steps.apply import apply_step
from labkit.steps.lab import Lab, Upload
from labkit.steps.ledger import Ledger
from labkit.steps.step import STEPS
from labkit.steps.tags import build_tags
from labkit.teardown.belongings import Belongings
from labkit.teardown.find import find_belongings
from labkit.teardown.pace import Pace
from labkit.teardown.teardown import Hooks, Report, tear_down

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Studied:
    """One student's lab: rehearsed as on AWS, with a folder of its own for the ledger."""

    settings: Settings
    clients: Clients
    ledger: Ledger
    lab: Lab

    def apply(self, *steps: int) -> None:
        for step in STEPS:
            if step.number in steps:
                apply_step(self.clients, self.lab, step, load_prices(), self.ledger, lambda _step, _call: None)

    def find(self) -> Belongings:
        return find_belongings(self.clients, self.settings, self.ledger)

    def tear_down(self, **hooks: Any) -> Report:
        pace = Pace(patience_s=60)
        return tear_down(self.clients, self.settings, self.ledger, self.find(), Hooks(**hooks), pace)


@pytest.fixture
def study(cloud: Any, tmp_path: Path) -> Callable[..., Studied]:
    """`study("ana")` is Ana's lab; nothing of it is made yet. Without `samples` nothing is crawled, which takes a second."""

    def build(student: str, *, samples: bool = False, folder: str = "") -> Studied:
        environ = {"LABKIT_TARGET": "aws", "AWS_ENDPOINT_URL": cloud.endpoint_url, "LABKIT_STUDENT": student}
        state = tmp_path / (folder or student)
        settings = with_account(read_settings(environ, state), ACCOUNT)
        names = settings.names
        sample = tmp_path / "ventas_2024_01.csv"
        sample.write_text("id_venta,fecha,cantidad\n1,2024-01-03,2\n", encoding="utf-8")
        lab = Lab(
            ACCOUNT,
            settings.target.region,
            names,
            (Upload(sample, names.raw_bucket, f"{names.raw_prefix}{sample.name}"),) if samples else (),
            ROOT / "etl/sales_etl.py",
            ROOT / "lambda/start_glue_job.py",
            {"--database": names.database},
            tags=build_tags(settings),
            log_retention_days=7,
        )
        return Studied(settings, Clients(settings.target), Ledger(settings.state_dir, settings.target), lab)

    return build
