"""S3 events: how soon a handler starts, and 500 files that come at once."""

from __future__ import annotations

import contextlib
import csv
import io
import random
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.clouds import client, running_cloud
from benchmarks.measure import Number, median
from benchmarks.pipeline import built_lab
from labkit.cloud.info import CloudInfo

_ROUNDS = 60
_FILES, _ROWS = 500, 20
_RAW, _JOB, _FUNCTION, _DATABASE, _TABLE = "bsg-data-raw", "bsg-glue-etl-job", "bsg-start-glue-job", "bsg_db", "sales"
_CRAWLER, _RESULTS = "bsg-processed-crawler", "s3://bsg-data-raw/athena-bench/"
_COLUMNS = ("id_venta", "fecha", "id_tienda", "id_cliente", "id_producto", "cantidad", "precio_unitario", "canal")
_HANDLER = """
import time
def lambda_handler(event, context):
    print("STARTED", time.time_ns(), event["Records"][0]["s3"]["object"]["key"])
"""


def put_to_handler() -> list[Number]:
    """PutObject's response → the first line of a warm handler."""
    with running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
        bucket = _trigger(cloud)
        s3 = client(cloud, "s3")
        called: dict[str, int] = {}
        answered: dict[str, int] = {}
        for number in range(_ROUNDS):
            key = f"file-{number}.csv"
            called[key] = time.time_ns()
            s3.put_object(Bucket=bucket, Key=key, Body=b"a,b\n1,2\n")
            answered[key] = time.time_ns()
            time.sleep(0.05)
        started = _wait_started(cloud, len(answered))
    keys = list(called)[5:]  # the first ones meet a cold worker
    return [
        median("PutObject answered → handler starts, warm", [(started[k] - answered[k]) / 1e6 for k in keys], "ms", 50),
        median("PutObject called → handler starts, warm", [(started[k] - called[k]) / 1e6 for k in keys], "ms"),
    ]


def drill_paced() -> list[Number]:
    """500 files in one minute through the lab's own function and job."""
    return _drill("500 files in a minute", seconds=60.0)


def drill_burst() -> list[Number]:
    """500 files as fast as twenty threads put them."""
    return _drill("500 files at once", seconds=0.0)


def _drill(name: str, seconds: float) -> list[Number]:
    import psutil

    with built_lab() as (cloud, _):
        server, glue = psutil.Process(cloud.pid), client(cloud, "glue")
        before = {run["Id"] for run in glue.get_job_runs(JobName=_JOB)["JobRuns"]}
        rss = [server.memory_info().rss]
        begun = time.perf_counter()
        files = {f"raw_sales/drill_{number:03}.csv": make_file(number) for number in range(_FILES)}
        put_all(cloud, files, seconds)
        put_s = time.perf_counter() - begun
        rss.append(server.memory_info().rss)
        runs = wait_idle(cloud, before, len(files))
        total_s = time.perf_counter() - begun
        rss.append(server.memory_info().rss)
        wrong = differences(cloud, files)
    failed = sum(run["JobRunState"] != "SUCCEEDED" for run in runs)
    megabytes = [value / 2**20 for value in rss]
    return [
        Number(f"{name}: put in", put_s, "s"),
        Number(f"{name}: until nothing runs or waits", total_s, "s"),
        Number(f"{name}: job runs", len(runs), "runs"),
        Number(f"{name}: job runs that failed", failed, "runs", 0),
        Number(f"{name}: rows lost, doubled or different from pandas", wrong, "rows", 0),
        Number(f"{name}: server memory at the start", megabytes[0], "MB"),
        Number(f"{name}: server memory when all are put", megabytes[1], "MB"),
        Number(f"{name}: server memory grown at the end", megabytes[2] - megabytes[0], "MB", 64),
    ]


def put_all(cloud: CloudInfo, files: dict[str, bytes], seconds: float) -> None:
    """Put files (key → content) into the lab's raw bucket, spread over so many seconds."""
    s3 = client(cloud, "s3")
    begun = time.perf_counter()

    def put(item: tuple[int, tuple[str, bytes]]) -> None:
        number, (key, body) = item
        time.sleep(max(0.0, begun + seconds * number / len(files) - time.perf_counter()))
        s3.put_object(Bucket=_RAW, Key=key, Body=body)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(put, enumerate(files.items())))


def make_file(number: int) -> bytes:
    """A month's sales of a small shop, its own for each number; every tenth row is one that the job rejects."""
    chance = random.Random(number)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in range(_ROWS):
        day = f"2024-{number % 12 + 1:02}-{chance.randint(1, 28):02}"
        amount = -1 if row % 10 == 9 else chance.randint(1, 9)
        price = f"{chance.randint(100, 9999) / 100:.2f}"
        writer.writerow([f"D{number}-{row}", day, "T01", "C0001", "P001", amount, price, "web"])
    return text.getvalue().encode()


