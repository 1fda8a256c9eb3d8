"""What an invocation costs over the bare function: a warm one, a cold one, and 50 at once."""

from __future__ import annotations

import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.clouds import client, running_cloud
from benchmarks.measure import Number, median, timed

_CODE = """
import time
def lambda_handler(event, context):
    began = time.perf_counter()
    sum(range(event["turns"]))
    return time.perf_counter() - began
"""
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def overhead() -> list[Number]:
    """boto3's invoke less the handler's own time, in milliseconds."""
    with running_cloud(LABKIT_WARM_DRIVER="started") as cloud:
        api = client(cloud, "lambda")
        role = _role(client(cloud, "iam"))
        names = [_function(api, role, f"bench-{number}") for number in range(5)]
        cold = [_invoke(api, name)[0] for name in names]
        for _ in range(20):
            _invoke(api, names[0])
        warm = [_invoke(api, names[0])[0] for _ in range(300)]
        with ThreadPoolExecutor(50) as threads:
            rounds = [
                timed(lambda: list(threads.map(lambda n: _invoke(api, names[n % 5]), range(50)))) for _ in range(4)
            ]
    return [
        median("invoke: warm, over the bare function", [seconds * 1000 for seconds in warm], "ms", 5.0),
        median("invoke: cold, over the bare function", [seconds * 1000 for seconds in cold], "ms"),
        median("invoke: 50 at once of 5 functions, each", [seconds * 1000 / 50 for seconds in rounds[1:]], "ms"),
    ]


def _invoke(api: Any, name: str) -> tuple[float, float]:
    began = time.perf_counter()
    own = json.loads(api.invoke(FunctionName=name, Payload=b'{"turns": 10000}')["Payload"].read())
    return time.perf_counter() - began - own, own


def _role(iam: Any) -> str:
    arn: str = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="bench", PolicyArn=_ADMINISTRATOR)
    return arn


def _function(api: Any, role: str, name: str) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bench.py", _CODE)
    settings = {"Runtime": "python3.11", "Handler": "bench.lambda_handler", "Timeout": 30}
    api.create_function(FunctionName=name, Role=role, Code={"ZipFile": buffer.getvalue()}, **settings)
    return name
