"""`labkit run`: the lab half, on the cloud that the settings name."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.commands.cloud import connect, find_state_dir
from labkit.commands.confirming import confirm
from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.prices import Prices
    from labkit.results import RunReport
    from labkit.run.inputs import Inputs
    from labkit.run.pipeline import Outcome
    from labkit.run.progress import Progress


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Build the lab, drop a file, follow it to its numbers, and show them."""
    from labkit.run.columns import parse_columns
    from labkit.ui.report import print_report
    from labkit.ui.reporter import open_console, open_reporter

    if options.columns and options.data is None:
        raise build_lesson(UsageError, "error.columns_without_data")
    mapping = parse_columns(options.columns)
    _require_folder(options.out)
    settings = confirm(settings, options, text("aws.doing_run"))
    with tempfile.TemporaryDirectory(prefix="labkit-") as folder:
        # The file is looked at before anything starts: a wrong one costs nothing then.
        inputs = _read_inputs(options, settings, mapping, Path(folder))
        with open_reporter(sys.stdout, os.environ) as reporter:
            report = _follow(options, settings, inputs, reporter)
    print_report(open_console(sys.stdout, os.environ), report)
    if options.json is not None:
        _write_json(options.json, report)
    return 0


def _read_inputs(options: argparse.Namespace, settings: Settings, mapping: dict[str, str], folder: Path) -> Inputs:
    from labkit.run.inputs import build_data_inputs, build_lab_inputs

    if options.data is None:
        return build_lab_inputs(settings)
    return build_data_inputs(settings, options.data.expanduser(), mapping, folder)


def _follow(options: argparse.Namespace, settings: Settings, inputs: Inputs, progress: Progress) -> RunReport:
    from labkit.aws.session import Clients
    from labkit.prices import load_prices
    from labkit.run.chain import Waiting
    from labkit.run.pipeline import run_pipeline
    from labkit.run.progress import stage
    from labkit.spending.record import record_requests
    from labkit.steps.ledger import Ledger
    from labkit.ui.chart import preload

    began = time.monotonic()
    # A run mostly waits for Glue: the drawing library is loaded meanwhile.
    threading.Thread(target=preload, daemon=True).start()
    prices = load_prices(settings.prices)
    for note in inputs.notes:
        progress.note(note)
    with stage(progress, text("run.cloud")) as current:
        settings = _connect(options, settings)
        current.detail = settings.target.endpoint_url or f"AWS {settings.target.account} {settings.target.region}"
    ledger = Ledger(find_state_dir(options, settings), settings.target)
    clients = Clients(settings.target)
    try:
        outcome = run_pipeline(clients, inputs, prices, ledger, progress, Waiting())
    finally:
        record_requests(clients, replace(settings, state_dir=find_state_dir(options, settings)))
    chart = None
    if outcome.answers.months:
        with stage(progress, text("run.chart")) as current:
            chart = _draw(options.out, inputs, outcome)
            current.detail = str(chart)
    else:
        progress.note(text("note.all_rejected"))
    return _build_report(settings, inputs, outcome, prices, chart, time.monotonic() - began)


def _connect(options: argparse.Namespace, settings: Settings) -> Settings:
    """Start or find the local cloud when calls go there, and point the settings at it."""
    return connect(replace(settings, state_dir=find_state_dir(options, settings)))


def _draw(out: Path, inputs: Inputs, outcome: Outcome) -> Path:
    from labkit.ui.chart import save_chart

    title = text("chart.title", of=inputs.title)
    name = text("chart.file", of=inputs.lab.names.processed)
    return save_chart(outcome.answers.months, out / name, title)


def _build_report(
    settings: Settings, inputs: Inputs, outcome: Outcome, prices: Prices, chart: Path | None, seconds: float
) -> RunReport:
    from labkit.results import RunReport
    from labkit.run.costs import build_costs

    names = inputs.lab.names
    parquet_bytes = sum(item.size_bytes for item in outcome.parquet)
    stored_bytes = parquet_bytes + sum(item.size_bytes for item in outcome.raw)
    answers = outcome.answers
    return RunReport(
        target=settings.target.name,
        endpoint_url=settings.target.endpoint_url,
        account=settings.target.account,
        region=settings.target.region,
        file=str(inputs.file),
        object_uri=inputs.drop.uri,
        job_run_id=outcome.run.id,
        processed_table=f"{names.database}.{names.processed}",
        processed_uri=names.processed_uri,
        created=outcome.created,
        parquet_objects=len(outcome.parquet),
        parquet_bytes=parquet_bytes,
        hops=outcome.hops,
        months=answers.months,
        rejected=answers.rejected,
        costs=build_costs(
            prices, outcome.run, outcome.crawls_s, answers.queries, outcome.function_lines, outcome.puts, stored_bytes
        ),
        prices_read_on=prices.read_on,
        prices_region=prices.region,
        notes=inputs.notes,
        chart=str(chart) if chart else None,
        seconds=round(seconds, 3),
    )


def _require_folder(out: Path) -> None:
    """Find out before the run, not after it, that its results cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise build_lesson(
            LabError, "error.out_unwritable", folder=str(out), reason=error.strerror or str(error)
        ) from error


def _write_json(path: Path, report: RunReport) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report.as_document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise build_lesson(
            LabError, "error.out_unwritable", folder=str(path), reason=error.strerror or str(error)
        ) from error
