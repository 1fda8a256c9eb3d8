"""Measuring one engine over the samples of notebook 8: real runs, written in the journal with the ids AWS gave them."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.glue_jobs import JobRun, get_run
from labkit.aws.glue_runs import start_run
from labkit.aws.session import aws_errors
from labkit.checks.evaluation.measured import KIND, Measurement, read_measurement
from labkit.checks.evaluation.model import ENGINES, GLUE, LAMBDA, PANDAS
from labkit.checks.evaluation.predictions import find_prediction
from labkit.checks.truth import Truth
from labkit.classroom.surroundings import Surroundings
from labkit.data.samples import Sample, write_samples
from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson
from labkit.steps.apply import apply_plan
from labkit.steps.bench import PREFIX, build_bench, build_step
from labkit.steps.plan import StepPlan, plan_step
from labkit.ui.measured import MeasuredView

_POLL_S = 0.1
# On AWS the lines of a run arrive in CloudWatch some seconds after its end.
_PATIENCE_S = 20.0
_SAMPLES = {
    GLUE: ("months", "csv", "files", "parquet"),
    LAMBDA: ("months", "csv", "files"),
    PANDAS: ("months", "csv", "files", "parquet"),
}


def measure(around: Surroundings, engine: str) -> MeasuredView:
    """Run one engine over its samples and record it. What the bench lacks is made first, as a step's resources are.

    Errors: UsageError for another engine's name; LabError while no prediction is locked, or when the run fails.
    """
    if engine not in ENGINES:
        raise build_lesson(UsageError, "error.engine_unknown", engine=str(engine), known=", ".join(ENGINES))
    if find_prediction(around.journal) is None:
        raise build_lesson(LabError, "error.measure_first_predict")
    samples = prepare_bench(around)
    wanted = [sample for name in _SAMPLES[engine] for sample in samples if sample.name == name]
    runners: Mapping[str, Callable[[Surroundings, Sequence[Sample]], tuple[dict[str, Any], tuple[str, ...]]]]
    runners = {GLUE: _run_glue, LAMBDA: _run_function, PANDAS: _run_pandas}
    since_ms = int(time.time() * 1000) - 1000
    # The small sample once more at the end: the first time everything is still cold.
    facts, calls = runners[engine](around, [*wanted, wanted[0]])
    sizes = {
        sample.name: {"format": sample.format, "files": len(sample.paths), "rows_mb": sample.rows_mb}
        for sample in wanted
    }
    around.journal.record(KIND, engine=engine, since_ms=since_ms, samples=sizes, **facts)
    return MeasuredView(_wait_for_lines(around, engine, len(wanted)), calls)


def prepare_bench(around: Surroundings) -> tuple[Sample, ...]:
    """The samples, in S3, and the job and the function that measure them; nothing is made twice."""
    apply_plan(around.clients, plan_bench(around), around.ledger, lambda _step, _call: None)
    return _find_samples(around)


def plan_bench(around: Surroundings) -> StepPlan:
    """The calls that the bench still needs."""
    return plan_step(around.clients, around.wanted, build_step(_find_samples(around)), around.prices)


def _find_samples(around: Surroundings) -> tuple[Sample, ...]:
    truth = Truth(around.settings)
    return write_samples(truth.sales_files, around.settings.state_dir / "evaluation" / str(truth.seed))


def _wait_for_lines(around: Surroundings, engine: str, count: int) -> Measurement:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        found = read_measurement(around.clients, around.settings.names, around.journal, engine)
        if found is not None and len(found.seconds) >= count:
            return found
        if time.monotonic() > deadline:
            raise build_lesson(LabError, "error.measure_no_lines", engine=engine, run=found.run_id if found else "?")
        time.sleep(_POLL_S)


def _run_glue(around: Surroundings, samples: Sequence[Sample]) -> tuple[dict[str, Any], tuple[str, ...]]:
    names = around.settings.names
    bucket, job = names.assets_bucket, build_bench(names).job
    listed = [
        {"name": sample.name, "format": sample.format, "uri": f"s3://{bucket}/{PREFIX}{sample.name}/"}
        for sample in samples
    ]
    arguments = {"--samples": json.dumps(listed)}
    with aws_errors(f"glue.start_job_run ({job})"):
        run_id = start_run(around.clients.glue, job, arguments)
        run = _wait_for_run(around, job, run_id)
    if run.state != "SUCCEEDED":
        raise build_lesson(LabError, "error.measure_failed", engine=GLUE, run=run_id, reason=run.error or run.state)
    call = AwsCall("glue", "start_job_run", {"JobName": job, "Arguments": {"--samples": "[…]"}}, "run", "glue-run", job)
    return {"run_id": run_id, "cores": os.cpu_count() or 1}, (call.as_boto3(),)


def _wait_for_run(around: Surroundings, job: str, run_id: str) -> JobRun:
    while not (run := get_run(around.clients.glue, job, run_id)).ended:
        time.sleep(_POLL_S)
    return run


def _run_function(around: Surroundings, samples: Sequence[Sample]) -> tuple[dict[str, Any], tuple[str, ...]]:
    names = around.settings.names
    bucket, function = names.assets_bucket, build_bench(names).function
    listed = [
        {
            "name": sample.name,
            "format": sample.format,
            "bucket": bucket,
            "keys": [f"{PREFIX}{sample.name}/{path.name}" for path in sample.paths],
        }
        for sample in samples
    ]
    with aws_errors(f"lambda.invoke ({function})"):
        answer = around.clients.lambda_.invoke(FunctionName=function, Payload=json.dumps({"samples": listed}))
        said = answer["Payload"].read().decode("utf-8")
    run_id = answer["ResponseMetadata"]["RequestId"]
    if answer.get("FunctionError"):
        raise build_lesson(LabError, "error.measure_failed", engine=LAMBDA, run=run_id, reason=said[:300])
    call = AwsCall(
        "lambda", "invoke", {"FunctionName": function, "Payload": '{"samples": […]}'}, "run", "lambda", function
    )
    return {"run_id": run_id}, (call.as_boto3(),)


def _run_pandas(around: Surroundings, samples: Sequence[Sample]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """In this kernel, one core: the samples come from S3 as for the others."""
    lines = [_measure_pandas(around, sample) for sample in samples]
    return {"run_id": f"pandas-{os.getpid()}-{time.time_ns() // 1_000_000}", "lines": lines}, ()


def _measure_pandas(around: Surroundings, sample: Sample) -> dict[str, Any]:
    import pandas as pd

    bucket = around.settings.names.assets_bucket
    began = time.perf_counter()
    frames = []
    for path in sample.paths:
        with aws_errors(f"s3.get_object ({sample.name})"):
            body = around.clients.s3.get_object(Bucket=bucket, Key=f"{PREFIX}{sample.name}/{path.name}")["Body"].read()
        columns = ["canal", "cantidad"]
        if sample.format == "parquet":
            frames.append(pd.read_parquet(io.BytesIO(body), columns=columns))
        else:
            frames.append(pd.read_csv(io.BytesIO(body), usecols=columns, dtype=str))
    sales = pd.concat(frames, ignore_index=True)
    units = pd.to_numeric(sales["cantidad"], errors="coerce")
    sold = units[units > 0].groupby(sales["canal"].str.strip()).sum()
    seconds = round(time.perf_counter() - began, 4)
    return {
        "sample": sample.name,
        "seconds": seconds,
        "units": {str(name): float(value) for name, value in sold.items()},
    }
