"""Teardown against the local cloud: what is ours goes, in any state of lab and ledger; what is not stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.call import AwsCall
from labkit.prices import load_prices
from labkit.steps.apply import apply_step
from labkit.steps.budget import build_budget, build_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.teardown.conftest import Studied

    Study = Callable[..., Studied]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def list_kinds(report: Any) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in report.outcomes:
        counted[one.task.kind] = counted.get(one.task.kind, 0) + 1
    return counted


def test_a_lab_goes_with_all_that_came_along_and_a_second_time_finds_nothing(study: Study) -> None:
    ana = study("teardown ana")
    ana.apply(1, 2, 4, 5, 6)
    ana.clients.lambda_.get_waiter("function_active_v2").wait(FunctionName=ana.lab.names.function)
    report = ana.tear_down()
    assert [one.error for one in report.failures] == []
    assert report.is_proven
    kinds = list_kinds(report)
    assert (kinds["s3-bucket"], kinds["iam-role"], kinds["glue-job"], kinds["lambda-function"]) == (4, 2, 1, 1)
    assert (kinds["athena-workgroup"], kinds["log-group"]) == (1, 1)
    assert [entry for entry in ana.ledger.entries() if entry.kind != "shared-log-group"] == []
    again = ana.tear_down()
    assert again.outcomes == ()
    assert again.is_proven


def test_the_ledger_was_lost_and_the_tags_are_enough(study: Study) -> None:
    eva = study("teardown eva")
    eva.apply(1, 2, 4)
    eva.ledger.path.unlink()
    found = eva.find()
    assert {one.verdict.key for one in found.ours} == {"teardown.reason.tag"}
    assert eva.tear_down().is_proven
    assert not [role for role in list_roles(eva) if role.endswith(eva.lab.names.glue_role)]


@pytest.mark.slow
def test_two_labs_of_one_class_in_one_account(study: Study) -> None:
    leo, mia = study("teardown leo"), study("teardown mia")
    leo.apply(1, 2)
    mia.apply(1, 2)
    # Leo's folder came from Mia's laptop: its ledger names her resources, their tags say that they are hers.
    leo.ledger.path.write_text(mia.ledger.path.read_text(encoding="utf-8"), encoding="utf-8")
    assert leo.tear_down().is_proven
    assert mia.lab.names.raw_bucket in list_buckets(mia)
    assert mia.lab.names.glue_role in list_roles(mia)
    assert mia.find().parts == ()
    assert mia.tear_down().is_proven


def test_what_only_bears_the_name_is_shown_and_stays(study: Study) -> None:
    sol = study("teardown sol")
    names = sol.lab.names
    sol.clients.s3.create_bucket(Bucket=names.raw_bucket)
    sol.clients.iam.create_role(RoleName=names.glue_role, AssumeRolePolicyDocument=json.dumps(TRUST))
    sol.clients.s3.put_object(Bucket=names.raw_bucket, Key="mine.csv", Body=b"1")
    found = sol.find()
    assert found.ours == ()
    shown = {(one.thing.kind, one.thing.name): one.verdict.key for one in found.strangers}
    assert shown[("s3-bucket", names.raw_bucket)] == "teardown.other.name"
    assert shown[("iam-role", names.glue_role)] == "teardown.other.name"
    assert sol.tear_down().is_proven
    assert sol.clients.s3.list_objects_v2(Bucket=names.raw_bucket)["KeyCount"] == 1


@pytest.mark.slow
def test_what_the_lab_put_into_a_bucket_of_somebody_elses_goes_and_nothing_else(study: Study) -> None:
    ines = study("teardown ines", samples=True)
    names, s3 = ines.lab.names, ines.clients.s3
    s3.create_bucket(Bucket=names.raw_bucket)
    s3.put_object(Bucket=names.raw_bucket, Key="hers.csv", Body=b"1")
    ines.apply(1, 2, 4, 5, 6)
    configuration = s3.get_bucket_notification_configuration(Bucket=names.raw_bucket)["LambdaFunctionConfigurations"]
    other = {**configuration[0], "Id": "hers", "Events": ["s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=names.raw_bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [*configuration, other]}
    )
    report = ines.tear_down()
    assert [one.error for one in report.failures] == []
    assert report.is_proven
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=names.raw_bucket)["Contents"]] == ["hers.csv"]
    left = s3.get_bucket_notification_configuration(Bucket=names.raw_bucket)["LambdaFunctionConfigurations"]
    assert [item["Id"] for item in left] == ["hers"]
    assert ("s3-bucket", names.raw_bucket) in {(one.thing.kind, one.thing.name) for one in report.after.strangers}


def test_a_versioned_bucket_with_markers_and_an_unfinished_upload(study: Study) -> None:
    teo = study("teardown teo")
    teo.apply(1)
    s3, bucket = teo.clients.s3, teo.lab.names.raw_bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key="año=2024/ñandú +.csv", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="año=2024/ñandú +.csv")
    s3.create_multipart_upload(Bucket=bucket, Key="half")
    assert teo.tear_down().is_proven
    assert bucket not in list_buckets(teo)


@pytest.mark.slow
def test_locked_versions_stay_by_name_and_everything_else_goes(study: Study) -> None:
    """A legal hold on one version; the local cloud has Object Lock from the bucket's start only, as AWS had until 2023."""
    noa = study("teardown noa")
    noa.apply(2)
    s3, bucket = noa.clients.s3, noa.lab.names.raw_bucket
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    tags = [{"Key": key, "Value": value} for key, value in noa.lab.tags.items()]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    s3.put_object(Bucket=bucket, Key="free", Body=b"1")
    held = s3.put_object(Bucket=bucket, Key="held", Body=b"1", ObjectLockLegalHoldStatus="ON")["VersionId"]
    report = noa.tear_down()
    assert not report.is_proven
    assert [(one.task.kind, one.error.key) for one in report.failures] == [("s3-bucket", "error.teardown.legal_hold")]
    assert held in str(report.failures[0].error)
    assert [item["Key"] for item in s3.list_object_versions(Bucket=bucket)["Versions"]] == ["held"]
    assert noa.lab.names.glue_role not in list_roles(noa)
    hold = {"Status": "OFF"}
    s3.put_object_legal_hold(Bucket=bucket, Key="held", VersionId=held, LegalHold=hold)
    assert noa.tear_down().is_proven


