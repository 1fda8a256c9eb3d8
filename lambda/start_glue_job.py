"""The lab's Lambda function: CSV files arrived in S3, so start the Glue job that reads them.

It returns {"status": "ignored"} when nothing in the event ends with .csv (or .CSV), {"status": "started", "job_run_id": …} for a run
that started, and {"status": "queued", "job_run_id": …} for one that waits for the run before it.

An event may hold several records and one run reads every new file, so there is one run for an event. S3 delivers at least once: a
second delivery starts a run that finds nothing new. Keys come form-encoded (`a%C3%B1o%3D2024/ventas+enero.csv`); the run is told the
real ones.

When the job is running already, StartJobRun fails (ConcurrentRunsExceededException), and the file must not be lost:
- The running job looks again before it ends and usually takes the file along. But it may have looked for the last time, or fail.
- Raising, so that Lambda tries again after one and two minutes, gives up after that: too early for a long run that then fails.
- So the second attempt asks Glue to queue the run (JobRunQueuingEnabled): it waits, whatever becomes of the run before it, and then
  finds every file that has come by then. It may find nothing to do; that costs one minute of the job, the price of certainty.
- Where even queueing is refused, the error is raised: Lambda tries again twice, and the failure is in the log.

It needs glue:StartJobRun on the job, and nothing else.
"""

import json
import logging
import os
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


def lambda_handler(event, context):  # noqa: ARG001
    """What AWS Lambda calls with S3's event."""
    paths = list_csv_paths(event)
    if not paths:
        log.info("nothing ends with .csv in %s", json.dumps(event, ensure_ascii=False)[:500])
        return {"status": "ignored"}
    run = {"JobName": GLUE_JOB_NAME, "Arguments": {"--input_paths": json.dumps(paths[:MAX_PATHS], ensure_ascii=False)}}
    try:
        status, response = "started", glue.start_job_run(**run)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConcurrentRunsExceededException":
            raise
        status, response = "queued", glue.start_job_run(**run, JobRunQueuingEnabled=True)
    log.info("%s %s for %s", status, response["JobRunId"], paths)
    return {"status": status, "job_run_id": response["JobRunId"]}


def list_csv_paths(event):
    """s3:// paths of the CSV files that arrived, each once, in the event's order."""
    paths = []
    for record in event.get("Records", []):
        if "s3" not in record or record.get("eventName", "ObjectCreated").startswith("ObjectRemoved"):
            continue
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        if key.lower().endswith(".csv"):
            paths.append(f"s3://{bucket}/{key}")
    return list(dict.fromkeys(paths))