def wait_idle(cloud: CloudInfo, before: set[str], files: int) -> list[dict[str, Any]]:
    """The runs since `before`, once none is going on for three seconds and the function has seen so many files."""
    glue, quiet_since = client(cloud, "glue"), None
    while True:
        pages = glue.get_paginator("get_job_runs").paginate(JobName=_JOB)
        runs = [run for page in pages for run in page["JobRuns"] if run["Id"] not in before]
        busy = any(run["JobRunState"] in ("WAITING", "STARTING", "RUNNING", "STOPPING") for run in runs)
        if busy or _handled(cloud) < files:
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > 3:
            return runs
        time.sleep(0.25)


def _handled(cloud: CloudInfo) -> int:
    """Files of the drill that the function's log names as started, queued or joined."""
    seen: set[str] = set()
    for message in _messages(cloud, _FUNCTION, "drill_"):
        if re.search(r"\t(started|queued|joined) jr_", message):
            seen.update(re.findall(r"drill_\d+\.csv", message))
    return len(seen)


def differences(cloud: CloudInfo, files: dict[str, bytes]) -> int:
    """Rows by which the processed table, asked through Athena, differs from what pandas reads in the files."""
    import pandas as pd

    _crawl(cloud)
    frame = pd.concat([pd.read_csv(io.BytesIO(body)) for body in files.values()])
    frame = frame[frame["cantidad"] > 0]
    wanted = [
        (row.id_venta, row.fecha, float(row.cantidad), float(row.precio_unitario))
        for row in frame.itertuples(index=False)
    ]
    sql = (
        f"SELECT id_venta, date_format(fecha, '%Y-%m-%d') AS dia, cantidad, precio_unitario FROM \"{_TABLE}\" "
        "WHERE id_venta LIKE 'D%-%'"
    )
    answer = pd.read_csv(io.BytesIO(_answer(cloud, sql)))
    found = [(row.id_venta, row.dia, float(row.cantidad), float(row.precio_unitario)) for row in answer.itertuples()]
    both = set(wanted) & set(found)
    return len(wanted) + len(found) - 2 * len(both)


def _crawl(cloud: CloudInfo) -> None:
    glue = client(cloud, "glue")
    glue.start_crawler(Name=_CRAWLER)
    while glue.get_crawler(Name=_CRAWLER)["Crawler"]["State"] != "READY":
        time.sleep(0.1)


def _answer(cloud: CloudInfo, sql: str) -> bytes:
    athena, s3 = client(cloud, "athena"), client(cloud, "s3")
    query: str = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": _DATABASE},
        ResultConfiguration={"OutputLocation": _RESULTS},
    )["QueryExecutionId"]
    while True:
        found = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        if found["Status"]["State"] == "SUCCEEDED":
            bucket, _, key = found["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
            body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            return body
        if found["Status"]["State"] in ("FAILED", "CANCELLED"):
            raise RuntimeError(str(found["Status"]))
        time.sleep(0.05)


def _trigger(cloud: CloudInfo) -> str:
    """A bucket whose events reach a function that tells when it starts."""
    bucket = f"put-{uuid.uuid4().hex[:8]}"
    s3 = client(cloud, "s3")
    s3.create_bucket(Bucket=bucket)
    arn = _function(cloud, bucket)
    rule = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    configuration = {"LambdaFunctionConfigurations": [rule]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    return bucket


def _function(cloud: CloudInfo, bucket: str) -> str:
    import json
    import zipfile

    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam, functions = client(cloud, "iam"), client(cloud, "lambda")
    role = iam.create_role(RoleName="put", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="put", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("m.py", _HANDLER)
    settings = {"Runtime": "python3.11", "Role": role, "Handler": "m.lambda_handler"}
    arn: str = functions.create_function(FunctionName="put", Code={"ZipFile": code.getvalue()}, **settings)[
        "FunctionArn"
    ]
    functions.add_permission(
        FunctionName="put",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}",
    )
    return arn


def _wait_started(cloud: CloudInfo, count: int) -> dict[str, int]:
    """Key → nanoseconds since the epoch at which its handler began."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        words = [message.split() for message in _messages(cloud, "put", "STARTED")]
        if len(words) >= count:
            return {key: int(at) for _, at, key in words}
        time.sleep(0.2)
    raise TimeoutError("not every event reached the handler")


def _messages(cloud: CloudInfo, function: str, pattern: str) -> Iterator[str]:
    logs = client(cloud, "logs")
    with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{function}", filterPattern=pattern
        )
        for page in pages:
            yield from (event["message"] for event in page["events"] if pattern in event["message"])
