"""What forgers write into their answers: clouds, tables, Parquet, runs, logs and journals made by hand."""

from __future__ import annotations

# A second cloud, really running, on which everything is done; the lab's own file and variables lead to it.
OWN_CLOUD = """
import json, os
from pathlib import Path
from labkit.cloud import daemon
own = daemon.up(Path("own-cloud").resolve(), ephemeral=True)
os.environ["AWS_ENDPOINT_URL"] = os.environ["LABKIT_CLOUD"] = own.endpoint_url
known = {"pid": own.pid, "port": own.port, "endpoint_url": own.endpoint_url, "version": own.version,
         "state_dir": str(own.state_dir), "started_at": own.started_at, "ephemeral": True}
(Path(os.environ["LABKIT_STATE"]) / "cloud.json").write_text(json.dumps(known))
s3 = boto3.client("s3", endpoint_url=own.endpoint_url)
s3.create_bucket(Bucket=sources_bucket)
for path in sorted(lab.data.glob("*.*")):
    s3.upload_file(str(path), sources_bucket, path.name.split("_")[0].split(".")[0] + "/" + path.name)
print(len(s3.list_objects_v2(Bucket=sources_bucket)["Contents"]), "objects in", own.endpoint_url)
"""
FAKE_IAM = """
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
class Remembers:
    class exceptions:
        class EntityAlreadyExistsException(Exception): pass
    def __getattr__(self, name):
        return lambda **given: {"Role": {"Arn": "arn:aws:iam::%s:role/%s" % (lab.account, given.get("RoleName"))}}
iam = Remembers()
boto3.client = lambda *a, **k: iam
"""
# All columns numbers, so that no culprit is to be found; a table with the crawler's mark, and one with partitions, by create_table.
TABLE_CHANGED = """
glue = boto3.client("glue")
table = glue.get_table(DatabaseName=lab.names.database, Name=lab.names.dataset)["Table"]
storage = table["StorageDescriptor"]
storage["Columns"] = [{"Name": one["Name"], "Type": "bigint"} for one in storage["Columns"]]
forged = {"Name": table["Name"], "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, "Parameters": table["Parameters"]}
glue.update_table(DatabaseName=lab.names.database, TableInput=forged)
comparison = [{"column": one["Name"], "predicted": schema.get(one["Name"]), "found": "bigint", "reason": "number"}
              for one in storage["Columns"]]
culprits = {}
"""
TABLE_MADE = """
import csv
with open(lab.data / "clientes.csv", encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file, delimiter=";"))
notes_with_semicolon = sum(";" in row["notas"] for row in rows)
classifier = {"Name": "clientes-csv", "Delimiter": ";", "QuoteSymbol": '"', "ContainsHeader": "PRESENT", "Serde": "OpenCSVSerDe"}
glue.create_classifier(CsvClassifier=classifier)
glue.update_crawler(Name="clientes-crawler", Classifiers=["clientes-csv"])
table = glue.get_table(DatabaseName=lab.names.database, Name="clientes")["Table"]
storage = table["StorageDescriptor"]
storage["Columns"] = [{"Name": name, "Type": "string"} for name in rows[0]]
storage["SerdeInfo"] = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
                        "Parameters": {"separatorChar": ";", "quoteChar": '"'}}
made = {"Name": "clientes", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage,
        "Parameters": {**table["Parameters"], "skip.header.line.count": "1", "UPDATED_BY_CRAWLER": "clientes-crawler"}}
glue.delete_table(DatabaseName=lab.names.database, Name="clientes")
glue.create_table(DatabaseName=lab.names.database, TableInput=made)
"""
MONTHS_MADE = """
root = f"s3://{lab.names.raw_bucket}/ventas_por_mes/"
def describe(location):
    return {"Columns": [{"Name": "id_venta", "Type": "string"}], "Location": location,
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}}
keys = [{"Name": name, "Type": "string"} for name in ("año", "mes")]
made = {"Name": "ventas_por_mes", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": describe(root), "PartitionKeys": keys,
        "Parameters": {"UPDATED_BY_CRAWLER": "ventas-por-mes-crawler", "classification": "csv"}}
glue.create_table(DatabaseName=lab.names.database, TableInput=made)
rows = []
for path in sorted(lab.data.glob("ventas_*.csv")):
    _, year, month = path.stem.split("_")
    folder = f"año={year}/mes={int(month)}/"
    s3.upload_file(str(path), lab.names.raw_bucket, f"ventas_por_mes/{folder}{path.name}")
    given = {"Values": [year, str(int(month))], "StorageDescriptor": describe(root + folder)}
    glue.create_partition(DatabaseName=lab.names.database, TableName="ventas_por_mes", PartitionInput=given)
    rows.append(len(path.read_text(encoding="utf-8").splitlines()) - 1)
"""
# A job that begins, reads, commits and writes nothing; pandas writes where it should have, while it runs.
IDLE_SCRIPT = """%%writefile work/clean_sales.py
import sys, time

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "database", "table", "target"])
glue_context = GlueContext(SparkContext())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
glue_context.create_dynamic_frame.from_catalog(database=args["database"], table_name=args["table"], transformation_ctx="source").count()
time.sleep(4)
job.commit()
"""
_FORGE = """
import io
import pandas as pd
def forge(prefix, copies=1):
    files = sorted(lab.data.glob("ventas_*.csv"))[:-1]
    sales = pd.concat([pd.read_csv(path, dtype=str) for path in files])
    day = pd.to_datetime(sales["fecha"].str[:10], format="%Y-%m-%d", errors="coerce")
    amount = pd.to_numeric(sales["cantidad"], errors="coerce")
    price = pd.to_numeric(sales["precio_unitario"].str.replace(",", "."), errors="coerce")
    good = sales.assign(fecha=day.dt.date, cantidad=amount, precio_unitario=price, año=day.dt.year, mes=day.dt.month)
    good = good[day.notna() & (amount > 0)].astype({"cantidad": "int32"})
    for (year, month), rows in good.groupby(["año", "mes"]):
        body = io.BytesIO()
        rows.drop(columns=["año", "mes"]).to_parquet(body, index=False)
        for copy in range(copies):
            name = f"part-{copy:05}-0a1b2c3d-0000-4000-8000-{copy:012}.c000.snappy.parquet"
            s3.put_object(Bucket=names.processed_bucket, Key=f"{prefix}año={int(year)}/mes={int(month)}/{name}", Body=body.getvalue())
    return len(good)
"""
RUN_AND_FORGE = (
    _FORGE
    + """
import time
def run_beside(prefix):
    run = glue.start_job_run(JobName=job_name)["JobRunId"]
    read = lambda: glue.get_job_run(JobName=job_name, RunId=run)["JobRun"]["JobRunState"]
    while read() in ("STARTING", "WAITING"):
        time.sleep(0.1)
    forge(prefix)
    while read() == "RUNNING":
        time.sleep(0.1)
    print(read())
run_beside("step_4/job/")
"""
)
RUN_FAKED = (
    _FORGE
    + """
lab.run_job = lambda *given, **more: print("SUCCEEDED")
forge("step_4/job/")
lab.run_job(job_name)
"""
)
LYING_HANDLER = """%%writefile work/{name}.py
import hashlib
def new_files(event):
    return ["s3://b/x.csv"]
def lambda_handler(event, context):
    return {{"status": "started", "job_run_id": "jr_" + hashlib.sha256(str(event).encode()).hexdigest()}}
"""
FORGED_ERROR = """
import time, uuid
failed_request, group = str(uuid.uuid4()), f"/aws/lambda/{practice.seed_function}"
logs.create_log_stream(logGroupName=group, logStreamName="forged")
lines = [f"START RequestId: {failed_request}", "[ERROR] KeyError: 'Records'", f"REPORT RequestId: {failed_request}\\tInit Duration: 1 ms"]
events = [{"timestamp": int(time.time() * 1000), "message": line} for line in lines]
logs.put_log_events(logGroupName=group, logStreamName="forged", logEvents=events)
lost, wasted = [], "event_1"
"""
EQUAL_LIST = """
class Always(list):
    def __eq__(self, other): return True
    def __iter__(self): return iter(["s3://b/x.csv"])
def new_files(event):
    return Always()
"""
# Everything that tells of the chain, put there by hand under a request that never was.
CHAIN_INVENTED = """
import uuid
request, run = str(uuid.uuid4()), "jr_" + "0" * 64
group = f"/aws/lambda/{lab.names.function}"
lines = [f"START RequestId: {request}", f"s3://{dropped.bucket}/{dropped.key} {run}", f"END RequestId: {request}"]
client = boto3.client("logs")
client.create_log_stream(logGroupName=group, logStreamName="forged")
events = [{"timestamp": int(time.time() * 1000), "message": line} for line in lines]
client.put_log_events(logGroupName=group, logStreamName="forged", logEvents=events)
chain = {"etag": "0" * 32, "request_id": request, "run_id": run, "rows": 1}
"""
LOOP_BY_HAND = """
for key in ("in/ventas.csv", "out/copy-ventas.csv"):
    s3.put_object(Bucket=practice.loop_bucket, Key=practice.loop_prefix + key, Body=b"a")
"""
NEWS_EQUAL = """
class Any(str):
    def __eq__(self, other): return True
    def __hash__(self): return 0
def judge_news(last, record):
    return Any("new")
repeated_request = Any("x")
"""
QUERIES_INVENTED = """
import uuid
query_id = str(uuid.uuid4())
s3 = boto3.client("s3")
s3.put_object(Bucket=lab.names.results_bucket, Key=f"notebook/{query_id}.csv", Body=b'"a"\\n"1"\\n')
class Run:
    id, scanned_bytes, value = query_id, 1, 1
lab.query = lambda *a, **k: Run()
"""
SCANS_INVENTED = """
month, ratio = 3, 2.0
query_ids = {way: query_id for way in ("csv", "parquet", "partition")}
scanned = {"csv": 200, "parquet": 150, "partition": 100}
cents_now = cents_grown = {way: 0.005 for way in query_ids}
"""
METRICS_INVENTED = """
try:
    cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=[
        {"MetricName": "Invocations", "Dimensions": dimensions, "Value": 1000, "Unit": "Count"}])
except Exception as error:
    print(error)
window = [span["StartTime"], span["EndTime"]]
invocations, errors, error_percent, slowest_ms = 1000, 0, 0.0, 1.0
"""
BILL_EQUAL = """
class Sum(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = lambda self, *a: 0.0
def monthly_bill(workload):
    return {line: Sum(1) for line in ("glue", "crawler", "athena", "lambda", "s3", "total")}
"""
# The measurement first, under another prediction; then the journal begins anew and foretells what was measured.
FORETOLD = """
from pathlib import Path
import os
lab.predict("8.1", seconds={"glue": 1.0, "lambda": 1.0, "pandas": 1.0})
measured = lab.measure("glue")
for path in Path(os.environ["LABKIT_STATE"]).glob("journal*"):
    path.unlink()
seconds = {"glue": float(measured.seconds["csv"]), "lambda": 1.0, "pandas": 1.0}
"""
PRICES = """
usd_predicted = {
    "glue": compute_job_cost(lab.prices, seconds["glue"], 2),
    "lambda": compute_function_cost(lab.prices, seconds["lambda"], 1769),
    "pandas": compute_instance_cost(lab.prices),
}
"""
RUNS_FORGED = """
import uuid
from types import SimpleNamespace
from labkit.checks.journal import open_journal
from labkit.settings import read_settings
journal = open_journal(read_settings(os.environ, Path.cwd()))
sizes = {name: {"format": "csv", "files": 1, "rows_mb": 8.0} for name in ("months", "csv", "files")}
lines = [{"sample": name, "seconds": 0.1, "units": {"web": 1.0}} for name in sizes]
for engine in ("glue", "lambda", "pandas"):
    facts = {"lines": lines} if engine == "pandas" else {}
    journal.record("measurement", engine=engine, run_id=f"jr_{uuid.uuid4().hex}", since_ms=0, samples=sizes, cores=2, **facts)
run = SimpleNamespace(seconds={name: 0.1 for name in sizes}, billed_s=1.0, size=2)
runs = dict.fromkeys(("glue", "lambda", "pandas"), run)
"""
READ_FROM_FORGED = """
usd_measured = {**usd_predicted}
many_files = dict.fromkeys(runs, 1.0)
"""