@pytest.mark.slow
def test_a_policy_that_denies_everyone_is_named(study: Study) -> None:
    gil = study("teardown gil")
    gil.apply(1)
    bucket = gil.lab.names.processed_bucket
    arn = f"arn:aws:s3:::{bucket}"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    gil.clients.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    report = gil.tear_down()
    assert [(one.task.name, one.error.key) for one in report.failures] == [(bucket, "error.teardown.bucket_denied")]
    assert [one.thing.name for one in report.after.ours] == [bucket]


@pytest.mark.slow
def test_a_policy_that_only_keeps_from_listing_goes_first(study: Study) -> None:
    pia = study("teardown pia")
    pia.apply(1)
    bucket = pia.lab.names.processed_bucket
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucketVersions", "Resource": f"arn:aws:s3:::{bucket}"}
    pia.clients.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    assert pia.tear_down().is_proven


@pytest.mark.slow
def test_the_keys_end_in_the_middle_and_new_ones_go_on(study: Study) -> None:
    """The role's deletion and all after it are answered as AWS answers an ended session, until there are new keys."""
    rita = study("teardown rita")
    rita.apply(1, 2, 4)
    ended = [True]

    def refuse(model: Any, **_rest: Any) -> Any:
        if ended[0]:
            from botocore.awsrequest import AWSResponse

            body = {
                "Error": {"Code": "ExpiredToken", "Message": "The security token included in the request is expired"}
            }
            return AWSResponse("", 403, {}, None), body
        return None

    rita.clients.iam.meta.events.register("before-call.iam.DeleteRole", refuse)
    first = rita.tear_down()
    assert {one.state for one in first.failures} == {"failed", "not tried"}
    assert rita.find().ours
    assert "glue-job" not in {entry.kind for entry in rita.ledger.entries()}
    assert "iam-role" in {entry.kind for entry in rita.ledger.entries()}
    ended[0] = False
    assert rita.tear_down().is_proven


@pytest.mark.slow
def test_asked_for_new_keys_teardown_goes_on_where_it_was(study: Study) -> None:
    hugo = study("teardown hugo")
    hugo.apply(1, 2)

    def refuse(**_rest: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        return AWSResponse("", 403, {}, None), {"Error": {"Code": "ExpiredToken", "Message": "expired"}}

    hugo.clients.iam.meta.events.register("before-call.iam.DeleteRole", refuse)
    asked: list[int] = []

    def renew() -> bool:
        asked.append(1)  # clients.renew() then makes clients that nobody refuses
        return True

    report = hugo.tear_down(on_expired=renew)
    assert (len(asked), report.failures, report.is_proven) == (1, (), True)


def test_after_a_kill_between_call_and_answer(study: Study) -> None:
    """A bucket is made in one call and tagged in a second: between them only the ledger's "calling" tells whose it is."""
    ciro = study("teardown ciro")
    name, never = ciro.lab.names.raw_bucket, ciro.lab.names.processed_bucket
    for bucket in (name, never):
        ciro.ledger.announce(1, AwsCall("s3", "create_bucket", {"Bucket": bucket}, "create", "s3-bucket", bucket))
    ciro.clients.s3.create_bucket(Bucket=name)
    assert [one.verdict.key for one in ciro.find().ours] == ["teardown.reason.calling"]
    assert ciro.tear_down().is_proven
    assert name not in list_buckets(ciro)
    assert ciro.ledger.entries() == []


def list_buckets(study: Studied) -> list[str]:
    return [item["Name"] for item in study.clients.s3.list_buckets()["Buckets"]]


def list_roles(study: Studied) -> list[str]:
    return [
        role["RoleName"] for page in study.clients.iam.get_paginator("list_roles").paginate() for role in page["Roles"]
    ]


def test_the_budget_goes_with_the_lab(study: Study) -> None:
    abel = study("teardown abel")
    step = build_step(build_budget("teardown abel", 5.0, "abel@example.org"))
    apply_step(abel.clients, abel.lab, step, load_prices(), abel.ledger, lambda _step, _call: None)
    report = abel.tear_down()
    assert [(one.task.kind, one.state) for one in report.outcomes] == [("budget", "deleted")]
    assert report.is_proven
    assert abel.ledger.entries() == []
