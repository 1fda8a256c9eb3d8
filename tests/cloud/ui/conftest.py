"""A lab's panels on the session's cloud, with names of its own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.i18n import use_language
from labkit.names import Names
from labkit.prices import Prices, load_prices
from labkit.settings import Settings, Target, read_settings, with_endpoint
from labkit.ui.panels import Panels
from tests.cloud.conftest import RunningCloud

# It says nothing and starts nothing: what the chain shows of it comes from Lambda's own lines.
HANDLER = "def handler(event, context):\n    return {'status': 'ignored'}\n"


class Lab(Panels):
    def __init__(self, settings: Settings, names: Names) -> None:
        self._settings, self._names, self._clients = settings, names, Clients(settings.target)

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def clients(self) -> Clients:
        return self._clients

    @property
    def names(self) -> Names:
        return self._names

    @property
    def prices(self) -> Prices:
        return load_prices()

    @property
    def target(self) -> Target:
        return self._settings.target


@pytest.fixture(scope="module")
def lab(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    use_language("es")
    settings = with_endpoint(read_settings({}, tmp_path_factory.mktemp("ajustes")), cloud.endpoint_url)
    names = Names(
        raw_bucket="panel-raw", processed_bucket="panel-processed", results_bucket="panel-results", database="panel_db",
        function="panel-function", job="panel-job", raw_crawler="panel-raw-crawler", processed_crawler="panel-crawler",
        lambda_role="panel-lambda", glue_role="panel-glue", workgroup="panel-group",
    )  # fmt: skip
    return Lab(settings, names)


@pytest.fixture(scope="module")
def bare(lab: Lab) -> Any:
    """The map before anything exists."""
    return lab.map()


@pytest.fixture(scope="module")
def built(lab: Lab, bare: Any, aws: Callable[[str], Any]) -> Lab:
    """Buckets, a role, a function, a trigger, a database and a table with one of its two partitions registered."""
    names = lab.names
    for bucket in (names.raw_bucket, names.processed_bucket, names.results_bucket):
        aws("s3").create_bucket(Bucket=bucket)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = aws("iam").create_role(RoleName=names.lambda_role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    aws("iam").attach_role_policy(
        RoleName=names.lambda_role, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("m.py", HANDLER)
    function = aws("lambda").create_function(
        FunctionName=names.function,
        Runtime="python3.11",
        Role=role,
        Handler="m.handler",
        Code={"ZipFile": body.getvalue()},
    )["FunctionArn"]
    aws("lambda").add_permission(
        FunctionName=names.function, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    rules = [{"Name": "prefix", "Value": names.raw_prefix}, {"Name": "suffix", "Value": ".csv"}]
    rule = {"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}}
    aws("s3").put_bucket_notification_configuration(
        Bucket=names.raw_bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    aws("glue").create_database(DatabaseInput={"Name": names.database})
    aws("athena").create_work_group(
        Name=names.workgroup, Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{names.results_bucket}/"}}
    )
    for month in (1, 2):
        aws("s3").put_object(Bucket=names.processed_bucket, Key=f"sales/mes={month}/a.csv", Body=b"1,x\n2,y\n")
    made = lab.query(
        "CREATE EXTERNAL TABLE sales (n int, t string) PARTITIONED BY (mes int) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{names.processed_bucket}/sales/'"
    )
    assert made.state == "SUCCEEDED", made.error
    assert lab.query("ALTER TABLE sales ADD PARTITION (mes=1)").state == "SUCCEEDED"
    return lab
