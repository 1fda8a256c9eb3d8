"""Job metrics of Glue runs, as a student plots them: rows and bytes read and written, elapsed time, failed tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.cloud.glue_jobs import SPARK, GlueJobs

Aws = Callable[[str], Any]


def sums(aws: Aws, name: str, run_id: str) -> dict[str, float]:
    """The sum of each metric of a run, by name."""
    cloudwatch, now = aws("cloudwatch"), datetime.now(timezone.utc)
    wanted = [{"Name": "JobName", "Value": name}, {"Name": "JobRunId", "Value": run_id}]
    metrics = cloudwatch.list_metrics(Namespace="Glue", Dimensions=wanted)["Metrics"]
    found = {}
    for metric in metrics:
        told = cloudwatch.get_metric_statistics(
            Namespace="Glue", MetricName=metric["MetricName"], Dimensions=metric["Dimensions"], Period=7200, Statistics=["Sum"],
            StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1),
        )  # fmt: skip
        found[metric["MetricName"]] = sum(point["Sum"] for point in told["Datapoints"])
    return found


def test_a_run_is_measured_when_its_job_asks_for_it(aws: Aws) -> None:
    jobs = GlueJobs(aws)
    source = jobs.put("in/a.json", "".join(f'{{"a": {number}}}\n' for number in range(100)))
    script = SPARK + (
        f"rows = spark.read.schema('a long').json('{source}')\nrows.write.csv('s3://{jobs.bucket}/out/')\n"
        "fail = f.udf(lambda n: 1 / 0, 'long')\nrows.select(fail('a')).collect()\n"
    )
    name = jobs.create(script)
    asked = {"--enable-metrics": "true", "--enable-observability-metrics": "true"}
    run_id = jobs.glue.start_job_run(JobName=name, Arguments=asked)["JobRunId"]
    assert jobs.wait(name, run_id)["JobRunState"] == "FAILED"
    found = sums(aws, name, run_id)
    assert found["glue.driver.aggregate.recordsRead"] >= 100
    assert found["glue.driver.recordsWritten"] == 100
    # "0" to "9" and "10" to "99", each with the end of its line.
    assert found["glue.driver.bytesWritten"] == found["glue.ALL.s3.filesystem.write_bytes"] == 290
    assert found["glue.driver.aggregate.numFailedTasks"] == 1
    assert found["glue.driver.aggregate.elapsedTime"] > 0
    assert found["glue.error.ALL"] == 1
    assert sums(aws, name, "ALL") == found
    quiet = jobs.create(SPARK + "print(spark.range(3).count())\n")
    ended = jobs.run(quiet)
    assert (ended["JobRunState"], sums(aws, quiet, ended["Id"])) == ("SUCCEEDED", {})
