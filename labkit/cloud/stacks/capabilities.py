"""What a template with IAM resources must be allowed by name: it could give its maker more than he may (`--capabilities`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError

NAMED, ANY = "CAPABILITY_NAMED_IAM", "CAPABILITY_IAM"
# The types that need one (docs.aws.amazon.com/AWSCloudFormation, CreateStack, Capabilities), and the property of a name of one's own.
_KINDS: Mapping[str, str] = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::AccessKey": "",
    "AWS::IAM::UserToGroupAddition": "",
}


def check_capabilities(template: Mapping[str, Any], given: Any) -> None:
    """AwsError InsufficientCapabilitiesException when the template needs one that was not acknowledged."""
    acknowledged = {given} if isinstance(given, str) else set(given or ())
    needed = ""
    for resource in (template.get("Resources") or {}).values():
        kind = str(resource.get("Type"))
        if kind in _KINDS:
            has_name = bool(_KINDS[kind]) and _KINDS[kind] in (resource.get("Properties") or {})
            needed = NAMED if has_name or needed == NAMED else ANY
    if needed and NAMED not in acknowledged and (needed == NAMED or ANY not in acknowledged):
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
