"""KMS: keys, whatever names them: an id, an ARN, an alias, or the ciphertext that they made."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept, kept_tags
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules, access

_KEY = (
    "DescribeKey EnableKey DisableKey Encrypt Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateDataKeyPair"
    " GenerateDataKeyPairWithoutPlaintext GenerateMac VerifyMac Sign Verify GetPublicKey DeriveSharedSecret ScheduleKeyDeletion"
    " CancelKeyDeletion GetKeyPolicy PutKeyPolicy ListKeyPolicies EnableKeyRotation DisableKeyRotation GetKeyRotationStatus"
    " ListKeyRotations RotateKeyOnDemand CreateGrant ListGrants RevokeGrant TagResource UntagResource ListResourceTags"
    " UpdateKeyDescription UpdatePrimaryRegion ReplicateKey ImportKeyMaterial DeleteImportedKeyMaterial GetParametersForImport"
)
_TEXTS = {
    "EncryptionAlgorithm": "kms:encryptionalgorithm", "SigningAlgorithm": "kms:signingalgorithm", "MessageType": "kms:messagetype",
    "MacAlgorithm": "kms:macalgorithm", "KeySpec": "kms:keyspec", "KeyUsage": "kms:keyusage", "Origin": "kms:keyorigin",
    "GranteePrincipal": "kms:granteeprincipal", "RetiringPrincipal": "kms:retiringprincipal",
    "PendingWindowInDays": "kms:schedulekeydeletionpendingwindowindays", "DataKeyPairSpec": "kms:keypairspec",
    "KeyPairSpec": "kms:datakeypairspec", "ReplicaRegion": "kms:replicaregion", "PrimaryRegion": "kms:primaryregion",
    "RotationPeriodInDays": "kms:rotationperiodindays", "KeyAgreementAlgorithm": "kms:keyagreementalgorithm",
}  # fmt: skip


def _arn(asked: Asked, name: str) -> str:
    found = kept.kms_key_id(name, asked.account, asked.region) if name else None
    if name.startswith("arn:") and ":key/" in name:
        return name
    return f"arn:aws:kms:{asked.region}:{asked.account}:key/{found or (name.rpartition('/')[2] if name else '*')}"


def _key(asked: Asked) -> Iterable[str]:
    return [_arn(asked, asked.text("KeyId") or _made_by(asked.text("CiphertextBlob")))]


def _made_by(blob: str) -> str:
    """The key that made a ciphertext: the local cloud writes its id at the start."""
    try:
        return base64.b64decode(blob, validate=True)[:36].decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _with_alias(asked: Asked) -> Iterable[str]:
    """An alias is changed with permission on itself and on each key that it stands for or is to stand for."""
    alias = asked.text("AliasName")
    yield f"arn:aws:kms:{asked.region}:{asked.account}:{alias or 'alias/*'}"
    keys = [kept.kms_key_id(alias, asked.account, asked.region)] if asked.operation != "CreateAlias" else []
    for key in (*keys, asked.text("TargetKeyId")):
        if key:
            yield _arn(asked, key)


def _re_encrypt(asked: Asked) -> Iterator[Access]:
    source = asked.text("SourceKeyId") or _made_by(asked.text("CiphertextBlob"))
    yield access(
        KMS, asked, "ReEncryptFrom", _arn(asked, source), _encryption(asked.params.get("SourceEncryptionContext"))
    )
    target = _arn(asked, asked.text("DestinationKeyId"))
    yield access(KMS, asked, "ReEncryptTo", target, _encryption(asked.params.get("DestinationEncryptionContext")))


def _encryption(value: object) -> Context:
    if not isinstance(value, Mapping) or not value:
        return {}
    pairs: Context = {f"kms:encryptioncontext:{str(key).lower()}": (str(one),) for key, one in value.items()}
    return {**pairs, "kms:encryptioncontextkeys": tuple(map(str, value))}


def _context(asked: Asked) -> Context:
    context: Context = {"kms:calleraccount": (asked.account,)}
    context.update({key: (asked.text(name),) for name, key in _TEXTS.items() if asked.text(name)})
    context.update(_encryption(asked.params.get("EncryptionContext")))
    name = asked.text("KeyId")
    if "alias/" in name:
        context["kms:requestalias"] = (name.rpartition(":")[2],)
    operations = asked.params.get("Operations")
    if isinstance(operations, list):
        context["kms:grantoperations"] = tuple(map(str, operations))
    return context


KMS = Rules(
    prefix="kms",
    arn="arn:aws:kms:{region}:{account}:",
    arns={
        **dict.fromkeys(_KEY.split(), _key),
        **dict.fromkeys(("CreateAlias", "UpdateAlias", "DeleteAlias"), _with_alias),
        "RetireGrant": _key,
    },
    own={"ReEncrypt": _re_encrypt},
    tagging={"TagResource key/*": "CreateKey"},
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_key(arn, asked.account, asked.region),
)
