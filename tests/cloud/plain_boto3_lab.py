"""The lab as a student would type it: plain boto3, nothing of labkit. Prints one JSON line with what it saw.

Usage: python plain_boto3_lab.py SUFFIX   (AWS_ENDPOINT_URL, region and keys come from the environment)
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[2]
ROWS = [
    ("1", "2024-01-15", "3"),
    ("2", "2024-01-20", "0"),
    ("3", "2024-02-01", "2"),
    ("4", "2024-02-09", "-1"),
    ("5", "2025-02-09", "4"),
]
HANDLER = """
import boto3
import os

glue = boto3.client("glue")

GLUE_JOB_NAME = os.environ["GLUE_JOB_NAME"]

def lambda_handler(event, context):
    record = event["Records"][0]
    bucket = record["s3"]["bucket"]["name"]
    key = record["s3"]["object"]["key"]

    if not key.endswith(".csv"):
        return {"status": "ignored"}

    response = glue.start_job_run(JobName=GLUE_JOB_NAME)
    print("started", response["JobRunId"])

    return {
        "status": "started",
        "job_run_id": response["JobRunId"]
    }
"""


def wait(ask: Any, done: Any, seconds: float = 120.0) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if done(answer):
            return answer
        if time.monotonic() > deadline:
            raise SystemExit(f"still {answer} after {seconds} s")
        time.sleep(0.02)


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def sales_csv() -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("id_venta", "fecha", "cantidad"), *ROWS])
    return out.getvalue().encode()


def crawl(glue: Any, name: str, role: str, database: str, path: str) -> str:
    glue.create_crawler(Name=name, Role=role, DatabaseName=database, Targets={"S3Targets": [{"Path": path}]})
    glue.start_crawler(Name=name)
    crawler = wait(lambda: glue.get_crawler(Name=name)["Crawler"], lambda c: c["State"] == "READY")
    return str(crawler["LastCrawl"]["Status"])


def query(athena: Any, sql: str, database: str, output: str) -> list[list[str | None]]:
    context = {"Database": database}
    place = {"OutputLocation": output}
    started = athena.start_query_execution(QueryString=sql, QueryExecutionContext=context, ResultConfiguration=place)
    query_id = started["QueryExecutionId"]
    status = wait(
        lambda: athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"],
        lambda s: s["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"),
    )
    if status["State"] != "SUCCEEDED":
        raise SystemExit(f"{sql}: {status}")
    rows = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]


def main(suffix: str) -> None:
    s3, iam, glue = boto3.client("s3"), boto3.client("iam"), boto3.client("glue")
    functions, athena, logs = boto3.client("lambda"), boto3.client("athena"), boto3.client("logs")
    raw, processed, scripts = f"bsg-data-raw{suffix}", f"bsg-data-processed{suffix}", f"scripts{suffix}"
    database, job, function = f"bsg_db{suffix.replace('-', '_')}", f"bsg-glue-etl-job{suffix}", f"start{suffix}"
    for bucket in (raw, processed, scripts):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=raw, Key="raw_sales/ventas.csv", Body=sales_csv())

    glue_role = iam.create_role(RoleName=f"glue{suffix}", AssumeRolePolicyDocument=trust("glue.amazonaws.com"))["Role"][
        "Arn"
    ]
    for policy in ("service-role/AWSGlueServiceRole", "AmazonS3FullAccess"):
        iam.attach_role_policy(RoleName=f"glue{suffix}", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    lambda_role = iam.create_role(RoleName=f"fn{suffix}", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))[
        "Role"
    ]["Arn"]
    iam.attach_role_policy(
        RoleName=f"fn{suffix}", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    allow = {"Effect": "Allow", "Action": "glue:StartJobRun", "Resource": "*"}
    iam.put_role_policy(
        RoleName=f"fn{suffix}",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )

    glue.create_database(DatabaseInput={"Name": database})
    raw_crawl = crawl(glue, f"raw{suffix}", glue_role, database, f"s3://{raw}/raw_sales/")
    table = glue.get_table(DatabaseName=database, Name="raw_sales")["Table"]

    script = (ROOT / "etl" / "seed_job.py").read_text(encoding="utf-8")
    script = script.replace("bsg_db", database).replace("bsg-data-processed", processed)
    s3.put_object(Bucket=scripts, Key="etl.py", Body=script.encode())
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{scripts}/etl.py", "PythonVersion": "3"}
    glue.create_job(Name=job, Role=glue_role, Command=command, GlueVersion="4.0", WorkerType="G.1X", NumberOfWorkers=2)

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lambda_function.py", HANDLER)
    arn = functions.create_function(
        FunctionName=function, Runtime="python3.11", Role=lambda_role, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": packed.getvalue()}, Environment={"Variables": {"GLUE_JOB_NAME": job}},
    )["FunctionArn"]  # fmt: skip
    functions.add_permission(
        FunctionName=function,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{raw}",
    )
    suffix_rule = {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".csv"}]}}
    notify = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": suffix_rule}
    s3.put_bucket_notification_configuration(
        Bucket=raw, NotificationConfiguration={"LambdaFunctionConfigurations": [notify]}
    )

    s3.put_object(Bucket=raw, Key="raw_sales/ventas.csv", Body=sales_csv())
    runs = wait(lambda: glue.get_job_runs(JobName=job)["JobRuns"], bool)
    run = wait(
        lambda: glue.get_job_run(JobName=job, RunId=runs[0]["Id"])["JobRun"],
        lambda r: r["JobRunState"] in ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"),
    )
    if run["JobRunState"] != "SUCCEEDED":
        raise SystemExit(f"the run is {run}")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=processed).get("Contents", [])]
    processed_crawl = crawl(glue, f"processed{suffix}", glue_role, database, f"s3://{processed}/")
    tables = [found["Name"] for found in glue.get_tables(DatabaseName=database)["TableList"]]
    (made,) = [name for name in tables if name != "raw_sales"]
    sql = f'SELECT "año", "mes", count(*) AS n, sum(cantidad) AS c FROM "{made}" GROUP BY 1, 2 ORDER BY 1, 2'
    rows = query(athena, sql, database, f"s3://{scripts}/athena/")
    wait(
        lambda: logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"],
        lambda events: any(event["message"].startswith("REPORT") for event in events),
    )
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]]
    seen = {
        "raw_crawl": raw_crawl,
        "columns": [[c["Name"], c["Type"]] for c in table["StorageDescriptor"]["Columns"]],
        "run": run["JobRunState"],
        "error": run.get("ErrorMessage"),
        "run_id": run["Id"],
        "folders": sorted({key.rpartition("/")[0] for key in keys if key.endswith(".parquet")}),
        "processed_crawl": processed_crawl,
        "rows": rows,
        "lambda_lines": lines,
        "glue_streams": [
            s["logStreamName"] for s in logs.describe_log_streams(logGroupName="/aws-glue/jobs/output")["logStreams"]
        ],
    }
    print(json.dumps(seen, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
