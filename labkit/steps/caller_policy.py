"""What whoever runs the lab on AWS must be allowed to do: nothing more than plan, apply, the run, the cost and teardown use.

Each statement is missed by name when it is taken away (tests/cloud/lab/test_caller_policy.py tries them one by one against the
local cloud's evaluation of policies). Resources end in `*` because exercises and own data give the lab's names an ending.
Which action a call needs: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.names import is_role_arn
from labkit.steps.lab import Lab
from labkit.steps.roles import build_role_arn, build_wanted

GLUE = "glue.amazonaws.com"
LAMBDA = "lambda.amazonaws.com"


@dataclass(frozen=True)
class Grant:
    """One statement: its name, the actions, the ARNs they act on, and what must be equal in the request."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_statement(self) -> dict[str, Any]:
        """The statement as IAM takes it."""
        said: dict[str, Any] = {"Sid": self.sid, "Effect": "Allow", "Action": list(self.actions)}
        said["Resource"] = self.resources[0] if len(self.resources) == 1 else list(self.resources)
        if self.conditions:
            said["Condition"] = {"StringEquals": {key: list(values) for key, values in self.conditions.items()}}
        return said


def build_caller_policy(lab: Lab) -> dict[str, Any]:
    """The document for the caller, user or role."""
    return {"Version": "2012-10-17", "Statement": [grant.as_statement() for grant in list_grants(lab)]}


def list_grants(lab: Lab) -> list[Grant]:
    """The statements, in the order in which the lab meets the services."""
    return [
        _list_account(),
        *_list_s3(lab),
        *_list_roles(lab),
        *_list_glue(lab),
        *_list_function(lab),
        *_list_queries(lab),
    ]


def _list_account() -> Grant:
    """Teardown proves by listing: what has none of our names can still carry our tag. These calls know no resource."""
    actions = (
        "s3:ListAllMyBuckets", "iam:ListRoles", "glue:GetJobs", "glue:ListJobs", "glue:GetCrawlers", "glue:ListCrawlers",
        "glue:GetClassifiers", "glue:GetDatabases", "lambda:ListFunctions", "lambda:ListEventSourceMappings", "athena:ListWorkGroups",
        "logs:DescribeLogGroups", "budgets:ViewBudget",
    )  # fmt: skip
    return Grant("ListToProve", actions, ("*",))


def _list_s3(lab: Lab) -> Iterator[Grant]:
    """Deleting a bucket that was ever versioned means deleting every version, and the parts of uploads that broke off."""
    buckets = tuple(f"arn:aws:s3:::{name}*" for name in lab.names.lab_bucket_names)
    on_buckets = (
        "CreateBucket", "PutBucketTagging", "GetBucketTagging", "PutBucketNotification", "GetBucketNotification", "ListBucket",
        "GetBucketLocation", "DeleteBucket", "ListBucketVersions", "ListBucketMultipartUploads",
    )  # fmt: skip
    on_objects = ("GetObject", "PutObject", "AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion")
    yield Grant("KeepBuckets", _of("s3", *on_buckets), buckets)
    yield Grant("KeepObjects", _of("s3", *on_objects), tuple(f"{bucket}/*" for bucket in buckets))


def _list_roles(lab: Lab) -> Iterator[Grant]:
    """Roles that somebody else made are only handed over, each to exactly one service."""
    made = [role for role in build_wanted(lab) if not is_role_arn(role.name)]
    arns = tuple(f"{build_role_arn(lab, role.name)}*" for role in made)
    if made:
        actions = (
            "CreateRole", "TagRole", "PutRolePolicy", "UpdateAssumeRolePolicy", "GetRole", "GetRolePolicy", "ListRolePolicies",
            "ListAttachedRolePolicies", "ListRoleTags", "DeleteRole", "DeleteRolePolicy", "DetachRolePolicy",
            "ListInstanceProfilesForRole",
        )  # fmt: skip
        managed = tuple(sorted({arn for role in made for arn in role.managed}))
        yield Grant("KeepRoles", _of("iam", *actions), arns)
        if managed:
            # Without the condition whoever may attach policies to a role could make it an administrator.
            yield Grant("AttachLabPolicies", ("iam:AttachRolePolicy",), arns, {"iam:PolicyARN": managed})
    for sid, name, service in (
        ("PassGlueRole", lab.names.glue_role, GLUE),
        ("PassLambdaRole", lab.names.lambda_role, LAMBDA),
    ):
        ending = "" if is_role_arn(name) else "*"
        yield Grant(
            sid, ("iam:PassRole",), (f"{build_role_arn(lab, name)}{ending}",), {"iam:PassedToService": (service,)}
        )


