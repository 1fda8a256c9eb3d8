"""Requests in the one spelling that AWS takes, for moto, which takes several: it would look for a JSON call's parameters in the URL first,
then for `&Name=…` in the text of its body, and for an operation in a header. What a request was allowed is what it asks for, so nothing
else may be found in it.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qsl, urlencode

from labkit.cloud.call import AwsError
from labkit.cloud.identity.requests.bodies import is_form, rpc_operation, speaks_forms, unpacked
from labkit.cloud.request import AwsRequest, read_body

_SIGNATURE = frozenset(
    {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"}
    | {"X-Amz-Security-Token"}
)
_AS_THEY_ARE = frozenset({"s3", "lambda"})


def in_plain_spelling(request: AwsRequest, environ: dict[str, Any]) -> dict[str, Any]:
    """The environment of a request without what AWS would not look at: S3's and REST requests as they are.

    AwsError UnknownOperationException for a call of a JSON service that names no operation where such a call names it.
    """
    if request.service != "s3":
        environ = _signed_in_header(environ)
    if request.service in _AS_THEY_ARE or rpc_operation(request.path):
        return environ
    is_json = not speaks_forms(request.service, environ)
    if is_json and "HTTP_X_AMZ_TARGET" not in environ:
        raise AwsError("UnknownOperationException", "The request names no operation: X-Amz-Target is missing.", 404)
    body = read_body(environ)
    if is_json:
        # In JSON an ampersand stands in texts only, and there it may be spelled by its number.
        body = unpacked(body, environ).replace(b"&", b"\\u0026")
    dropped = {"HTTP_ACTION", "HTTP_CONTENT_ENCODING"} if is_json else {"HTTP_ACTION", "HTTP_X_AMZ_TARGET"}
    plain = {name: value for name, value in environ.items() if name not in dropped}
    if body:
        path = str(environ.get("RAW_URI", "")).partition("?")[0]
        plain.update(QUERY_STRING="", **({"RAW_URI": path, "REQUEST_URI": path} if path else {}))
    if is_json and is_form(environ):
        plain["CONTENT_TYPE"] = "application/x-amz-json-1.1"
    plain.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    return plain


def _signed_in_header(environ: dict[str, Any]) -> dict[str, Any]:
    """A request signed in its URL as one signed in its header: moto looks for the service there only, and takes any other as S3's."""
    if environ.get("HTTP_AUTHORIZATION"):
        return environ
    pairs = parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    credential = next((value for name, value in pairs if name == "X-Amz-Credential"), "")
    if not credential:
        return environ
    query = urlencode([(name, value) for name, value in pairs if name not in _SIGNATURE])
    path = str(environ.get("RAW_URI", "")).partition("?")[0]
    uri = f"{path}?{query}" if query else path
    signed = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
    moved = {**environ, "HTTP_AUTHORIZATION": signed, "QUERY_STRING": query}
    return {**moved, "RAW_URI": uri, "REQUEST_URI": uri} if path else moved
