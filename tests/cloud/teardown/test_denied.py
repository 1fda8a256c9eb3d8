"""Each call of a teardown is denied in turn: it is named, the rest goes, and with the permission the rest of it goes too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkit.aws.session import Clients
    from tests.cloud.teardown.conftest import Studied

    Study = Callable[..., Studied]

DELETING = (
    ("s3", "DeleteObjects"), ("s3", "DeleteBucket"), ("s3", "ListObjectVersions"),
    ("iam", "DetachRolePolicy"), ("iam", "DeleteRolePolicy"), ("iam", "DeleteRole"),
    ("glue", "DeleteJob"), ("glue", "DeleteDatabase"), ("glue", "DeleteCrawler"),
    ("lambda", "DeleteFunction"), ("athena", "DeleteWorkGroup"), ("logs", "DeleteLogGroup"),
)  # fmt: skip
LISTING = (
    ("s3", "ListBuckets"), ("iam", "ListRoles"), ("glue", "GetDatabases"), ("glue", "GetJobs"), ("glue", "GetCrawlers"),
    ("lambda", "ListFunctions"), ("athena", "ListWorkGroups"), ("logs", "DescribeLogGroups"),
)  # fmt: skip
TAGS = (("s3", "GetBucketTagging"), ("iam", "ListRoleTags"), ("glue", "GetTags"), ("lambda", "ListTags"))


def deny(clients: Clients, service: str, operation: str) -> None:
    """The service answers this one operation as AWS answers who may not."""

    def refuse(**_rest: Any) -> Any:
        said = f"User: arn:aws:iam::123456789012:user/ana is not authorized to perform: {service}:{operation}"
        return AWSResponse("", 403, {}, None), {"Error": {"Code": "AccessDenied", "Message": said}}

    clients.find(service).meta.events.register(f"before-call.*.{operation}", refuse)


def make_everything(student: Studied) -> None:
    student.apply(1, 2, 4, 5, 6)
    tags = dict(student.lab.tags)
    names = student.lab.names
    student.clients.glue.create_database(DatabaseInput={"Name": names.database}, Tags=tags)
    student.clients.glue.create_crawler(
        Name=names.raw_crawler,
        Role=names.glue_role,
        DatabaseName=names.database,
        Targets={"S3Targets": [{"Path": names.raw_uri}]},
        Tags=tags,
    )
    for bucket in names.lab_bucket_names:
        student.clients.s3.put_object(Bucket=bucket, Key="a", Body=b"1")


@pytest.mark.slow
def test_a_deletion_that_is_denied_is_named_and_the_rest_goes(study: Study) -> None:
    """One lab, with one more permission at each try: what the others delete is made again."""
    for service, operation in DELETING:
        student = study(f"denied {operation}")
        make_everything(student)
        before = len(student.find().ours)
        deny(student.clients, service, operation)
        report = student.tear_down()
        assert report.failures, operation
        for one in report.failures:
            assert f"{service}:{operation}" in str(one.error), operation
        assert not report.is_proven
        assert 0 < len(report.after.ours) < before, operation
        student.clients.renew()
        assert student.tear_down().is_proven, operation


@pytest.mark.slow
def test_who_may_not_list_deletes_by_the_ledger_and_is_told_that_nothing_is_proven(study: Study) -> None:
    for service, operation in LISTING:
        student = study(f"unlisted {operation}")
        student.apply(1, 2, 4, 5)
        deny(student.clients, service, operation)
        report = student.tear_down()
        assert not report.is_proven, operation
        assert report.after.blind, operation
        assert f"{service}:{operation}" in report.after.blind[0].reason
        student.clients.renew()
        assert student.tear_down().is_proven, operation


@pytest.mark.slow
def test_who_may_not_read_tags_deletes_by_the_ledger(study: Study) -> None:
    student = study("untagged")
    student.apply(1, 2, 4, 5)
    for service, operation in TAGS:
        deny(student.clients, service, operation)
    report = student.tear_down()
    assert [one.error for one in report.failures] == []
    assert report.is_proven