def _list_glue(lab: Lab) -> Iterator[Grant]:
    names, place = lab.names, f"arn:aws:glue:{lab.region}:{lab.account}"
    database = f"{place}:database/{names.database}*"
    crawlers = tuple(f"{place}:crawler/{name}*" for name in (names.raw_crawler, names.processed_crawler))
    jobs = (f"{place}:job/{names.job}*",)
    on_catalog = (
        "CreateDatabase", "GetDatabase", "DeleteDatabase", "GetTable", "GetTables", "GetPartitions", "DeleteTable", "BatchDeleteTable",
        "GetUserDefinedFunctions", "DeleteUserDefinedFunction",
    )  # fmt: skip
    on_crawlers = (
        "CreateCrawler", "GetCrawler", "UpdateCrawler", "StartCrawler", "StopCrawler", "ListCrawls", "DeleteCrawler",
    )  # fmt: skip
    on_jobs = (
        "CreateJob", "GetJob", "UpdateJob", "DeleteJob", "StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun",
    )  # fmt: skip
    inside = (f"{place}:{kind}/{names.database}*/*" for kind in ("table", "userDefinedFunction"))
    catalog = (f"{place}:catalog", database, *inside)
    yield Grant("KeepCatalog", _of("glue", *on_catalog), catalog)
    yield Grant("KeepCrawlers", _of("glue", *on_crawlers), crawlers)
    yield Grant("KeepJobs", _of("glue", *on_jobs), jobs)
    yield Grant("TagGlue", _of("glue", "TagResource", "GetTags"), (database, *crawlers, *jobs))


def _list_function(lab: Lab) -> Iterator[Grant]:
    function = f"arn:aws:lambda:{lab.region}:{lab.account}:function:{lab.names.function}*"
    logs = f"arn:aws:logs:{lab.region}:{lab.account}:log-group"
    on_function = (
        "CreateFunction", "GetFunction", "GetFunctionConfiguration", "UpdateFunctionCode", "UpdateFunctionConfiguration",
        "DeleteFunction", "TagResource", "ListTags", "AddPermission", "GetPolicy", "RemovePermission",
    )  # fmt: skip
    on_logs = (
        "CreateLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy", "TagResource", "ListTagsForResource", "DescribeLogStreams",
        "FilterLogEvents",
        "GetLogEvents", "DeleteLogStream", "DeleteLogGroup",
    )  # fmt: skip
    yield Grant("KeepFunction", _of("lambda", *on_function), (function,))
    groups = (f"{logs}:/aws/lambda/{lab.names.function}*", f"{logs}:/aws-glue/*")
    yield Grant("KeepLogs", _of("logs", *on_logs), groups)


def _list_queries(lab: Lab) -> Iterator[Grant]:
    """Athena reads catalog, data and answers as the caller: those are among the grants above."""
    group = f"arn:aws:athena:{lab.region}:{lab.account}:workgroup/{lab.names.workgroup}"
    on_group = (
        "CreateWorkGroup", "GetWorkGroup", "UpdateWorkGroup", "DeleteWorkGroup", "TagResource", "ListTagsForResource",
        "StartQueryExecution", "GetQueryExecution", "GetQueryResults", "StopQueryExecution", "ListQueryExecutions",
        "BatchGetQueryExecution", "ListNamedQueries", "BatchGetNamedQuery",
    )  # fmt: skip
    yield Grant("KeepWorkgroup", _of("athena", *on_group), (group,))


def _of(service: str, *actions: str) -> tuple[str, ...]:
    return tuple(f"{service}:{action}" for action in actions)
