"""Which permission an AWS call needs, and the statement of a policy that grants it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.aws.error_codes import error_message

if TYPE_CHECKING:
    from labkit.aws.call import AwsCall
    from labkit.settings import Target

# Where the action is not called as the operation (Service Authorization Reference).
_ACTIONS = {
    "s3.upload_file": "s3:PutObject",
    "s3.put_bucket_notification_configuration": "s3:PutBucketNotification",
    "budgets.create_budget": "budgets:ModifyBudget",
    "budgets.update_budget": "budgets:ModifyBudget",
    "budgets.create_notification": "budgets:ModifyBudget",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "ListObjectsV2": "s3:ListBucket",
    "ListBuckets": "s3:ListAllMyBuckets",
    "GetBucketNotificationConfiguration": "s3:GetBucketNotification",
}
_SAID = re.compile(r"not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?")


@dataclass(frozen=True)
class Permission:
    """An action and the ARN that it is needed for ("*" when AWS does not say and the call does not tell)."""

    action: str
    resource: str

    @property
    def statement(self) -> str:
        """The statement that grants it, as JSON."""
        return json.dumps({"Effect": "Allow", "Action": self.action, "Resource": self.resource})


def find_permission(error: BaseException | None, call: AwsCall | None, target: Target | None) -> Permission | None:
    """The permission that AWS's message names, else the one that the call needs; None when neither is known."""
    said = _SAID.search(error_message(error))
    needed = build_permission(call, target) if call is not None and target is not None else None
    if said is not None:
        resource = (said[2] or "").rstrip(".,;") or (needed.resource if needed else "*")
        return Permission(said[1], resource)
    if needed is not None:
        return needed
    action = _ACTIONS.get(str(getattr(error, "operation_name", "")))
    return Permission(action, "*") if action else None


def build_permission(call: AwsCall, target: Target) -> Permission:
    """What a call needs, from its operation and its parameters."""
    known = _ACTIONS.get(f"{call.service}.{call.operation}")
    action = known or f"{call.service}:{''.join(word.capitalize() for word in call.operation.split('_'))}"
    return Permission(action, _build_arn(call, target))


def _build_arn(call: AwsCall, target: Target) -> str:
    params, place = call.params, f"{target.region}:{target.account}"
    if call.service == "s3":
        bucket = str(params.get("Bucket", "*"))
        return f"arn:aws:s3:::{bucket}" + (f"/{params['Key']}" if params.get("Key") else "")
    if call.service == "iam":
        return f"arn:aws:iam::{target.account}:role/{params.get('RoleName', '*')}"
    if call.service == "glue":
        return f"arn:aws:glue:{place}:{_name_glue(call)}"
    if call.service == "lambda":
        return f"arn:aws:lambda:{place}:function:{params.get('FunctionName', '*')}"
    if call.service == "logs":
        return f"arn:aws:logs:{place}:log-group:{params.get('logGroupName', '*')}:*"
    if call.service == "budgets":
        return f"arn:aws:budgets::{target.account}:budget/{call.name}"
    if call.service == "athena":
        return f"arn:aws:athena:{place}:workgroup/{params.get('Name') or params.get('WorkGroup', '*')}"
    return "*"


def _name_glue(call: AwsCall) -> str:
    params: Any = call.params
    if "database" in call.operation:
        return f"database/{params.get('DatabaseInput', {}).get('Name', '*')}"
    name = params.get("Name") or params.get("JobName") or "*"
    return f"{'crawler' if 'crawl' in call.operation else 'job'}/{name}"
