"""The control plane as a whole: every call of Lambda's but Invoke, carried out or refused by its name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api import aliases, concurrency, permissions, urls
from labkit.cloud.functions.api.constraints import check_parameters
from labkit.cloud.functions.api.event_invoke import EventInvokeCalls
from labkit.cloud.functions.api.functions import FunctionCalls
from labkit.cloud.functions.api.layers import LayerCalls
from labkit.cloud.functions.api.mappings import KIND, MappingCalls, Mappings
from labkit.cloud.functions.api.model import find_operation, read_parameters
from labkit.cloud.functions.api.reads import ReadCalls
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_here
from labkit.cloud.functions.api.tagging import TagCalls
from labkit.cloud.identity.requests.kept import use_event_source_mappings
from labkit.cloud.request import AwsRequest, read_body

if TYPE_CHECKING:
    from labkit.cloud.reply import StartResponse
    from labkit.cloud.services import Services

# AWS answers a body above this with 413 before it reads it: 50 MB of zip in Base64.
_MAX_BODY_BYTES = 70_167_211
_STATUS = {200: "200 OK", 201: "201 Created", 202: "202 Accepted", 204: "204 No Content"}


class ControlPlane:
    """Finds the operation of a request, checks its parameters and answers it."""

    def __init__(self, services: Services, mappings: Mappings) -> None:
        use_event_source_mappings(
            lambda mapping, account, region: services.documents.find(KIND, Scope(account, region), mapping)
        )
        reads = ReadCalls(services)
        self._handlers: Mapping[str, Handler] = {
            **FunctionCalls(services).handlers,
            **reads.handlers,
            **aliases.HANDLERS,
            **permissions.HANDLERS,
            **EventInvokeCalls(services).handlers,
            **concurrency.HANDLERS,
            **LayerCalls(reads).handlers,
            **MappingCalls(services, mappings).handlers,
            **TagCalls(mappings).handlers,
            **urls.HANDLERS,
        }

    def answer(
        self, request: AwsRequest, environ: dict[str, Any], scope: Scope, start_response: StartResponse, request_id: str
    ) -> Iterable[bytes]:
        """The reply; AwsError when the call is refused."""
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        match = find_operation(request.method, request.path, query)
        if match is None:
            raise AwsError("UnknownOperationException", f"Lambda has no call {request.method} {request.path}", 404)
        if int(environ.get("CONTENT_LENGTH") or 0) > _MAX_BODY_BYTES:
            cause = f"Request must be smaller than {_MAX_BODY_BYTES} bytes for the {match.operation.name} operation"
            raise AwsError("RequestEntityTooLargeException", cause, 413)
        params = read_parameters(match, query, environ, read_body(environ))
        check_parameters(match.operation.shape, params)
        return send(self.call(Request(match.operation.name, params, scope)), start_response, request_id)

    def call(self, request: Request) -> Reply:
        """Answer one checked call."""
        handler = self._handlers.get(request.action)
        if handler is None:
            raise not_here(f"lambda:{request.action}")
        return handler(request)


def send(reply: Reply, start_response: StartResponse, request_id: str) -> Iterable[bytes]:
    """The reply as HTTP."""
    body = b"" if reply.document is None else json.dumps(reply.document, ensure_ascii=False).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
    ]
    start_response(_STATUS[reply.status], headers)
    return [body] if body else []
