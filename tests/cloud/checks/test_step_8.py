"""Notebook 8 against a cloud: its runs are real, AWS knows their ids, and clearing takes away what was made and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.evaluation.measured import read_measurement
from labkit.checks.finding import NOT_YET, PASSED
from labkit.checks.journal import Journal, open_journal
from labkit.checks.run import run_check
from labkit.checks.step_8 import clear
from labkit.checks.step_8.measuring import compute_units, price_measured
from labkit.checks.tasks import get_task
from labkit.checks.values import export
from labkit.classroom.measuring import measure, plan_bench, prepare_bench
from labkit.classroom.surroundings import Surroundings
from labkit.errors import LabError, UsageError
from labkit.prices import load_prices
from labkit.run.inputs import build_lab
from labkit.settings import Settings, read_settings, with_endpoint
from labkit.steps.bench import PREFIX, build_bench
from labkit.steps.ledger import Ledger
from tests.cloud.conftest import RunningCloud

ASSETS = "checks-eight-assets"


@pytest.fixture(scope="module")
def settings(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    environ = {
        "LABKIT_ASSETS_BUCKET": ASSETS,
        "LABKIT_STATE": str(tmp_path_factory.mktemp("eight")),
        "LABKIT_STUDENT": "Zoë",
    }
    return with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)


@pytest.fixture(scope="module")
def around(settings: Settings) -> Surroundings:
    """A notebook's surroundings without the process that checks."""
    nobody: Any = None
    return Surroundings(
        settings,
        Clients(settings.target),
        build_lab(settings),
        load_prices(),
        Ledger(settings.state_dir, settings.target),
        open_journal(settings),
        nobody,
    )


@pytest.fixture
def context(around: Surroundings) -> Context:
    return build_context(around.settings, around.clients)


@pytest.fixture
def predicted(around: Surroundings) -> Surroundings:
    values = {"seconds": export({"glue": 10.0, "lambda": 1.0, "pandas": 0.5})}
    around.journal.record("prediction", task="8.1", values=values)
    return around


@pytest.mark.quick
def test_nothing_is_measured_before_a_prediction(around: Surroundings, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="predic"):
        measure(replace(around, journal=Journal(tmp_path)), "pandas")
    with pytest.raises(UsageError, match="spark"):
        measure(around, "spark")


def test_lambda_and_pandas_add_up_the_students_own_sales(predicted: Surroundings, context: Context) -> None:
    units = compute_units(context)
    for engine in ("lambda", "pandas"):
        view = measure(predicted, engine)
        assert view.run.units["months"] == pytest.approx(units)
        assert set(view.seconds) >= {"months", "csv", "files"}
    assert view.seconds["parquet"] > 0
    found = read_measurement(predicted.clients, predicted.settings.names, predicted.journal, "lambda")
    assert found is not None
    assert (found.size, found.billed_s > 0) == (1769, True)
    again = plan_bench(predicted)
    assert not again.calls, "what stands is not made twice"


def test_an_id_that_lambda_never_gave_is_no_run(predicted: Surroundings, context: Context) -> None:
    made_up = "00000000-0000-4000-8000-000000000000"
    predicted.journal.record("measurement", engine="lambda", run_id=made_up, since_ms=0, samples={})
    result = run_check(get_task("8.2"), context)
    assert result.status == NOT_YET
    assert "task_8.measure.incomplete" in {item.key for item in result.findings}


@pytest.mark.slow
def test_the_reference_measures_glue_too_and_passes(predicted: Surroundings, context: Context) -> None:
    runs = {engine: measure(predicted, engine) for engine in ("glue", "lambda", "pandas")}
    assert runs["glue"].run.units["parquet"] == pytest.approx(runs["pandas"].run.units["csv"])
    run = predicted.clients.glue.get_job_run(
        JobName=build_bench(predicted.settings.names).job, RunId=runs["glue"].run_id
    )["JobRun"]
    assert json.loads(run["Arguments"]["--samples"])[0]["uri"].startswith(f"s3://{ASSETS}/{PREFIX}")
    usd = {engine: price_measured(context.prices, view.run) for engine, view in runs.items()}
    many = {engine: view.seconds["files"] / view.seconds["csv"] for engine, view in runs.items()}
    values = {"usd": usd, "many_files": many}
    assert run_check(get_task("8.2"), replace(context, values=values)).status == PASSED


def test_the_roles_read_samples_and_nothing_else(predicted: Surroundings, context: Context) -> None:
    prepare_bench(predicted)
    arn = f"arn:aws:iam::{context.account}:role/{build_bench(context.names).lambda_role}"
    asked = {
        f"arn:aws:s3:::{ASSETS}/{PREFIX}csv/sales.csv": "allowed",
        f"arn:aws:s3:::{ASSETS}/temporary/x": "implicitDeny",
        f"arn:aws:s3:::{context.names.raw_bucket}/raw_sales/x.csv": "implicitDeny",
    }
    for resource, expected in asked.items():
        said = context.clients.iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=["s3:GetObject"], ResourceArns=[resource]
        )
        assert said["EvaluationResults"][0]["EvalDecision"] == expected


def test_clearing_takes_the_bench_and_leaves_the_rest_twice(predicted: Surroundings, context: Context) -> None:
    prepare_bench(predicted)
    s3 = context.clients.s3
    s3.put_object(Bucket=ASSETS, Key="scripts/other.py", Body=b"1")
    clear(context)
    clear(context)
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=ASSETS)["Contents"]] == ["scripts/other.py"]
    bench = build_bench(context.names)
    names = {item["RoleName"] for item in context.clients.iam.list_roles()["Roles"]}
    assert not names & {bench.glue_role, bench.lambda_role}
    assert bench.job not in context.clients.glue.list_jobs()["JobNames"]
    with pytest.raises(context.clients.lambda_.exceptions.ResourceNotFoundException):
        context.clients.lambda_.get_function(FunctionName=bench.function)
