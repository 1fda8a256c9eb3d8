"""The lab's Lambda function: CSV files arrived in S3, so start the Glue job that reads them.

It returns {"status": "ignored"} when nothing in the event ends with .csv (or .CSV), and otherwise the run that will read the files:
{"status": "started", "job_run_id": …} for a run that started, "queued" for one that waits for the run before it, "joined" for one
that was waiting already.

An event may hold several records and one run reads every new file, so there is one run for an event. S3 delivers at least once and in
no order: a second delivery starts a run that finds nothing new, and a file that has gone meanwhile is not among what the run finds.
Keys come form-encoded (`a%C3%B1o%3D2024/ventas+enero.csv`); the run is told the real ones.

When the job is running already, StartJobRun fails (ConcurrentRunsExceededException), and the file must not be lost:
- The running job looks again before it ends and usually takes the file along. But it may have looked for the last time, or fail.
- Raising, so that Lambda tries again after one and two minutes, gives up after that: too early for a long run that then fails.
- So a run is queued (JobRunQueuingEnabled): it waits, whatever becomes of the run before it, and then finds every file that has come
  by then. It may find nothing to do; that costs one minute of the job, the price of certainty.
- One such run is enough for all files that come until it starts, so GetJobRuns is asked first: 500 files at once must not queue 499
  runs of a minute each. Invocations that find no run waiting look once more after a moment of chance, because they all asked at the
  same time; a few runs too many do no harm.
- Where even queueing is refused, the error is raised: Lambda tries again twice, and the failure is in the log.

It needs glue:StartJobRun and glue:GetJobRuns on the job. Without the second it works too, and queues a run for each event.
"""

import json
import logging
import os
import random
import time
from urllib.parse import unquote_plus

import boto3
from botocore.exceptions import ClientError

log = logging.getLogger()
log.setLevel(logging.INFO)

# Made once for each environment and kept while it is warm.
glue = boto3.client("glue")

GLUE_JOB_NAME = os.environ["GLUE_JOB_NAME"]

# StartJobRun takes arguments of a limited size, and the job looks for itself anyway: the paths are for its log.
MAX_PATHS = 20
# A run that waits is newer than all that ran, so it is among the first that GetJobRuns tells.
NEWEST_RUNS = 10
# Seconds over which invocations of one burst are spread before they look again.
SPREAD_S = 1.0


def lambda_handler(event, context):  # noqa: ARG001
    """What AWS Lambda calls with S3's event."""
    paths = list_csv_paths(event)
    if not paths:
        log.info("nothing new ends with .csv in %s", json.dumps(event, ensure_ascii=False)[:500])
        return {"status": "ignored"}
    status, job_run_id = start_or_queue(paths)
    log.info("%s %s for %s", status, job_run_id, paths)
    return {"status": status, "job_run_id": job_run_id}


def start_or_queue(paths):
    """("started" or "queued" or "joined", run id) of the run that will read the files."""
    run = {"JobName": GLUE_JOB_NAME, "Arguments": {"--input_paths": json.dumps(paths[:MAX_PATHS], ensure_ascii=False)}}
    try:
        return "started", glue.start_job_run(**run)["JobRunId"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConcurrentRunsExceededException":
            raise
    waiting = find_waiting_run()
    if waiting is None:
        time.sleep(random.uniform(0, SPREAD_S))  # noqa: S311 - it spreads calls, it guards nothing
        waiting = find_waiting_run()
    if waiting is not None:
        return "joined", waiting
    return "queued", glue.start_job_run(**run, JobRunQueuingEnabled=True)["JobRunId"]


def find_waiting_run():
    """The id of a run that has not started yet, so that it will see every file that is there now; None when there is none."""
    try:
        runs = glue.get_job_runs(JobName=GLUE_JOB_NAME, MaxResults=NEWEST_RUNS)["JobRuns"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        log.warning("without glue:GetJobRuns every event queues a run of its own: %s", error)
        return None
    return next((run["Id"] for run in runs if run["JobRunState"] == "WAITING"), None)


def list_csv_paths(event):
    """s3:// paths of the CSV files that arrived, each once, in the event's order."""
    paths = []
    for record in event.get("Records", []):
        if "s3" not in record or not record.get("eventName", "ObjectCreated").startswith("ObjectCreated"):
            continue
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        if key.lower().endswith(".csv"):
            paths.append(f"s3://{bucket}/{key}")
    return list(dict.fromkeys(paths))
