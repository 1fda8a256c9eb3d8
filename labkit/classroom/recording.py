"""What cells create by plain boto3 stands in the ledger too, so that teardown knows it: written before the call, settled after it.

Only boto3's default session (`boto3.client`, `boto3.resource`) and `lab.client` are heard. A session that a cell makes itself, or
the AWS CLI in a terminal, is not. Whatever goes wrong here never changes or stops the student's call.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.glue_jobs import find_job
from labkit.aws.iam import find_role
from labkit.aws.s3 import bucket_exists
from labkit.aws.session import Clients
from labkit.i18n import text
from labkit.steps.ledger import Ledger

_MARK = "labkit-ledger"


@dataclass(frozen=True)
class Recorder:
    """Where is written, with which clients is looked, and for which notebook."""

    ledger: Ledger
    clients: Clients
    step: int


@dataclass(frozen=True)
class _Heard:
    """An operation that creates: the kind of its resource, its name from the parameters, and whether one is there already.

    `exists` is asked only where AWS answers a second creation with a yes: what was there before is not ours.
    """

    kind: str
    name: Callable[[Mapping[str, Any]], str]
    exists: Callable[[Clients, Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True)
class _Announced:
    """A call that is under way, and whether the ledger knew its resource before."""

    call: AwsCall
    is_known: bool


def _named(*fields: str) -> Callable[[Mapping[str, Any]], str]:
    def name(params: Mapping[str, Any]) -> str:
        return "/".join(str(params[field]) for field in fields)

    return name


def _has_policy(clients: Clients, params: Mapping[str, Any]) -> bool:
    role = find_role(clients.iam, params["RoleName"])
    return role is not None and params["PolicyName"] in role.inline


def _has_attachment(clients: Clients, params: Mapping[str, Any]) -> bool:
    role = find_role(clients.iam, params["RoleName"])
    return role is not None and params["PolicyArn"] in role.managed


# By the event's name: the service's id in lower case with hyphens, and the operation.
_HEARD = {
    "s3.CreateBucket": _Heard(
        "s3-bucket", _named("Bucket"), lambda clients, params: bucket_exists(clients.s3, params["Bucket"])
    ),
    "iam.CreateRole": _Heard("iam-role", _named("RoleName")),
    "iam.PutRolePolicy": _Heard("iam-inline-policy", _named("RoleName", "PolicyName"), _has_policy),
    "iam.AttachRolePolicy": _Heard(
        "iam-attachment", lambda params: f"{params['RoleName']}/{params['PolicyArn'].rsplit('/', 1)[-1]}", _has_attachment
    ),
    "glue.CreateDatabase": _Heard("glue-database", lambda params: str(params["DatabaseInput"]["Name"])),
    "glue.CreateCrawler": _Heard("glue-crawler", _named("Name")),
    "glue.CreateClassifier": _Heard("glue-classifier", lambda params: str(next(iter(params.values()))["Name"])),
    "glue.CreateJob": _Heard(
        "glue-job", _named("Name"), lambda clients, params: find_job(clients.glue, params["Name"]) is not None
    ),
    "lambda.CreateFunction": _Heard("lambda-function", _named("FunctionName")),
    "lambda.AddPermission": _Heard("lambda-permission", _named("FunctionName", "StatementId")),
    "cloudwatch-logs.CreateLogGroup": _Heard("log-group", _named("logGroupName")),
    "athena.CreateWorkGroup": _Heard("athena-workgroup", _named("Name")),
}  # fmt: skip

_current: list[Recorder] = []
_warned: list[str] = []


def record_calls(recorder: Recorder) -> None:
    """Hear boto3's default session from now on, for this notebook. Clients that were made before are not heard."""
    import boto3

    _current[:] = [recorder]
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    listen(boto3.DEFAULT_SESSION.events)  # type: ignore[union-attr]


def listen(events: Any) -> None:
    """Hear the calls of a session or a client. Listening twice is listening once."""
    for name in _HEARD:
        events.register(f"provide-client-params.{name}", _note, unique_id=f"{_MARK}-note-{name}")
        events.register(f"before-call.{name}", _announce, unique_id=f"{_MARK}-announce-{name}")
        events.register(f"after-call.{name}", _settle, unique_id=f"{_MARK}-settle-{name}")


def _note(params: Mapping[str, Any], context: dict[str, Any], event_name: str, **_rest: Any) -> None:
    """Keep the parameters as the student wrote them: when the call is made they are XML or JSON."""
    context[_MARK] = (event_name.split(".", 1)[1], params)


def _announce(context: dict[str, Any], **_rest: Any) -> None:
    """Write the resource down, unless it is there already or known. A value other than None would be taken for AWS's answer."""
    try:
        name, params = context.pop(_MARK)
        heard, recorder = _HEARD[name], _current[0]
        service, operation = name.split(".")
        call = AwsCall(service, operation, params, "create", heard.kind, heard.name(params))
        if heard.exists and heard.exists(recorder.clients, params):
            return
        is_known = _is_known(recorder.ledger, call)
        if not is_known:
            recorder.ledger.announce(recorder.step, call)
        context[_MARK] = _Announced(call, is_known)
    except Exception as error:  # noqa: BLE001 - the call is the student's; the ledger must not be in its way
        _complain(error)


def _is_known(ledger: Ledger, call: AwsCall) -> bool:
    """An entry that is made stays so if a second creation is refused."""
    return any(
        ledger.is_here(entry) and (entry.kind, entry.name) == (call.kind, call.name) and entry.state != "refused"
        for entry in ledger.entries()
    )


def _settle(context: dict[str, Any], http_response: Any, **_rest: Any) -> None:
    """Write down how the call ended; after an error of AWS's own (5xx) it may have been done, and stays "calling"."""
    announced = context.pop(_MARK, None)
    if not isinstance(announced, _Announced) or http_response.status_code >= 500:
        return
    is_made, recorder = http_response.status_code < 300, _current[0]
    try:
        if announced.is_known and is_made:
            # Deleted meanwhile and made anew: teardown compares the resource's date with the ledger's.
            recorder.ledger.announce(recorder.step, announced.call)
        if is_made or not announced.is_known:
            recorder.ledger.settle(announced.call, made=is_made)
    except Exception as error:  # noqa: BLE001 - as above
        _complain(error)


def _complain(error: Exception) -> None:
    """Once for each reason: teardown will not know of this resource."""
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    if reason not in _warned:
        _warned.append(reason)
        with suppress(Warning):  # where warnings are errors
            warnings.warn(text("recording.unwritten", reason=reason), stacklevel=2)
