"""What a request needs: its operation, its parameters, and every access that must be allowed before it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.bodies import cbor_params, form_params, is_form, json_params, rpc_operation
from labkit.cloud.identity.requests.reading import read_s3
from labkit.cloud.identity.requests.routes import find_route, routes_of
from labkit.cloud.identity.requests.rules import accesses_of
from labkit.cloud.identity.requests.s3 import s3_accesses
from labkit.cloud.identity.requests.tables import rules_of
from labkit.cloud.request import AwsRequest


@dataclass(frozen=True)
class NeededAccess:
    """What one request needs.

    `operation` is botocore's name (empty where nothing could be recognised), `params` its top-level parameters as far as they were read.
    `per_key` is true where the accesses are those of single keys (S3's DeleteObjects): the ones that are denied are reported one by one
    and the others carried out. `to_learn_of_absence` must be allowed for a missing object to be reported as missing (NoSuchKey)
    instead of AccessDenied.
    """

    operation: str
    accesses: tuple[Access, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    per_key: bool = False
    to_learn_of_absence: tuple[Access, ...] = ()


def needed_accesses(request: AwsRequest, environ: Mapping[str, Any], body: bytes, account: str) -> NeededAccess:
    """The accesses that a request needs; `body` may be empty where `needs_body` says that it is not looked at."""
    if request.service == "s3":
        return _s3(request, environ, body, account)
    operation, params = _read(request, environ, body)
    asked = Asked(request.service, operation, params, request.region, account, environ, request.access_key)
    return NeededAccess(operation, accesses_of(rules_of(request.service), asked), params)


def needs_body(request: AwsRequest, environ: Mapping[str, Any]) -> bool:
    """Whether the body must be read before the accesses are known: never the bytes of an object."""
    if request.service != "s3":
        return True
    if request.method not in ("PUT", "POST"):
        return False
    return read_s3(request, environ).reads_body


def _s3(request: AwsRequest, environ: Mapping[str, Any], body: bytes, account: str) -> NeededAccess:
    read = read_s3(request, environ)
    params = read.with_form(body)
    asked = Asked("s3", read.operation, params, request.region, account, environ, request.access_key)
    accesses = s3_accesses(asked, read.query, body if read.reads_body else b"")
    for other in read.also:
        also = Asked("s3", other, params, request.region, account, environ, request.access_key)
        accesses = (*accesses, *s3_accesses(also, read.query, body))
    listing = Access("s3:ListBucket", f"arn:aws:s3:::{asked.text('Bucket')}", {"s3:prefix": (asked.text("Key"),)})
    absent = (listing,) if read.operation in ("GetObject", "HeadObject", "CopyObject") else ()
    return NeededAccess(read.operation, accesses, params, read.operation == "DeleteObjects", absent)


def _read(request: AwsRequest, environ: Mapping[str, Any], body: bytes) -> tuple[str, dict[str, Any]]:
    """Operation and parameters of every service but S3."""
    query = str(environ.get("QUERY_STRING", ""))
    if "HTTP_X_AMZ_TARGET" in environ and not is_form(environ):
        return request.action, json_params(body)
    rpc = rpc_operation(request.path)
    if rpc:
        return rpc, cbor_params(body)
    if is_form(environ) or request.action:
        text = body.decode("utf-8", "replace") if is_form(environ) else ""
        return request.action, form_params("&".join(part for part in (text, query) if part))
    routes = routes_of(request.service).get(request.method, ()) if request.service in _REST else ()
    path = str(environ.get("RAW_URI") or request.path).split("?", 1)[0]
    found = find_route(routes, path, dict(parse_qsl(query, keep_blank_values=True)), environ)
    if found is None:
        return "", {}
    route, params = found
    return route.operation, {**json_params(body), **params}


_REST = frozenset({"lambda"})
