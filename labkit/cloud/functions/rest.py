"""Lambda's REST paths: Invoke and InvokeAsync by the engine, every other call by the control plane."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, unquote

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.functions.api.reads import CODE_PATH, find_code
from labkit.cloud.functions.engine import FunctionsEngine
from labkit.cloud.functions.reply import MAX_SYNC_BYTES, InvokeReply
from labkit.cloud.request import AwsRequest, read_body

_INVOKE = re.compile(r"/2015-03-31/functions/(?P<name>[^/]+)/invocations/?")
_INVOKE_ASYNC = re.compile(r"/2014-11-13/functions/(?P<name>[^/]+)/invoke-async/?")
StartResponse = Callable[..., Any]


class FunctionsRest:
    """A REST handler for the front."""

    def __init__(self, engine: FunctionsEngine, account: str) -> None:
        self._engine = engine
        self._account = account

    def __call__(
        self, request: AwsRequest, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """The reply, or None when the request is for another service; AwsError when the call is refused."""
        if request.service != "lambda":
            return self._code(request, start_response) if request.path.startswith(CODE_PATH) else None
        scope = Scope(self._account, request.region)
        if request.method == "POST" and (match := _INVOKE.fullmatch(request.path)):
            reply = self._engine.invoke(_invoke_call(match["name"], environ, scope, request.access_key))
            return _send(reply, start_response)
        if request.method == "POST" and (match := _INVOKE_ASYNC.fullmatch(request.path)):
            return self._invoke_async(match["name"], environ, scope, start_response)
        return self._engine.control.answer(request, environ, scope, start_response, str(uuid.uuid4()))

    def _invoke_async(
        self, name: str, environ: dict[str, Any], scope: Scope, start_response: StartResponse
    ) -> Iterable[bytes]:
        params = {"FunctionName": name, "InvocationType": "Event", "Payload": read_body(environ)}
        reply = self._engine.invoke(Call("lambda", "Invoke", params, scope))
        return _send(InvokeReply(202, b'{"Status":202}', request_id=reply.request_id), start_response)

    def _code(self, request: AwsRequest, start_response: StartResponse) -> Iterable[bytes]:
        """The zip that a Code.Location of GetFunction leads to."""
        body = find_code(unquote(request.path.removeprefix(CODE_PATH)), self._account)
        if body is None or request.method != "GET":
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        start_response("200 OK", [("Content-Type", "application/zip"), ("Content-Length", str(len(body)))])
        return [body]


def _invoke_call(name: str, environ: dict[str, Any], scope: Scope, access_key: str | None) -> Call:
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if int(environ.get("CONTENT_LENGTH") or 0) > 2 * MAX_SYNC_BYTES:
        # Refused by its length alone: nobody has to hold what will not be taken.
        message = f"Request must be smaller than {MAX_SYNC_BYTES} bytes for the InvokeFunction operation"
        raise AwsError("RequestTooLargeException", message, 413)
    params = {
        "FunctionName": name,
        "Qualifier": query.get("Qualifier", [None])[0],
        "InvocationType": environ.get("HTTP_X_AMZ_INVOCATION_TYPE"),
        "LogType": environ.get("HTTP_X_AMZ_LOG_TYPE"),
        "ClientContext": environ.get("HTTP_X_AMZ_CLIENT_CONTEXT"),
        "DurableExecutionName": environ.get("HTTP_X_AMZ_DURABLE_EXECUTION_NAME"),
        "TenantId": environ.get("HTTP_X_AMZ_TENANT_ID"),
        "TraceId": environ.get("HTTP_X_AMZN_TRACE_ID"),
        "Payload": read_body(environ),
    }
    return Call("lambda", "Invoke", params, scope, access_key, str(uuid.uuid4()))


def _send(reply: InvokeReply, start_response: StartResponse) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(reply.payload))),
        ("x-amzn-RequestId", reply.request_id),
    ]
    optional = {
        "X-Amz-Function-Error": reply.function_error,
        "X-Amz-Executed-Version": reply.executed_version,
        "X-Amz-Log-Result": reply.log_result,
        "X-Amzn-Trace-Id": reply.trace,
    }
    headers += [(name, value) for name, value in optional.items() if value is not None]
    start_response({200: "200 OK", 202: "202 Accepted", 204: "204 No Content"}[reply.status], headers)
    return [reply.payload]
