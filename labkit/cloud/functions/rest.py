"""Lambda's REST paths that the engine answers, or looks at before moto does."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import uuid
import zipfile
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.functions.configuration import scope_of, split_name
from labkit.cloud.functions.engine import FunctionsEngine
from labkit.cloud.functions.reply import InvokeReply
from labkit.cloud.functions.runtimes import check_runtime
from labkit.cloud.request import AwsRequest, read_body

_INVOKE = re.compile(r"/2015-03-31/functions/(?P<name>.+)/invocations/?")
_INVOKE_ASYNC = re.compile(r"/2014-11-13/functions/(?P<name>.+)/invoke-async/?")
_CREATE = re.compile(r"/2015-03-31/functions/?")
_CONFIGURATION = re.compile(r"/2015-03-31/functions/(?P<name>[^/]+)/configuration/?")
_CODE = re.compile(r"/2015-03-31/functions/(?P<name>[^/]+)/code/?")
_FUNCTION = re.compile(r"/2015-03-31/functions/(?P<name>[^/]+)/?")
StartResponse = Callable[..., Any]


class FunctionsRest:
    """A REST handler for the front: answers Invoke and InvokeAsync, checks the calls that set a function up, leaves the rest to moto."""

    def __init__(self, engine: FunctionsEngine, account: str) -> None:
        self._engine = engine
        self._account = account

    def __call__(
        self, request: AwsRequest, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """The reply, or None when moto is to answer; AwsError when the call is refused."""
        if request.service != "lambda":
            return None
        scope = Scope(self._account, request.region)
        if request.method == "POST" and (match := _INVOKE.fullmatch(request.path)):
            reply = self._engine.invoke(_invoke_call(match["name"], environ, scope, request.access_key))
            return _send(reply, start_response)
        if request.method == "POST" and (match := _INVOKE_ASYNC.fullmatch(request.path)):
            return self._invoke_async(match["name"], environ, scope, start_response)
        self._look_at(request, environ, scope)
        return None

    def _invoke_async(
        self, name: str, environ: dict[str, Any], scope: Scope, start_response: StartResponse
    ) -> Iterable[bytes]:
        params = {"FunctionName": name, "InvocationType": "Event", "Payload": read_body(environ)}
        reply = self._engine.invoke(Call("lambda", "Invoke", params, scope))
        return _send(InvokeReply(202, b'{"Status":202}', request_id=reply.request_id), start_response)

    def _look_at(self, request: AwsRequest, environ: dict[str, Any], scope: Scope) -> None:
        if request.method == "POST" and _CREATE.fullmatch(request.path):
            body = _json(environ)
            _check_new(body)
            self._engine.dead_letters.note(str(body.get("FunctionName")), body, scope)
        elif request.method == "PUT" and (match := _CONFIGURATION.fullmatch(request.path)):
            body = _json(environ)
            if body.get("Runtime"):
                _refuse_runtime(body["Runtime"], "Zip")
            self._engine.dead_letters.note(split_name(match["name"])[0], body, scope_of(match["name"], scope))
        elif request.method == "PUT" and _CODE.fullmatch(request.path):
            _check_zip(_json(environ).get("ZipFile"))
        elif request.method == "DELETE" and (match := _FUNCTION.fullmatch(request.path)):
            self._engine.dead_letters.forget(split_name(match["name"])[0], scope_of(match["name"], scope))


def _invoke_call(name: str, environ: dict[str, Any], scope: Scope, access_key: str | None) -> Call:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    params = {
        "FunctionName": name,
        "Qualifier": query.get("Qualifier", [None])[0],
        "InvocationType": environ.get("HTTP_X_AMZ_INVOCATION_TYPE"),
        "LogType": environ.get("HTTP_X_AMZ_LOG_TYPE"),
        "ClientContext": environ.get("HTTP_X_AMZ_CLIENT_CONTEXT"),
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
    }
    headers += [(name, value) for name, value in optional.items() if value is not None]
    start_response({200: "200 OK", 202: "202 Accepted", 204: "204 No Content"}[reply.status], headers)
    return [reply.payload]


def _check_new(body: dict[str, Any]) -> None:
    _refuse_runtime(str(body.get("Runtime") or ""), str(body.get("PackageType") or "Zip"))
    _check_zip((body.get("Code") or {}).get("ZipFile"))


def _refuse_runtime(runtime: str, package_type: str) -> None:
    try:
        check_runtime(runtime, package_type)
    except AwsError as error:
        raise AwsError("InvalidParameterValueException", error.message) from None


def _check_zip(text: str | None) -> None:
    if text is None:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(text))) as archive:
            archive.infolist()
    except (zipfile.BadZipFile, binascii.Error, ValueError):
        cause = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise AwsError("InvalidParameterValueException", cause) from None


def _json(environ: dict[str, Any]) -> dict[str, Any]:
    try:
        document = json.loads(read_body(environ) or b"{}")
    except ValueError as error:
        raise AwsError("InvalidRequestContentException", f"Could not parse request body into json: {error}") from None
    if not isinstance(document, dict):
        raise AwsError("InvalidRequestContentException", "Could not parse request body into json: not an object")
    return document
