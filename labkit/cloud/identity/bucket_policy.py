"""Refuses bucket policies that S3 refuses: MalformedPolicy."""

from __future__ import annotations

from collections.abc import Callable

from labkit.cloud.call import AwsError
from labkit.cloud.identity.matching import is_like
from labkit.cloud.identity.resource_grammar import PolicyFault, Statement, read_statements, require_principal, texts_of

_LARGEST = 20 * 1024


def _named(names: str) -> tuple[str, ...]:
    return tuple(f"s3:{name}" for name in names.split())


# What S3 knows as actions on objects and on buckets (docs.aws.amazon.com/service-authorization, "Actions … for Amazon S3").
OBJECT_ACTIONS = _named(
    """
    AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging DeleteObjectVersion
    DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention
    GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes
    GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication
    ListMultipartUploadParts ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention
    PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging ReplicateDelete ReplicateObject ReplicateTags RestoreObject
    UpdateObjectEncryption
    """
)
BUCKET_ACTIONS = _named(
    """
    CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
    DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac GetBucketAcl
    GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration GetBucketNotification
    GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
    GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
    GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration
    GetMetricsConfiguration GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions
    ListTagsForResource PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac PutBucketAcl
    PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls
    PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
    PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration
    PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource
    UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
    """
)


def validate_bucket_policy(text: str, bucket: str, is_known: Callable[[str], bool] | None = None) -> None:
    """AwsError MalformedPolicy unless S3 would put a policy on a bucket; `is_known` as for `validate_policy`."""
    if len(text.encode()) > _LARGEST:
        raise AwsError(
            "PolicyTooLarge", "Normalized policy document exceeds the maximum allowed size of 20480 bytes", 400
        )
    try:
        for statement in read_statements(text):
            _check(statement, bucket, is_known)
    except PolicyFault as fault:
        raise AwsError("MalformedPolicy", str(fault), 400) from fault


def _check(statement: Statement, bucket: str, is_known: Callable[[str], bool] | None) -> None:
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise PolicyFault("Missing required field Principal")
    require_principal(statement.get("Principal", statement.get("NotPrincipal")), False, is_known)
    actions = texts_of(statement, "Action", "NotAction")
    if not actions:
        raise PolicyFault("Missing required field Action")
    resources = texts_of(statement, "Resource", "NotResource")
    if not resources:
        raise PolicyFault("Missing required field Resource")
    if any(not _names_action(action) for action in actions):
        raise PolicyFault("Policy has invalid action")
    if any(not _belongs(resource, bucket) for resource in resources):
        raise PolicyFault("Policy has invalid resource")
    if "Action" in statement and "Resource" in statement:
        _require_fit(actions, resources)


def _names_action(pattern: str) -> bool:
    return any(is_like(action.lower(), pattern.lower()) for action in (*OBJECT_ACTIONS, *BUCKET_ACTIONS))


def _belongs(resource: str, bucket: str) -> bool:
    """Whether an ARN speaks of this bucket or of objects in it; wildcards may stand in the bucket's place."""
    parts = resource.split(":", 5)
    if (
        len(parts) != 6
        or parts[0] != "arn"
        or not parts[1].startswith(("aws", "*"))
        or parts[2] != "s3"
        or parts[3]
        or parts[4]
    ):
        return False
    named = parts[5].partition("/")[0]
    return is_like(bucket, named)


def _require_fit(actions: list[str], resources: list[str]) -> None:
    """Each action must apply to one of the resources: ListBucket to a bucket, GetObject to objects."""
    paths = [resource.split(":", 5)[5] for resource in resources]
    objects = any("/" in path or path.endswith("*") for path in paths)
    buckets = any("/" not in path for path in paths)
    for action in actions:
        fits = (objects and _matches_one(action, OBJECT_ACTIONS)) or (buckets and _matches_one(action, BUCKET_ACTIONS))
        if not fits:
            raise PolicyFault("Action does not apply to any resource(s) in statement")


def _matches_one(pattern: str, actions: tuple[str, ...]) -> bool:
    return any(is_like(action.lower(), pattern.lower()) for action in actions)
