"""Operation and parameters of a request of any service but S3, as its protocol spells them.

moto, which answers most of them, takes the operation from wherever it finds one: the form, the URL, even a header or the text of a JSON
body. A request that names two operations therefore needs the permissions of both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from labkit.cloud.identity.requests.bodies import (
    cbor_params,
    form_params,
    is_form,
    json_params,
    rpc_operation,
    speaks_forms,
    unpacked,
)
from labkit.cloud.identity.requests.routes import find_route, routes_of
from labkit.cloud.request import AwsRequest

# `Action=` at the start of a field, its letters percent-encoded or not.
_NAMED = re.compile(rb"(?:^|&)(?:A|%41)(?:c|%63)(?:t|%74)(?:i|%69)(?:o|%6f)(?:n|%6e)=", re.IGNORECASE)
_REST = frozenset({"lambda", "s3control"})


@dataclass(frozen=True)
class Named:
    """The operation of a request (botocore's name, empty when there is none), its parameters, and other operations that it names."""

    operation: str
    params: dict[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()


def read_named(service: str, request: AwsRequest, environ: Mapping[str, Any], body: bytes) -> Named:
    """Operation and parameters of a request of `service`."""
    body = unpacked(body, environ)
    if service in _REST:
        return _rest(service, request, environ, body)
    names = dict.fromkeys(name for name in _names(request, environ, body) if name)
    if not names:
        return Named("")
    operation, *others = names
    also = tuple(name for name in others if name in _operations(service)) if others else ()
    return Named(operation, _params(service, request, environ, body), also)


def _rest(service: str, request: AwsRequest, environ: Mapping[str, Any], body: bytes) -> Named:
    path = str(environ.get("RAW_URI") or request.path).split("?", 1)[0]
    query = dict(reversed(_pairs(str(environ.get("QUERY_STRING", "")))))  # of two values the first counts
    found = find_route(routes_of(service).get(request.method, ()), path, query, environ)
    if found is None:
        return Named("")
    route, params = found
    return Named(route.operation, {**json_params(body), **params})


def _names(request: AwsRequest, environ: Mapping[str, Any], body: bytes) -> Iterator[str]:
    """Every operation that a request names, the one that an honest client means first."""
    yield str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
    yield rpc_operation(request.path)
    for text in (body, str(environ.get("QUERY_STRING", "")).encode("latin-1", "replace")):
        if _NAMED.search(text):
            yield from (value for name, value in _pairs(text.decode("utf-8", "replace")) if name == "Action")
    yield str(environ.get("HTTP_ACTION", ""))


def _params(service: str, request: AwsRequest, environ: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    if rpc_operation(request.path) and "HTTP_X_AMZ_TARGET" not in environ:
        return cbor_params(body)
    if not speaks_forms(service, environ):
        return json_params(body)
    query = str(environ.get("QUERY_STRING", ""))
    return form_params(body.decode("utf-8", "replace") if (is_form(environ) and body) or not query else query)


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)


@lru_cache(maxsize=32)
def _operations(service: str) -> frozenset[str]:
    """The names that a service knows."""
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader

    try:
        return frozenset(Loader().load_service_model(service, "service-2")["operations"])
    except UnknownServiceError:
        return frozenset()
