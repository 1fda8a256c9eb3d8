"""Secrets Manager: a secret's ARN ends in six letters that only the service knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept, kept_tags
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules, access

_OF_ONE = (
    "GetSecretValue PutSecretValue DescribeSecret UpdateSecret DeleteSecret RestoreSecret RotateSecret CancelRotateSecret"
    " ListSecretVersionIds UpdateSecretVersionStage TagResource UntagResource GetResourcePolicy PutResourcePolicy DeleteResourcePolicy"
    " ValidateResourcePolicy ReplicateSecretToRegions RemoveRegionsFromReplication StopReplicationToReplica"
)
_TEXTS = {
    "VersionId": "secretsmanager:versionid", "VersionStage": "secretsmanager:versionstage", "Name": "secretsmanager:name",
    "Description": "secretsmanager:description", "KmsKeyId": "secretsmanager:kmskeyid",
    "RecoveryWindowInDays": "secretsmanager:recoverywindowindays", "RotationLambdaARN": "secretsmanager:rotationlambdaarn",
}  # fmt: skip
_FLAGS = {
    "ForceDeleteWithoutRecovery": "secretsmanager:forcedeletewithoutrecovery",
    "BlockPublicPolicy": "secretsmanager:blockpublicpolicy",
    "RotateImmediately": "secretsmanager:rotateimmediately",
}


def _secret(asked: Asked) -> Iterable[str]:
    return [kept.secret_arn(asked.text("SecretId") or asked.text("Name"), asked.account, asked.region)]


def _each(asked: Asked) -> Iterator[Access]:
    """A batch needs the listing's permission, and GetSecretValue on each secret that it names."""
    yield access(SECRETS, asked, "BatchGetSecretValue", "*")
    for name in texts_at(asked.params, "SecretIdList"):
        yield access(SECRETS, asked, "GetSecretValue", kept.secret_arn(name, asked.account, asked.region))
    if asked.params.get("Filters"):
        yield access(SECRETS, asked, "ListSecrets", "*")


def _context(asked: Asked) -> Context:
    context: Context = {key: (asked.text(name),) for name, key in _TEXTS.items() if asked.text(name)}
    context.update({key: (str(asked.params[name]).lower(),) for name, key in _FLAGS.items() if name in asked.params})
    if asked.operation in _OF_ONE.split():
        context["secretsmanager:secretid"] = tuple(_secret(asked))
    return context


SECRETS = Rules(
    prefix="secretsmanager",
    arn="arn:aws:secretsmanager:{region}:{account}:",
    arns=dict.fromkeys((*_OF_ONE.split(), "CreateSecret"), _secret),
    own={"BatchGetSecretValue": _each},
    tagging={"TagResource": "CreateSecret"},
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_secret(arn, asked.account, asked.region),
    tag_keys=("secretsmanager:resourcetag/",),
)
