"""Glue jobs under roles that may do only what their script needs: they run, and without any one statement they fail and name it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cloud.glue_jobs import GLUE, Aws, GlueJobs

_CATALOG = "arn:aws:glue:us-east-1:123456789012:"
_DATABASE = "spark_bajo_rol"
_ROWS = "print(spark.read.csv(f's3://{BUCKET}/in/', header=True).count())"
_WRITE = "spark.range(3).write.mode('%s').parquet(f's3://{BUCKET}/out/')"
_FRAME = """
from awsglue.dynamicframe import DynamicFrame
frame = DynamicFrame.fromDF(spark.range(3), glueContext, 'frame')
"""
_IN_WORKER = """
def size(key):
    import boto3
    return boto3.client('s3').get_object(Bucket=BUCKET, Key=key)['ContentLength']
print(spark.sparkContext.parallelize(['in/a.csv']).map(size).collect())
"""
_SINK = """
sink = glueContext.getSink(connection_type='s3', path=f's3://{BUCKET}/out/', enableUpdateCatalog=True)
sink.setFormat('json')
sink.setCatalogInfo(catalogDatabase=DATABASE, catalogTableName=f'nueva_{BUCKET}'.replace('-', '_'))
sink.writeFrame(frame)
"""


@dataclass(frozen=True)
class Case:
    """A script, what its role needs beyond its script and its log, and its job's parameters."""

    script: str
    needs: tuple[str, ...]
    hive: bool = False


