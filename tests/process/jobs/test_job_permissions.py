"""A run has the permissions of its role: what it is given, what it may write, and how it fails without them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError, Scope

if TYPE_CHECKING:
    from tests.process.jobs.conftest import Jobs

SCOPE = Scope("123456789012", "us-east-1")
SESSION = "arn:aws:sts::123456789012:assumed-role/runner/GlueJobRunnerSession"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::scripts/*"}
_LOGGING = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
LOGS = {"Effect": "Allow", "Action": _LOGGING, "Resource": "arn:aws:logs:*:*:*:/aws-glue/*"}


def _may(*statements: dict[str, Any]) -> None:
    from moto.iam.models import iam_backends

    iam = iam_backends["123456789012"]["aws"]
    iam.get_role("runner").managed_policies.clear()
    iam.put_role_policy("runner", "own", json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def _trust(service: str) -> None:
    from moto.iam.models import iam_backends

    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    iam_backends["123456789012"]["aws"].get_role("runner").assume_role_policy_document = json.dumps(document)


def test_a_script_and_a_log_are_all_that_a_small_run_needs(jobs: Jobs) -> None:
    _may(READ, LOGS)
    jobs.create("small", "print('hola')")
    run = jobs.wait("small", run_id := jobs.start("small"))
    assert run["JobRunState"] == "SUCCEEDED", run
    assert jobs.log("output", run_id) == ["hola"]


@pytest.mark.parametrize(
    ("parameter", "key"), [("", "small.py"), ("--extra-py-files", "lib/ayuda.py"), ("--extra-files", "lib/ayuda.py")]
)
def test_what_a_run_names_is_fetched_under_its_role(jobs: Jobs, parameter: str, key: str) -> None:
    jobs.services.store.put("scripts", "lib/ayuda.py", b"x = 1")
    denied = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::scripts/{key}"}
    _may(READ, LOGS, denied)
    jobs.create("small", "", DefaultArguments={parameter: "s3://scripts/lib/ayuda.py"} if parameter else {})
    run = jobs.wait("small", run_id := jobs.start("small"))
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == (
        f"LAUNCH ERROR | Error downloading from S3 for bucket: scripts, key: {key}.Access Denied (Service: Amazon S3; Status Code: 403; "
        f"Please refer logs for details. User: {SESSION} is not authorized to perform: s3:GetObject on resource: "
        f'"arn:aws:s3:::scripts/{key}" with an explicit deny in an identity-based policy'
    )
    assert jobs.log("error", run_id)[-1] == run["ErrorMessage"]


def test_a_script_that_is_not_there_is_told_to_who_may_list(jobs: Jobs) -> None:
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::scripts"}
    _may(READ, LOGS)
    jobs.create("gone", "")
    jobs.services.store.delete("scripts", ["gone.py"])
    assert "is not authorized to perform: s3:ListBucket on" in jobs.wait("gone", jobs.start("gone"))["ErrorMessage"]
    _may(READ, LOGS, listing)
    assert "NoSuchKey" in jobs.wait("gone", jobs.start("gone"))["ErrorMessage"]


@pytest.mark.parametrize("action", _LOGGING)
def test_a_run_that_may_not_write_its_log_goes_on_and_says_so(jobs: Jobs, action: str) -> None:
    _may(READ, {**LOGS, "Action": [one for one in _LOGGING if one != action]})
    prefix = f"/aws-glue/{action.partition(':')[2]}"
    jobs.create("quiet", "print('hola')", DefaultArguments={"--custom-logGroup-prefix": prefix})
    run = jobs.wait("quiet", run_id := jobs.start("quiet"))
    assert run["JobRunState"] == "SUCCEEDED", run
    assert (
        f"The run's log is not written: User: {SESSION} is not authorized to perform: {action} on resource: "
        in run["StateDetail"]
    )
    assert f":log-group:{prefix}/output:" in run["StateDetail"]
    logs = jobs.services.logs(SCOPE)
    assert [logs.lines(f"{prefix}/{kind}", run_id) for kind in ("output", "error")] == [[], []]


def test_a_run_without_a_log_still_tells_its_error(jobs: Jobs) -> None:
    _may(READ)
    jobs.create("quiet", "raise ValueError('mal')")
    run = jobs.wait("quiet", jobs.start("quiet"))
    assert "ValueError: mal" in run["ErrorMessage"]
    assert "logs:" in run["StateDetail"]


def test_a_role_must_trust_glue_when_a_run_starts(jobs: Jobs) -> None:
    jobs.create("small", "")
    _trust("lambda.amazonaws.com")
    with pytest.raises(AwsError) as caught:
        jobs.start("small")
    assert caught.value.code == "InvalidInputException"
    assert (
        caught.value.message
        == "Role arn:aws:iam::123456789012:role/runner should be given assume role permissions for Glue Service."
    )


def test_a_job_outlives_its_role_and_cannot_run(jobs: Jobs) -> None:
    from moto.iam.models import iam_backends

    jobs.create("small", "")
    iam_backends["123456789012"]["aws"].roles.clear()
    with pytest.raises(AwsError, match="should be given assume role permissions for Glue Service"):
        jobs.start("small")
    assert jobs.call("GetJob", JobName="small")["Job"]["Name"] == "small"


def test_a_waiting_run_fails_when_its_role_has_gone(jobs: Jobs) -> None:
    from moto.iam.models import iam_backends

    jobs.create("slow", "import time\ntime.sleep(0.5)", JobRunQueuingEnabled=True)
    first, second = jobs.start("slow"), jobs.start("slow")
    jobs.wait("slow", first, "RUNNING")
    iam_backends["123456789012"]["aws"].roles.clear()
    run = jobs.wait("slow", second)
    assert (run["JobRunState"], "should be given assume role permissions" in run["ErrorMessage"]) == ("FAILED", True)
    assert jobs.wait("slow", first)["JobRunState"] == "SUCCEEDED"
