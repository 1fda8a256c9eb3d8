"""A notebook's own process: `labkit.open` and what it gives, on the session's cloud and in a state folder of its own names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.cloud.conftest import RunningCloud

# Names of its own, so that these labs and those of other tests on the same cloud do not meet.
NAMES = {
    "LABKIT_RAW_BUCKET": "apertura-raw",
    "LABKIT_PROCESSED_BUCKET": "apertura-processed",
    "LABKIT_ASSETS_BUCKET": "apertura-assets",
    "LABKIT_RESULTS_BUCKET": "apertura-results",
    "LABKIT_DATABASE": "apertura_db",
    "LABKIT_GLUE_ROLE": "apertura-glue-role",
    "LABKIT_LAMBDA_ROLE": "apertura-lambda-role",
    "LABKIT_RAW_CRAWLER": "apertura-crawler",
    "LABKIT_JOB": "apertura-job",
    "LABKIT_FUNCTION": "apertura-function",
}


@pytest.fixture
def kernel(cloud: RunningCloud) -> Callable[[str], Any]:
    """Run lines as a notebook would and return what they leave in `found`."""

    def run(code: str, **environment: str) -> Any:
        lines = f"import json, labkit\n{code}\nprint('FOUND ' + json.dumps(found))"
        done = subprocess.run(
            [sys.executable, "-c", lines],
            env={**os.environ, **NAMES, "LABKIT_STATE": str(cloud.state_dir), "LABKIT_LANG": "en", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "FOUND " in done.stdout, done.stderr
        return json.loads(done.stdout.rpartition("FOUND ")[2])

    return run


def test_opening_catches_up_once_and_leaves_what_is_there(
    kernel: Callable[..., Any], aws: Callable[[str], Any]
) -> None:
    code = (
        "lab = labkit.open(3)\n"
        "import boto3\n"
        "caught = [entry.data['caught_up'] for entry in lab.surroundings.journal.entries('open')][-1]\n"
        "found = {'caught': caught, 'buckets': [b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']]}"
    )
    first = kernel(code)
    assert first["caught"] == [1, 2]
    assert "apertura-raw" in first["buckets"]
    # The student takes a policy away and writes a trust of their own: catching up is not putting right.
    iam = aws("iam")
    iam.detach_role_policy(RoleName="apertura-glue-role", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    own = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": ["glue.amazonaws.com"]}, "Action": "sts:AssumeRole"}
        ],
    }
    iam.update_assume_role_policy(RoleName="apertura-glue-role", PolicyDocument=json.dumps(own))
    aws("s3").put_object(Bucket="apertura-raw", Key="raw_sales/ventas_2024_01.csv", Body=b"of the student")
    assert kernel(code)["caught"] == []
    attached = iam.list_attached_role_policies(RoleName="apertura-glue-role")["AttachedPolicies"]
    assert [item["PolicyName"] for item in attached] == ["AWSGlueServiceRole"]
    assert iam.get_role(RoleName="apertura-glue-role")["Role"]["AssumeRolePolicyDocument"] == own
    body = aws("s3").get_object(Bucket="apertura-raw", Key="raw_sales/ventas_2024_01.csv")["Body"].read()
    assert body == b"of the student"


def test_an_unknown_step_or_task_is_a_lesson(kernel: Callable[..., Any]) -> None:
    code = (
        "lab, found = labkit.open(1), []\n"
        "for call in (lambda: labkit.open(12), lambda: lab.check('9.9'), lambda: lab.hint('cuatro')):\n"
        "    try: call()\n"
        "    except Exception as error: found.append([type(error).__name__, '\\n'.join(error._render_traceback_())])\n"
    )
    found = kernel(code)
    assert [name for name, _text in found] == ["UsageError"] * 3
    assert "labkit.open(4)" in found[0][1]
    assert "lab.check" in found[1][1]


def test_a_prediction_is_locked_by_the_first_one(kernel: Callable[..., Any]) -> None:
    code = (
        "lab = labkit.open(1)\n"
        "views = [lab.predict('1.1', guess=guess) for guess in (..., None, {}, 3, 4)]\n"
        "found = [[view.values, view.refused] for view in views]"
    )
    assert kernel(code) == [[{}, False], [{}, False], [{}, False], [{"guess": 3}, False], [{"guess": 3}, True]]


@pytest.mark.slow
def test_a_reset_keeps_what_it_deletes_on_record_even_of_a_bucket_that_is_locked(kernel: Callable[..., Any]) -> None:
    code = (
        "lab = labkit.open(1)\n"
        "s3, name = lab.client('s3'), lab.names.raw_bucket + '-sources'\n"
        "deny = {'Effect': 'Deny', 'Principal': '*', 'Action': 's3:*', 'Resource': f'arn:aws:s3:::{name}'}\n"
        "policy = json.dumps({'Version': '2012-10-17', 'Statement': [deny]})\n"
        "def reset(lock):\n"
        "    s3.create_bucket(Bucket=name)\n"
        "    s3.put_object(Bucket=name, Key='ventas/a.csv', Body=b'a')\n"
        "    if lock: s3.put_bucket_policy(Bucket=name, Policy=policy)\n"
        "    lab.reset(1)\n"
        "    folder = max((lab.settings.state_dir / 'backups').iterdir())\n"
        "    return [str(json.loads((folder / f'{kind}.json').read_text())[name]) for kind in ('objects', 'buckets')]\n"
        "found = [reset(False), reset(True), [bucket['Name'] for bucket in s3.list_buckets()['Buckets']]]"
    )
    open_, locked, left = kernel(code)
    assert "ventas/a.csv" in open_[0]
    assert "AccessDenied" in locked[0]
    assert "apertura-raw-sources" not in left
