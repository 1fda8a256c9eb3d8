"""The front of the local cloud: every HTTP request comes in here and goes to an engine, the gateway, or moto."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from labkit.cloud.bucket_names import require_bucket_name
from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.events.marks import with_marks
from labkit.cloud.events.origin import enter_request
from labkit.cloud.functions.api.reads import CODE_PATH
from labkit.cloud.hooks import ACCOUNT
from labkit.cloud.identity.gate import Gate
from labkit.cloud.identity.requests.plain import in_plain_spelling
from labkit.cloud.objects import Shelf
from labkit.cloud.reply import error_reply, json_reply
from labkit.cloud.request import AwsRequest, read_body, read_request
from labkit.cloud.snapshot import Snapshots
from labkit.cloud.trail.heard import hear
from labkit.cloud.trail.recorder import Recorder
from labkit.cloud.unanswered import refuse_what_is_taken_for_another

log = logging.getLogger(__name__)

# What the local cloud answers at all. Any other service is refused: moto would report work that nothing here does.
SERVICES = frozenset(
    {"s3", "iam", "sts", "glue", "lambda", "athena", "logs", "cloudwatch", "events", "sqs", "sns", "ssm", "kms"}
    | {"secretsmanager", "dynamodb", "cloudformation", "resourcegroupstaggingapi", "budgets", "cloudtrail"}
)
# Calls that moto answers with success and that nothing here carries out.
_PRETENDED = frozenset(
    {("glue", action) for action in ("StartTrigger", "StartWorkflowRun", "CreateSession", "RunStatement")}
    | {("glue", action) for action in ("CreateDevEndpoint", "CreateMLTransform", "StartBlueprintRun")}
)
# A page in a browser can send requests to loopback; a name that is not ours is one of those (DNS rebinding).
_HOSTS = re.compile(
    r"(127\.0\.0\.1|\[::1\]|localhost|.+\.localhost|.+\.amazonaws\.com|.*localhost\.localstack\.cloud)(:\d+)?"
)
# AWS's global services have one backend in moto, named after the partition.
_GLOBAL = frozenset({"s3", "iam", "sts", "budgets"})
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
RestHandler = Callable[[AwsRequest, dict[str, Any], Callable[..., Any]], "Iterable[bytes] | None"]


@dataclass(frozen=True)
class Ways:
    """Where a request may go: JSON routes and REST handlers of the engines, internal pages, Spark's gateway, moto.

    `caller_of_driver` gives the access key of the run that a Spark driver carries out, by the name it calls itself.
    """

    routes: Mapping[tuple[str, str], Handler]
    rest: tuple[RestHandler, ...]
    internal: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]
    gateway: Wsgi
    caller_of_driver: Callable[[str], str | None]
    moto: Wsgi


class Front:
    """The WSGI application: the gate is asked before anything is done, and the trail told of every call."""

    def __init__(self, ways: Ways, shelf: Shelf, snapshots: Snapshots, gate: Gate, trail: Recorder) -> None:
        self._ways = ways
        self._shelf = shelf
        self._snapshots = snapshots
        self._gate = gate
        self._trail = trail

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        request_id = str(uuid.uuid4())
        if not _HOSTS.fullmatch(environ.get("HTTP_HOST", "")):
            error = AwsError(
                "AccessDenied",
                f"This server answers on 127.0.0.1 and localhost only, not {environ.get('HTTP_HOST')}",
                403,
            )
            return error_reply(start_response, "s3", error, request_id)
        if path == "/webhdfs/v1" or path.startswith("/webhdfs/v1/"):
            enter_request(environ, self._ways.caller_of_driver(_user_name(environ)), request_id)
            return self._ways.gateway(environ, start_response)
        if path.startswith("/_labkit/"):
            return self._internal_reply(path, environ, start_response, request_id)
        request = read_request(environ)
        form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
        enter_request(environ, request.access_key, request_id)
        heard = hear(request, environ, request_id)
        start_response = heard.watch(start_response)
        if request.service == "s3":
            start_response = with_marks(start_response, request_id)
        reply = self._guarded(request, environ, start_response, request_id, form=form)
        heard.end(environ, reply)
        self._trail.heard(heard)
        return reply

    def _guarded(
        self,
        request: AwsRequest,
        environ: dict[str, Any],
        start_response: Callable[..., Any],
        request_id: str,
        *,
        form: bool,
    ) -> Iterable[bytes]:
        """The answer, or the error that it ends in."""
        try:
            return self._answer(request, environ, start_response, request_id)
        except AwsError as error:
            return error_reply(start_response, request.service, error, request_id, form=form)
        except NotImplementedError as error:
            return error_reply(start_response, request.service, _not_implemented(request, error), request_id, form=form)
        except Exception as error:
            log.exception("%s %s failed", request.service, request.action or request.path)
            failure = AwsError("InternalFailure", f"{type(error).__name__}: {error} (see `labkit logs --server`)", 500)
            return error_reply(start_response, request.service, failure, request_id, form=form)

    def _answer(
        self, request: AwsRequest, environ: dict[str, Any], start_response: Callable[..., Any], request_id: str
    ) -> Iterable[bytes]:
        _refuse_what_nothing_does(request)
        if not request.path.startswith(CODE_PATH):  # who has that address was given it by GetFunction
            admission = self._gate.admit(request, environ)
            if (request.service, admission.operation) == ("s3", "CreateBucket"):
                require_bucket_name(str(admission.params.get("Bucket", "")))
        handler = self._ways.routes.get((request.service, request.action))
        if handler is not None:
            call = _call(request, read_body(environ), request_id)
            return json_reply(start_response, handler(call), request_id)
        try:
            for rest in self._ways.rest:
                reply = rest(request, environ, start_response)
                if reply is not None:
                    return reply
            refuse_what_is_taken_for_another(request, environ)
            return list(self._ways.moto(in_plain_spelling(request, environ), start_response))
        finally:
            self._remember(request)

    def _remember(self, request: AwsRequest) -> None:
        """Make what the call changed durable before it is answered (S3 keys) or soon after (everything else)."""
        self._shelf.flush()
        if request.changes_something:
            region = "aws" if request.service in _GLOBAL else request.region
            self._snapshots.mark(request.service, ACCOUNT, region)

    def _internal_reply(
        self, path: str, environ: dict[str, Any], start_response: Callable[..., Any], request_id: str
    ) -> Iterable[bytes]:
        name = unquote(path)
        act = self._ways.internal.get(f"{environ['REQUEST_METHOD']} {name}") or self._ways.internal.get(name)
        if act is None:
            return error_reply(start_response, "labkit", AwsError("NotFound", f"No such page: {path}", 404), request_id)
        try:
            return json_reply(start_response, act(json.loads(read_body(environ) or b"{}")), request_id)
        except ValueError as error:
            wrong = AwsError("SerializationException", f"The request body is not JSON: {error}")
            return error_reply(start_response, "labkit", wrong, request_id)
        except AwsError as error:
            return error_reply(start_response, "labkit", error, request_id)


def _call(request: AwsRequest, body: bytes, request_id: str) -> Call:
    try:
        params = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", f"The request body is not JSON: {error}") from error
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "The request body is JSON, but not an object")
    scope = Scope(ACCOUNT, request.region)
    return Call(request.service, request.action, params, scope, request.access_key, request_id)


def _user_name(environ: dict[str, Any]) -> str:
    """Who a Hadoop client says it is; a job's driver has a name that only it was given."""
    query: dict[str, list[str]] = parse_qs(environ.get("QUERY_STRING", ""))
    return query.get("user.name", [""])[0]


def _refuse_what_nothing_does(request: AwsRequest) -> None:
    if request.service not in SERVICES:
        known = ", ".join(sorted(SERVICES))
        message = f"labkit's local cloud has no {request.service}; it answers {known}. On AWS this call would reach the service."
        raise AwsError("NotImplemented", message, 501)
    if (request.service, request.action) in _PRETENDED:
        message = f"labkit's local cloud does not carry out {request.service}:{request.action}, so it refuses it."
        raise AwsError("NotImplemented", message, 501)
    if request.path.startswith("/moto-api"):
        raise AwsError("NotImplemented", "moto's own control pages are switched off; see `labkit reset`.", 404)


def _not_implemented(request: AwsRequest, error: NotImplementedError) -> AwsError:
    name = f"{request.service}:{request.action}" if request.action else f"{request.method} {request.path}"
    return AwsError("NotImplemented", f"labkit's local cloud does not implement {name} ({error})", 501)
