"""A refusal of AWS as a lesson: what was being done, why it was refused, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.aws.error_codes import (
    DENIED,
    NOT_OPTED_IN,
    QUOTA,
    SKEWED,
    TAKEN,
    UNKNOWN_KEYS,
    WRONG_SIGNATURE,
    error_code,
    error_message,
    is_busy,
    is_existing,
    is_expired,
    is_propagating,
    is_silent_refusal,
    is_throttled,
)
from labkit.aws.permission import find_permission
from labkit.errors import AwsCallError, CloudError, LabError
from labkit.i18n import build_lesson
from labkit.settings import is_loopback

if TYPE_CHECKING:
    from labkit.aws.call import AwsCall
    from labkit.settings import Target


def build_refusal(error: Exception, doing: str, target: Target | None = None, call: AwsCall | None = None) -> LabError:
    """The lesson for an exception of botocore's. CloudError when nothing answered, AwsCallError otherwise."""
    from botocore.exceptions import (
        ClientError,
        EndpointConnectionError,
        HTTPClientError,
        NoCredentialsError,
        ParamValidationError,
        ProfileNotFound,
    )

    if isinstance(error, NoCredentialsError):
        return build_lesson(AwsCallError, "error.no_credentials", doing=doing, reason=str(error))
    if isinstance(error, ProfileNotFound):
        return build_lesson(AwsCallError, "error.no_profile", doing=doing, reason=str(error))
    if isinstance(error, EndpointConnectionError):
        address = str(error.kwargs.get("endpoint_url", ""))
        is_aws = target.endpoint_url is None if target is not None else not is_loopback(address)
        if is_aws:
            # Where nobody said which target it was, the address has the region in it.
            region = target.region if target is not None else address
            return build_lesson(CloudError, "error.no_region", doing=doing, region=region, reason=str(error))
        return build_lesson(CloudError, "error.no_endpoint", doing=doing, reason=str(error))
    if isinstance(error, ClientError):
        return _build_answered(error, doing, target, call)
    if is_expired(error):
        return build_lesson(AwsCallError, "error.aws_expired", doing=doing, reason=str(error))
    if isinstance(error, ParamValidationError):
        return build_lesson(AwsCallError, "error.aws_parameters", doing=doing, reason=str(error))
    if isinstance(error, HTTPClientError):
        return build_lesson(CloudError, "error.aws_silent", doing=doing, reason=str(error))
    return build_lesson(AwsCallError, "error.aws_call", doing=doing, reason=str(error))


def _build_answered(error: Exception, doing: str, target: Target | None, call: AwsCall | None) -> LabError:
    code = error_code(error)
    reason = f"{code or '?'}: {error_message(error)}"
    if code in DENIED:
        return _build_denied(error, doing, reason, target, call)
    facts = {
        "doing": doing,
        "reason": reason,
        "name": call.name if call is not None else doing,
        "region": target.region if target is not None else "",
    }
    return build_lesson(AwsCallError, _find_key(error, call), **facts)


def _find_key(error: Exception, call: AwsCall | None) -> str:
    """The lesson's key; the order matters where one code has several causes."""
    code, said = error_code(error), error_message(error).lower()
    service = call.service if call is not None else ""
    kinds = (
        (is_silent_refusal(error), "error.aws_silent_refusal"),
        (is_expired(error), "error.aws_expired"),
        (code in UNKNOWN_KEYS, "error.aws_keys"),
        (code in SKEWED or (code in WRONG_SIGNATURE and "not yet current" in said), "error.aws_clock"),
        (code in WRONG_SIGNATURE, "error.aws_signature"),
        (code in TAKEN, "error.aws_bucket_taken"),
        (is_existing(error), "error.aws_exists"),
        (is_busy(error), "error.aws_busy"),
        (is_throttled(error), "error.aws_throttled"),
        (code in QUOTA, "error.aws_quota"),
        (code in NOT_OPTED_IN, "error.aws_opt_in"),
        (call is not None and is_propagating(error, service), "error.aws_propagation"),
    )
    return next((key for holds, key in kinds if holds), "error.aws_call")


def _build_denied(
    error: Exception, doing: str, reason: str, target: Target | None, call: AwsCall | None
) -> AwsCallError:
    needed = find_permission(error, call, target)
    if needed is None:
        return build_lesson(AwsCallError, "error.aws_denied_somehow", doing=doing, reason=reason)
    return build_lesson(
        AwsCallError,
        "error.aws_denied",
        doing=doing,
        reason=reason,
        action=needed.action,
        resource=needed.resource,
        statement=needed.statement,
    )
