"""What is exported: the wanted state of the steps, gathered once for every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.export.symbols import Symbols, build_symbols
from labkit.names import is_role_arn
from labkit.steps import buckets, crawl, function, job, roles, trigger
from labkit.steps.crawl import Crawler
from labkit.steps.function import Function
from labkit.steps.job import WantedJob
from labkit.steps.lab import Lab, Upload
from labkit.steps.roles import Role
from labkit.steps.tags import EXPORT_TAG, LAB_TAG
from labkit.steps.trigger import Trigger
from labkit.steps.workgroup import SHARED, build_configuration

LAST_STEP = 6
# The buckets of step 1, by field of Names.
BUCKETS = ("raw_bucket", "processed_bucket", "assets_bucket", "results_bucket")


@dataclass(frozen=True)
class Blueprint:
    """The wanted state up to a step. What a later step brings, or somebody else made (a role given as ARN), is not in it.

    `roles` and `crawlers` are by field of Names; `job`, `function` and `trigger` are None before their steps.
    """

    lab: Lab
    step: int
    symbols: Symbols
    samples: tuple[Upload, ...]
    workgroup: Mapping[str, Any] | None
    roles: Mapping[str, Role]
    crawlers: Mapping[str, Crawler]
    job: WantedJob | None
    function: Function | None
    log_days: int
    trigger: Trigger | None

    @property
    def tags(self) -> dict[str, str]:
        """Those of the lab, under a name that `labkit teardown` does not take for its own."""
        return {EXPORT_TAG if key == LAB_TAG else key: value for key, value in self.lab.tags.items()}

    @property
    def has_catalog(self) -> bool:
        return bool(self.crawlers)


def build_blueprint(lab: Lab, step: int = LAST_STEP) -> Blueprint:
    """Gather what steps 1 to `step` want."""
    names = lab.names
    wanted_roles = {"glue_role": roles.build_wanted(lab)[0], "lambda_role": roles.build_wanted(lab)[1]}
    made = {field: role for field, role in wanted_roles.items() if not is_role_arn(role.name)}
    crawlers = {"raw_crawler": crawl.build_wanted(lab)}
    if step >= LAST_STEP:
        # The query needs the table of the Parquet: `labkit run` makes this crawler after the job has written.
        crawlers["processed_crawler"] = crawl.build_processed(lab)
    return Blueprint(
        lab=lab,
        step=step,
        symbols=build_symbols(names, lab.account, lab.region),
        samples=buckets.build_wanted(lab).samples,
        workgroup=None if names.workgroup == SHARED else build_configuration(lab),
        roles=made if step >= 2 else {},
        crawlers=crawlers if step >= 3 else {},
        job=job.build_wanted(lab) if step >= 4 else None,
        function=function.build_wanted(lab) if step >= 5 else None,
        log_days=lab.log_retention_days if step >= 5 else 0,
        trigger=trigger.build_wanted(lab) if step >= 6 else None,
    )
