"""What a notebook stands on: settings, clients, the wanted resources, the ledger, the journal and the process that checks."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.journal import Journal, open_journal
from labkit.checks.remote import CheckProcess
from labkit.i18n import LANGUAGES, use_language
from labkit.prices import Prices, load_prices
from labkit.run.inputs import build_lab
from labkit.settings import Settings, find_lab_folder, read_settings
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger


@dataclass(frozen=True)
class Surroundings:
    """Everything of one target that the notebooks use; `wanted` describes the lab's own resources."""

    settings: Settings
    clients: Clients
    wanted: Lab
    prices: Prices
    ledger: Ledger
    journal: Journal
    checker: CheckProcess

    def build_context(self) -> Context:
        """A check's context in this process, for looking and clearing; checks themselves run in theirs."""
        return build_context(self.settings, self.clients)


def find_settings() -> Settings:
    """The settings of a notebook in this folder, in the language of its edition.

    Outside JupyterLab LABKIT_LANG goes first. Inside, `labkit lab` has set it for all kernels alike, also for the one whose
    notebook was opened from the other language's folder.
    """
    here = Path.cwd()
    settings = read_settings(os.environ, find_lab_folder(here))
    is_open = bool(os.environ.get("JPY_SESSION_NAME"))
    if here.name in LANGUAGES and (is_open or not os.environ.get("LABKIT_LANG")):
        settings = replace(settings, language=here.name)
    return settings


def build_surroundings(settings: Settings) -> Surroundings:
    """Reach the cloud (start it when it is down) and point this process at it. CloudError when it cannot be started."""
    from labkit.commands.cloud import connect
    from labkit.commands.shell import apply_variables, build_region_variables

    use_language(settings.language)
    settings = connect(settings)
    if settings.target.endpoint_url:
        apply_variables(settings.target, os.environ)
    else:
        os.environ.update(build_region_variables(settings.target.region))
    clients = Clients(settings.target)
    checker = CheckProcess({"LABKIT_LANG": settings.language, "LABKIT_STATE": str(settings.state_dir.absolute())})
    return Surroundings(
        settings,
        clients,
        build_lab(settings),
        load_prices(settings.prices),
        Ledger(settings.state_dir, settings.target),
        open_journal(settings),
        checker,
    )
