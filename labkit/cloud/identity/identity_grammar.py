"""The grammar of policies without a Principal: moto's checks, and where AWS takes more or less than moto does."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.iam.exceptions import IAMException, MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from labkit.cloud.call import AwsError
from labkit.cloud.identity.resource_grammar import PolicyFault, unique_pairs
from labkit.cloud.identity.validation import validate_policy

# What AWS takes and moto refuses: a whole account's IAM, its root, and the resources of S3 that do have a region.
_TAKEN = re.compile(
    r"arn:aws[\w-]*:(?:iam:[^:]*:[^:]*:(?:\*|root|role-template/.+)"
    r"|s3:[^:]*:[^:]*:(?:access-grants|accesspoint|job|storage-lens|async-request).*)"
)
_PATHS = ('"*" or start with', '"*", root, or start with')


class IdentityDocument:
    """In the place of moto's validator in moto's IAM."""

    def __init__(self, policy_document: str) -> None:
        self._text = policy_document

    def validate(self) -> None:
        """IAMException MalformedPolicyDocument unless IAM would take the document."""
        try:
            validate_policy(self._text, "identity")
        except AwsError as error:
            raise IAMException(error.code, error.message) from error


def check_identity(text: str) -> None:
    """PolicyFault unless a document may be a managed or inline policy."""
    try:
        document = json.loads(text, object_pairs_hook=unique_pairs)
    except (ValueError, RecursionError) as error:
        raise PolicyFault("Syntax errors in policy.") from error
    found = document.get("Statement", []) if isinstance(document, dict) else []
    statements = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
    if any("Principal" in one or "NotPrincipal" in one for one in statements):
        raise PolicyFault("Policy document should not specify a principal.")
    for statement in statements:
        _adapt(statement)
    try:
        IAMPolicyDocumentValidator(json.dumps(document)).validate()
    except MalformedPolicyDocument as error:
        raise PolicyFault(str(error.message).replace(*_PATHS)) from error


def _adapt(statement: dict[str, Any]) -> None:
    """What moto need not look at is put in a form that it takes."""
    for name in ("Resource", "NotResource"):
        value = statement.get(name)
        if isinstance(value, list):
            statement[name] = ["*" if _is_taken(one) else one for one in value]
        elif _is_taken(value):
            statement[name] = "*"
    conditions = statement.get("Condition")
    for pairs in conditions.values() if isinstance(conditions, dict) else ():
        if isinstance(pairs, dict):
            pairs.update({key: _quoted(value) for key, value in pairs.items()})


def _is_taken(resource: Any) -> bool:
    return isinstance(resource, str) and _TAKEN.fullmatch(resource) is not None


def _quoted(value: Any) -> Any:
    """Numbers may stand without quotation marks."""
    if isinstance(value, list):
        return [_quoted(one) for one in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
