"""What the local cloud already knows and a request only names: the paths of IAM's entities, the key of an alias, a query's workgroup."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

# Set by Athena's engine: (kind, id, account, region) -> workgroup, or None when there is no such id.
WorkGroupOf = Callable[[str, str, str, str], "str | None"]
_work_group_of: WorkGroupOf | None = None
# Set by Lambda's control plane: (id, account, region) -> the mapping as it is stored, or None.
MappingOf = Callable[[str, str, str], "Mapping[str, Any] | None"]
_mapping_of: MappingOf | None = None


def use_work_groups(find: WorkGroupOf | None) -> None:
    """Set who knows the workgroup of Athena's executions (`query`) and named queries (`named`)."""
    global _work_group_of
    _work_group_of = find


def work_group_of(kind: str, identifier: str, account: str, region: str) -> str | None:
    """The workgroup of an execution or a named query; None when there is none of that id."""
    return None if _work_group_of is None else _work_group_of(kind, identifier, account, region)


def backend(service: str, account: str, region: str) -> Any:
    """moto's backend of a service; None in a region that AWS does not have."""
    from moto.backends import get_backend

    try:
        return get_backend(service)[account][region]
    except KeyError:
        return None


def iam(account: str) -> Any:
    """moto's IAM of an account."""
    return backend("iam", account, "aws")


def role_arn(role: str, account: str) -> str:
    """The ARN of a role named by ARN, by path and name, or by its name alone (its path is looked up)."""
    if role.startswith("arn:"):
        return role
    name = role.strip("/").rpartition("/")[2]
    found = next((one.arn for one in iam(account).roles.values() if one.name == name), None)
    return found or f"arn:aws:iam::{account}:role/{role.lstrip('/')}"


def entity_arn(kind: str, name: str, account: str) -> str:
    """The ARN of an IAM `role`, `user`, `group` or `instance-profile`, with the path it was made with."""
    if kind == "role":
        return role_arn(name, account)
    known = iam(account)
    kept = {"user": known.users, "group": known.groups, "instance-profile": known.instance_profiles}[kind]
    found = kept.get(name) or next((one for one in kept.values() if one.name == name), None)
    return f"arn:aws:iam::{account}:{kind}/{name}" if found is None else str(found.arn)


def user_of_key(access_key: str, account: str) -> str | None:
    """The name of the user that an access key belongs to."""
    for user in iam(account).users.values():
        if any(key.access_key_id == access_key for key in user.access_keys):
            return str(user.name)
    return None


def caller_arn(access_key: str | None, account: str) -> str:
    """The ARN of who signs with a key; `*` for a key that is not valid, which is refused for that."""
    from labkit.cloud.call import AwsError
    from labkit.cloud.identity.callers import find_caller

    try:
        return find_caller(access_key, account).arn
    except AwsError:
        return "*"


def boundary_of(kind: str, name: str, account: str) -> str | None:
    """The ARN of the permissions boundary of a user or a role."""
    known = iam(account)
    kept = known.users if kind == "user" else known.roles
    found = next((one for one in kept.values() if one.name == name), None)
    boundary = getattr(found, "permissions_boundary", None)
    arn = boundary.get("PermissionsBoundaryArn") if isinstance(boundary, dict) else boundary
    return str(arn) if arn else None


def use_event_source_mappings(find: MappingOf | None) -> None:
    """Set who knows Lambda's event source mappings."""
    global _mapping_of
    _mapping_of = find


def function_of_mapping(identifier: str, account: str, region: str) -> str | None:
    """The ARN of the function that an event source mapping feeds."""
    found = _mapping_of(identifier, account, region) if _mapping_of is not None and identifier else None
    return None if found is None else str(found.get("FunctionArn", ""))


def tags_of_mapping(identifier: str, account: str, region: str) -> Mapping[str, str]:
    """The tags of an event source mapping."""
    found = _mapping_of(identifier, account, region) if _mapping_of is not None else None
    return {} if found is None else found.get("Tags") or {}


def kms_key_id(name: str, account: str, region: str) -> str | None:
    """The id of the key that an alias, an ARN or an id names; None when there is none."""
    known = backend("kms", account, region)
    if known is None:
        return None
    text = name.rpartition(":key/")[2] if ":key/" in name else name.rpartition(":")[2]
    if text.startswith("alias/"):
        return next((str(key.id) for key in known.keys.values() if text in key.aliases), None)
    return text if text in known.keys else None


def secret_arn(name: str, account: str, region: str) -> str:
    """The ARN of a secret by name or ARN; one that does not exist has question marks for the six letters it would get."""
    known = backend("secretsmanager", account, region)
    found = None if known is None or not name else known.secrets.get(name)
    if found is not None:
        return str(found.arn)
    return name if name.startswith("arn:") else f"arn:aws:secretsmanager:{region}:{account}:secret:{name or '*'}-??????"


def dynamodb_table(name: str, account: str, region: str) -> Any:
    """moto's table of a name, or None."""
    known = backend("dynamodb", account, region)
    return None if known is None else known.tables.get(name)


def stack_arn(name: str, account: str, region: str) -> str:
    """The ARN of a CloudFormation stack by name or ARN; `*` stands for the id of one that does not exist yet."""
    if name.startswith("arn:"):
        return name
    # moto's CloudFormation imports every service (6 s): where nothing has needed it yet, there are no stacks.
    known = backend("cloudformation", account, region) if "moto.cloudformation.models" in sys.modules else None
    stacks = () if known is None else known.stacks.values()
    found = next((one.stack_id for one in stacks if one.name == name), None)
    return str(found) if found else f"arn:aws:cloudformation:{region}:{account}:stack/{name or '*'}/*"


def bucket_of_access_point(name: str, account: str) -> str:
    """The bucket behind an access point (`name-123456789012`, as hosts spell it); the name itself when there is none."""
    known = backend("s3control", account, "aws")
    short = name.removesuffix(f"-{account}")
    found = None if known is None else known.access_points.get(account, {}).get(short)
    return name if found is None else str(found.bucket)
