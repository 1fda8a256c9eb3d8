"""What kind of refusal an AWS error is: services say the same in different words.

Sources: botocore's service models, the general errors of AWS's API references, and for the texts the threads of
terraform-provider-aws 30371 (CreateCrawler), 44517 and 8248 (CreateFunction).
"""

from __future__ import annotations

EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredCredentials"}
)
# botocore's own, when a sign-in or a helper program gives no keys any more; nothing was sent then.
_SIGNED_OUT = frozenset(
    {"UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError", "CredentialRetrievalError"}
)
# Keys that AWS does not know: mistyped, deleted, or the key of a session whose token is missing.
UNKNOWN_KEYS = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "AuthFailure"}
)
SKEWED = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
WRONG_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"})
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException", "403"})
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TooManyRequests",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "503",
        "ServiceUnavailable",
        "ConcurrentModificationException",
    }
)
TAKEN = frozenset({"BucketAlreadyExists"})
EXISTS = frozenset(
    {
        "BucketAlreadyOwnedByYou",
        "EntityAlreadyExists",
        "EntityAlreadyExistsException",
        "AlreadyExistsException",
        "IdempotentParameterMismatchException",
        "ResourceAlreadyExistsException",
        "DuplicateRecordException",
    }
)
QUOTA = frozenset(
    {
        "LimitExceeded",
        "LimitExceededException",
        "ResourceNumberLimitExceededException",
        "TooManyBuckets",
        "CodeStorageExceededException",
        "ServiceQuotaExceededException",
    }
)
NOT_OPTED_IN = frozenset({"OptInRequired", "SubscriptionRequiredException", "InvalidLocationConstraint"})

_ROLE_SIGNS = ("assume", "unable to validate the following destination", "role is not valid", "security token included")
_ROLE_CODES = frozenset({"InvalidInputException", "InvalidParameterValueException", "InvalidArgument"})
# A name made a moment ago that another of the service's machines does not know yet.
_NEW_CODES = {"iam": {"NoSuchEntity"}, "s3": {"NoSuchBucket"}}


def error_code(error: BaseException | None) -> str:
    """The AWS code of a botocore ClientError ("" for any other exception, and for None)."""
    return _read(error, "Code")


def error_message(error: BaseException | None) -> str:
    """AWS's own sentence ("" when there is none)."""
    return _read(error, "Message")


def _read(error: BaseException | None, name: str) -> str:
    """From the error, or from the one that boto3 wrapped in a sentence of its own (S3UploadFailedError)."""
    for one in (error, getattr(error, "__cause__", None), getattr(error, "__context__", None)):
        response = getattr(one, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get(name, ""))
    return ""


def is_expired(error: BaseException | None) -> bool:
    """True when the credentials were good once and are no longer: new ones are all that is needed."""
    code, said = error_code(error), error_message(error).lower()
    if type(error).__name__ in _SIGNED_OUT or is_silent_refusal(error):
        return True
    return code in EXPIRED or (code in UNKNOWN_KEYS | WRONG_SIGNATURE and "expired" in said)


def is_silent_refusal(error: BaseException | None) -> bool:
    """True for S3's 400 to a HEAD, whose reply has no body to say why: nearly always keys that have ended (aws-sdk-js 2219)."""
    return error_code(error) == "400" and str(getattr(error, "operation_name", "")).startswith("Head")


def is_throttled(error: BaseException | None) -> bool:
    """True when AWS asks to come back later, and nothing is wrong with the call."""
    return error_code(error) in THROTTLED or is_busy(error)


def is_busy(error: BaseException | None) -> bool:
    """True while an earlier change of the same resource is still under way (S3: 409 OperationAborted; Lambda: an update)."""
    code, said = error_code(error), error_message(error).lower()
    return code in ("OperationAborted", "OperationAbortedException") or (
        code == "ResourceConflictException" and "exist" not in said
    )


def is_existing(error: BaseException | None) -> bool:
    """True when what was to be made is there already."""
    code, said = error_code(error), error_message(error).lower()
    return (
        code in EXISTS
        or (code == "ResourceConflictException" and "exist" in said)
        or (code == "InvalidRequestException" and "workgroup" in said and ("already" in said or "exist" in said))
    )


def is_propagating(error: BaseException | None, service: str = "") -> bool:
    """True when the cause may be that IAM or S3 has not told all of its machines of what was made seconds ago."""
    code, said = error_code(error), error_message(error).lower()
    if code in _NEW_CODES.get(service, ()):
        return True
    return code in _ROLE_CODES and any(sign in said for sign in _ROLE_SIGNS)


def was_answered(error: BaseException | None) -> bool:
    """True when AWS said no (4xx): then nothing was made. After a timeout or a 5xx nobody knows."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict) or not response.get("Error"):
        return False
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)) < 500
