"""What an HTTP request asks of which AWS service."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

_SCOPE = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_FORM_FIELD = re.compile(rb'name="?x-amz-credential"?\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)', re.IGNORECASE)
_READS = (
    "Get", "List", "Describe", "BatchGet", "Head", "Search", "Filter", "Lookup", "Simulate", "Query", "Scan", "Test",
)  # fmt: skip
# Names that credential scopes use, and the names of botocore's service models.
_SIGNING_NAMES = {"monitoring": "cloudwatch", "eventbridge": "events", "tagging": "resourcegroupstaggingapi"}
_DEFAULT_REGION = "us-east-1"
_MAX_FORM_BYTES = 1 << 20


@dataclass(frozen=True)
class AwsRequest:
    """Service (botocore's name), region, the action where the protocol names one, and the caller's key."""

    service: str
    region: str
    action: str
    access_key: str | None
    method: str
    path: str

    @property
    def changes_something(self) -> bool:
        """False only for calls that are known to read."""
        if self.action:
            return not self.action.startswith(_READS)
        return self.method not in ("GET", "HEAD", "OPTIONS")


def read_request(environ: dict[str, Any]) -> AwsRequest:
    """Read a signed request, a presigned URL, or an unsigned one (which is taken as S3, as AWS's endpoint would)."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    presigned = query.get("X-Amz-Credential", [""])[0]
    found = _SCOPE.search(
        environ.get("HTTP_AUTHORIZATION", "") or f"Credential={presigned or _form_credential(environ)}"
    )
    service = found["service"].lower() if found else _unsigned_service(environ)
    return AwsRequest(
        service=_SIGNING_NAMES.get(service, service),
        region=found["region"] if found else _DEFAULT_REGION,
        action=_action(environ, query),
        access_key=found["key"] if found else _version_2_key(environ, query),
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
    )


def read_body(environ: dict[str, Any]) -> bytes:
    """The whole body; it can be read again afterwards."""
    length = environ.get("CONTENT_LENGTH")
    if not length and environ.get("HTTP_TRANSFER_ENCODING", "").lower() != "chunked":
        return b""
    body: bytes = environ["wsgi.input"].read(int(length)) if length else environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


def _version_2_key(environ: dict[str, Any], query: dict[str, list[str]]) -> str | None:
    """The key of an old signature: botocore still signs a presigned S3 URL this way unless it is told otherwise."""
    if "AWSAccessKeyId" in query:
        return query["AWSAccessKeyId"][0]
    scheme, _, rest = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return rest.partition(":")[0] or None if scheme == "AWS" else None


def _form_credential(environ: dict[str, Any]) -> str:
    """Who signed a browser's upload form (S3's POST Object): the field that stands before the file, as S3 wants it; "" for nobody."""
    if environ["REQUEST_METHOD"] != "POST" or not environ.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
        return ""
    found = _FORM_FIELD.search(read_body(environ)[:_MAX_FORM_BYTES])
    return found[1].decode("utf-8", "replace").strip() if found else ""


def _unsigned_service(environ: dict[str, Any]) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target.startswith("AWSGlue."):
        return "glue"
    if target.startswith("AmazonAthena."):
        return "athena"
    is_form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    return "sts" if is_form and environ["REQUEST_METHOD"] == "POST" else "s3"


def _action(environ: dict[str, Any], query: dict[str, list[str]]) -> str:
    """JSON services name the action in a header, query services in the form."""
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return str(target.rpartition(".")[2])
    if "Action" in query:
        return query["Action"][0]
    is_form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if is_form and int(environ.get("CONTENT_LENGTH") or 0) <= _MAX_FORM_BYTES:
        form = parse_qs(read_body(environ).decode("utf-8", "replace"))
        return form.get("Action", [""])[0]
    return ""
