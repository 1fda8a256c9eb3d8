"""The gate: every request passes it before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.admission import Admission, enter
from labkit.cloud.identity.authorizer import Authorizer, Origin
from labkit.cloud.identity.callers import find_secret
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.public_access import check_public_access, is_readable_by_all
from labkit.cloud.identity.requests.needed import TOO_LONG, NeededAccess, needed_accesses, needs_body, read_whole
from labkit.cloud.identity.session_limits import check_session, refuse_foreign_identity
from labkit.cloud.identity.signature import check_clock, check_expiry, is_right, read_signature
from labkit.cloud.identity.signature_v2 import IssuedKey, is_right_form, is_right_v2
from labkit.cloud.identity.upload_form import check_form
from labkit.cloud.request import AwsRequest, read_body
from labkit.cloud.store import Store

# Set by a service of the cloud that calls another one for its caller; no header of a request can set it.
ON_BEHALF = "labkit.on_behalf"


class Gate:
    """Asks the authorizer for everything that a request needs."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def admit(self, request: AwsRequest, environ: dict[str, Any]) -> Admission:
        """Let a request through, or AwsError: AccessDenied and its like, or the words for a key that is not valid."""
        enter(None)
        body = read_body(environ) if needs_body(request, environ) else b""
        needed = needed_accesses(request, environ, body, self._authorizer.account)
        origin = _origin(request, environ)
        try:
            principal = self._authorizer.caller(request.access_key or _form_key(needed))
            self._check_signature(request, environ, body, needed)
            check_session(principal, request.service, needed.operation, needed.params)
        except AwsError as error:
            raise _as_service_says(error, request.service) from None
        refuse_foreign_identity(request.service, needed.operation, needed.params, self._authorizer.account)
        if principal.kind == "anonymous" and request.service != "s3":
            raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        _check_bucket(principal, request.service, needed)
        denied = self._check(principal, needed, origin, request.service)
        self._keep_absence_secret(principal, needed, origin)
        self._check_openness(request, environ, principal, needed)
        admission = Admission(principal, needed.operation, needed.params, origin, denied)
        enter(admission)
        return admission

    def _check(self, principal: Principal, needed: NeededAccess, origin: Origin, service: str) -> frozenset[str]:
        refused: list[tuple[Access, AwsError]] = []
        for access in needed.accesses:
            if principal.kind == "anonymous" and is_readable_by_all(access):
                continue
            try:
                self._authorizer.require(principal, access, origin, service)
            except AwsError as error:
                if not needed.per_key:
                    raise
                refused.append((access, error))
        return frozenset(access.resource for access, _ in refused)

    def _check_openness(
        self, request: AwsRequest, environ: dict[str, Any], principal: Principal, needed: NeededAccess
    ) -> None:
        policy = read_body(environ) if needed.operation == "PutBucketPolicy" and request.service == "s3" else b""
        if request.service == "s3":
            check_public_access(principal, needed.operation, needed.params, environ, policy.decode("utf-8", "replace"))

    def _check_signature(self, request: AwsRequest, environ: dict[str, Any], body: bytes, needed: NeededAccess) -> None:
        """AwsError for a presigned URL that has expired, a wrong session token, or a wrong secret key where it is known."""
        now = self._authorizer.now()
        if request.service == "s3":
            check_expiry(environ, now)
        if request.service == "s3" and needed.operation == "PostObject":
            check_form(environ, body, str(needed.params.get("Bucket") or ""), str(needed.params.get("Key") or ""), now)
        secret = find_secret(request.access_key or _form_key(needed) or "", self._authorizer.account)
        if secret is None:
            return
        signature = read_signature(environ)
        if signature is None:
            key = IssuedKey(request.access_key or _form_key(needed) or "", *secret)
            if request.service != "s3" or not _is_right_otherwise(key, environ, needed):
                raise AwsError("SignatureDoesNotMatch", _WRONG_SIGNATURE, 403)
            return
        check_clock(signature, request.service, now)
        if signature.token != secret[1]:
            # Keys of a session without its token are no keys at all.
            code = "InvalidToken" if request.service == "s3" and signature.token else "InvalidClientTokenId"
            raise AwsError(code, "The security token included in the request is invalid.", 403)
        signed = None if request.service == "s3" else body or read_whole(request, environ)
        if signed is not TOO_LONG and not is_right(signature, secret[0], environ, signed):
            raise AwsError("SignatureDoesNotMatch", _WRONG_SIGNATURE, 403)

    def _keep_absence_secret(self, principal: Principal, needed: NeededAccess, origin: Origin) -> None:
        """S3 tells who may not list a bucket that access to a missing object is denied, and not that it is missing."""
        if not needed.to_learn_of_absence or principal.unlimited:
            return
        bucket, _, key = needed.accesses[0].resource.removeprefix("arn:aws:s3:::").partition("/")
        store = Store()
        if not store.has_bucket(bucket) or store.find(bucket, key) is not None:
            return
        for access in needed.to_learn_of_absence:
            self._authorizer.require(principal, access, origin, "s3")


def _origin(request: AwsRequest, environ: Mapping[str, Any]) -> Origin:
    return Origin(
        region=request.region,
        source_ip=environ.get("REMOTE_ADDR") or "127.0.0.1",
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        referer=environ.get("HTTP_REFERER", ""),
        service=environ.get(ON_BEHALF),
    )


def _check_bucket(principal: Principal, service: str, needed: NeededAccess) -> None:
    """Anybody may learn that a bucket is not there."""
    bucket = str(needed.params.get("Bucket") or "")
    asks = service == "s3" and principal.kind == "anonymous" and needed.operation != "CreateBucket"
    if asks and bucket and not Store().has_bucket(bucket):
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)


def _is_right_otherwise(key: IssuedKey, environ: Mapping[str, Any], needed: NeededAccess) -> bool:
    """Whether S3's older signature, or that of an upload form, is right."""
    if needed.operation == "PostObject":
        return is_right_form(key, needed.params)
    return is_right_v2(key, environ, str(needed.params.get("Bucket") or ""))


def _form_key(needed: NeededAccess) -> str | None:
    """The key that signed the policy of an HTML form upload."""
    credential = needed.params.get("x-amz-credential") or needed.params.get("X-Amz-Credential")
    key = str(credential).partition("/")[0] if credential else needed.params.get("AWSAccessKeyId")
    return str(key) if key else None


def _as_service_says(error: AwsError, service: str) -> AwsError:
    """A refusal of credentials in the service's own words."""
    if service == "s3":
        return _S3_WORDS.get(error.code, error)
    if service in _QUERY:
        return error
    code = _JSON_CODES.get(error.code, error.code)
    return AwsError(code, error.message, 403 if service == "lambda" else 400)


_WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
    "signing method. Consult the service documentation for details."
)
_QUERY = ("sts", "iam", "sns", "cloudformation", "sqs")
_S3_WORDS = {
    "ExpiredToken": AwsError("ExpiredToken", "The provided token has expired.", 400),
    "InvalidClientTokenId": AwsError(
        "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403
    ),
    "InvalidToken": AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400),
    "SignatureDoesNotMatch": AwsError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        403,
    ),
}
_JSON_CODES = {
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "InvalidToken": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