CASES = {
    "DataFrame reads": Case(_ROWS, ("list in", "get in")),
    "DynamicFrame reads": Case(
        "print(glueContext.create_dynamic_frame.from_options('s3', {'paths': [f's3://{BUCKET}/in/']}, 'csv').count())",
        ("list in", "get in"),
    ),
    "RDD reads": Case("print(spark.sparkContext.textFile(f's3://{BUCKET}/in/').count())", ("list in", "get in")),
    "DataFrame appends": Case(_WRITE % "append", ("list out", "put out")),
    "DataFrame overwrites": Case(_WRITE % "overwrite", ("list out", "put out", "delete out")),
    "DynamicFrame writes": Case(
        _FRAME + "glueContext.write_dynamic_frame.from_options(frame, 's3', {'path': f's3://{BUCKET}/out/'}, 'json')",
        ("list out", "put out"),
    ),
    "catalog table": Case(
        "print(glueContext.create_dynamic_frame.from_catalog(DATABASE, TABLE).count())",
        ("glue:GetTable", "list in", "get in"),
    ),
    "spark.sql": Case(
        "print(spark.sql(f'select count(*) from {DATABASE}.{TABLE}').collect())",
        ("glue:GetDatabase", "glue:GetTable", "list in", "get in"),
        hive=True,
    ),
    "saveAsTable": Case(
        "spark.range(3).write.mode('append').option('path', f's3://{BUCKET}/out/t/').saveAsTable(f'{DATABASE}.nueva_' + TABLE)",
        ("glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "list out", "put out", "get out"),
        hive=True,
    ),
    "sink with catalog": Case(
        _FRAME + _SINK, ("glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "list out", "put out")
    ),
    "boto3 in a worker": Case(_IN_WORKER, ("get in",)),
    "purge": Case(
        "glueContext.purge_s3_path(f's3://{BUCKET}/out/', {'retentionPeriod': 0})", ("list out", "delete out")
    ),
}
REMOVED = [(name, lost) for name, case in CASES.items() for lost in case.needs]
_S3 = {"list": "s3:ListBucket", "get": "s3:GetObject", "put": "s3:PutObject", "delete": "s3:DeleteObject"}


class RoleJobs(GlueJobs):
    """Jobs whose role has the statements that a test gives it."""

    def __init__(self, aws: Aws) -> None:
        super().__init__(aws)
        self.iam = aws("iam")
        self.iam.detach_role_policy(RoleName=self.bucket, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        self.table = f"t_{self.bucket}".replace("-", "_")
        for name in ("a", "b"):
            self.put(f"in/{name}.csv", "id,nombre\n1,ana\n")
        self.put("out/antes.parquet", b"x")

    def action(self, need: str) -> str:
        return need if ":" in need else _S3[need.split(" ", maxsplit=1)[0]]

    def statement(self, need: str) -> dict[str, Any]:
        bucket = f"arn:aws:s3:::{self.bucket}"
        statement: dict[str, Any] = {"Effect": "Allow", "Action": self.action(need)}
        if ":" in need:
            names = ("catalog", f"database/{_DATABASE}", "database/default", f"table/{_DATABASE}/*")
            return {**statement, "Resource": [_CATALOG + name for name in names]}
        kind, folder = need.split(" ")
        if kind == "list":
            return {**statement, "Resource": bucket, "Condition": {"StringLike": {"s3:prefix": [f"{folder}/*"]}}}
        return {**statement, "Resource": f"{bucket}/{folder}/*"}

    def allow(self, needs: tuple[str, ...]) -> None:
        script = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/scripts/*"}
        log = {"Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:*:/aws-glue/*"}
        document = {"Version": "2012-10-17", "Statement": [script, log, *map(self.statement, needs)]}
        self.iam.put_role_policy(RoleName=self.bucket, PolicyName="own", PolicyDocument=json.dumps(document))

    def case(self, case: Case, needs: tuple[str, ...]) -> dict[str, Any]:
        self.allow(needs)
        names = f"\nBUCKET, DATABASE, TABLE = {self.bucket!r}, {_DATABASE!r}, {self.table!r}\n"
        return self.once(GLUE + names + case.script, {"--enable-glue-datacatalog": "true"} if case.hive else {})


@pytest.fixture
def jobs(aws: Aws) -> RoleJobs:
    made = RoleJobs(aws)
    if not any(one["Name"] == _DATABASE for one in made.glue.get_databases()["DatabaseList"]):
        made.glue.create_database(DatabaseInput={"Name": _DATABASE})
    descriptor = {
        "Columns": [{"Name": "id", "Type": "string"}, {"Name": "nombre", "Type": "string"}],
        "Location": f"s3://{made.bucket}/in/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    }
    table = {"Name": made.table, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": descriptor}
    made.glue.create_table(DatabaseName=_DATABASE, TableInput={**table, "Parameters": {"classification": "csv"}})
    return made


def _check_refused(jobs: RoleJobs, run: dict[str, Any], lost: str) -> None:
    session = f"arn:aws:sts::123456789012:assumed-role/{jobs.bucket}/GlueJobRunnerSession"
    message = run["ErrorMessage"]
    assert run["JobRunState"] == "FAILED"
    assert message.startswith("Error Category: PERMISSION_ERROR; Failed Line Number: ")
    assert "\n" not in message
    if "purge" not in message:
        assert f"User: {session} is not authorized to perform: {jobs.action(lost)} on resource: " in message
    assert jobs.action(lost) in message
    assert "arn:aws:" in message


def test_a_job_runs_with_what_it_needs_and_names_what_it_lacks(jobs: RoleJobs) -> None:
    """Quick: Python's calls and Spark's in one script, so that one driver tells both."""
    script = (
        "import boto3\nprint(boto3.client('s3').get_object(Bucket=BUCKET, Key='in/a.csv')['ContentLength'])\n" + _ROWS
    )
    run = jobs.case(Case(script, ()), ("get in",))
    _check_refused(jobs, run, "list in")
    assert jobs.log(run) == ["16"]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_script_runs_with_what_it_needs_and_nothing_else(jobs: RoleJobs, name: str) -> None:
    run = jobs.case(CASES[name], CASES[name].needs)
    assert run["JobRunState"] == "SUCCEEDED", run["ErrorMessage"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "lost"), REMOVED, ids=[f"{name}: {lost}" for name, lost in REMOVED])
def test_a_script_fails_without_any_one_statement(jobs: RoleJobs, name: str, lost: str) -> None:
    case = CASES[name]
    run = jobs.case(case, tuple(need for need in case.needs if need != lost))
    _check_refused(jobs, run, lost)


@pytest.mark.slow
def test_a_role_that_is_deleted_while_a_run_goes_on_may_do_nothing_any_more(jobs: RoleJobs) -> None:
    jobs.allow(("list in", "get in"))
    wait = f"""
import time, boto3
s3 = boto3.client('s3')
print('espera', flush=True)
while True:
    s3.get_object(Bucket={jobs.bucket!r}, Key='in/a.csv')
    time.sleep(0.05)
"""
    name = jobs.create(GLUE + wait)
    run_id = jobs.start(name)
    jobs.wait(name, run_id, "RUNNING")
    jobs.iam.delete_role_policy(RoleName=jobs.bucket, PolicyName="own")
    jobs.iam.delete_role(RoleName=jobs.bucket)
    run = jobs.wait(name, run_id)
    assert run["JobRunState"] == "FAILED"
    assert "is not authorized to perform: s3:GetObject" in run["ErrorMessage"]


@pytest.mark.slow
def test_a_run_that_may_not_write_metrics_goes_on_and_says_so(jobs: RoleJobs) -> None:
    jobs.allow(())
    run = jobs.once(GLUE + "print(spark.range(3).count())", {"--enable-metrics": "true"})
    assert run["JobRunState"] == "SUCCEEDED"
    assert "NOTE no job metrics are written: User: " in jobs.errors(run)
    assert "is not authorized to perform: cloudwatch:PutMetricData" in jobs.errors(run)
