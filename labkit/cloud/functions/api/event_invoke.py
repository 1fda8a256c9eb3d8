"""How asynchronous invocations of a function end: retries, age, destinations (the EventInvokeConfig calls)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError
from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.names import LATEST, FunctionName, is_version, read_name
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_found, page, refuse
from labkit.cloud.functions.api.settings import may
from labkit.cloud.functions.kept import keep_function, kept_function

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
# What Lambda has to be allowed to do with each kind of destination, by the service of its ARN.
ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
    "s3": "s3:PutObject",
}


@dataclass(frozen=True)
class EventInvokeCalls:
    """Put replaces a configuration, Update changes the named parts of one."""

    services: Services

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "PutFunctionEventInvokeConfig": self.put,
            "UpdateFunctionEventInvokeConfig": self.update,
            "GetFunctionEventInvokeConfig": self.get,
            "ListFunctionEventInvokeConfigs": self.list_configs,
            "DeleteFunctionEventInvokeConfig": self.delete,
        }

    def put(self, request: Request) -> Reply:
        return self._write(request, {})

    def update(self, request: Request) -> Reply:
        name = _existing(request)
        found = _configs(name).get(_key(name))
        if found is None:
            raise _missing(name)
        return self._write(request, found)

    def get(self, request: Request) -> Reply:
        name = request.function
        found = _configs(name).get(_key(name)) if store.exists(name) else None
        if found is None:
            raise _missing(name)
        return Reply(_document(name, found))

    def list_configs(self, request: Request) -> Reply:
        name = replace(request.function, qualifier=None)
        if not store.exists(name):
            raise not_found("The function doesn't exist.")
        shown = [_document(replace(name, qualifier=key), config) for key, config in sorted(_configs(name).items())]
        return Reply(page(shown, request.params).document("FunctionEventInvokeConfigs"))

    def delete(self, request: Request) -> Reply:
        name = request.function
        configs = dict(_configs(name)) if store.exists(name) else {}
        if configs.pop(_key(name), None) is None:
            raise _missing(name)
        keep_function(store.get_latest(replace(name, qualifier=None)), event_invoke=configs)
        return Reply(status=204)

    def _write(self, request: Request, before: Mapping[str, Any]) -> Reply:
        params = request.params
        if all(params.get(setting) is None for setting in _SETTINGS):
            raise refuse("You must specify at least one of error handling or destination setting.")
        name = _existing(request)
        if params.get("DestinationConfig"):
            self._check_destinations(name, params["DestinationConfig"])
        given = {setting: params[setting] for setting in _SETTINGS if params.get(setting) is not None}
        config = {**before, **given, "LastModified": self.services.clock().timestamp()}
        latest = store.get_latest(replace(name, qualifier=None))
        keep_function(latest, event_invoke={**_configs(name), _key(name): config})
        return Reply(_document(name, config))

    def _check_destinations(self, name: FunctionName, config: Mapping[str, Any]) -> None:
        success = (config.get("OnSuccess") or {}).get("Destination")
        failure = (config.get("OnFailure") or {}).get("Destination")
        kinds = {"onSuccess": (success, set(ACTIONS) - {"s3"}), "onFailure": (failure, set(ACTIONS))}
        if any(arn and _service(arn) not in allowed for arn, allowed in kinds.values()):
            told = ", ".join(
                f"{side}={f'{side[0].upper()}{side[1:]}(destination={arn})' if arn else 'null'}"
                for side, (arn, _) in kinds.items()
            )
            raise refuse(f"The provided destination config DestinationConfig({told}) is invalid.")
        for arn in (success, failure):
            if arn:
                self._check_destination(name, arn)

    def _check_destination(self, name: FunctionName, arn: str) -> None:
        if _service(arn) == "lambda":
            try:
                target = read_name(arn, name.scope)
                store.get_version(target)
            except AwsError:
                raise refuse(f"The destination ARN {arn} is invalid.") from None
            if target.name == name.name:
                raise refuse("You can't specify the function as a destination for itself.")
        action = ACTIONS[_service(arn)]
        resource = f"{arn}/*" if _service(arn) == "s3" else arn
        if not may(self.services, store.get_version(name).role, action, resource, name.scope):
            raise refuse(
                f"The function's execution role does not have permissions to call {action.split(':')[1]} on {arn}"
            )
        if not _is_there(arn):
            raise refuse(f"The destination ARN {arn} is invalid.")


def _is_there(arn: str) -> bool:
    """Whether a queue, topic or bucket exists; functions and buses are looked up by their own services."""
    from moto.s3.models import s3_backends
    from moto.sns.models import sns_backends
    from moto.sqs.models import sqs_backends

    _, _, service, region, account, name = arn.split(":", 5)
    if service == "sqs":
        return name in sqs_backends[account][region].queues
    if service == "sns":
        return arn in sns_backends[account][region].topics
    return service != "s3" or any(name in backend["aws"].buckets for backend in s3_backends.values())


def _existing(request: Request) -> FunctionName:
    name = request.function
    known = store.exists(name)
    if known and name.qualifier not in (None, LATEST):
        known = _has_qualifier(name)
    if not known:
        raise not_found("The function doesn't exist.")
    return name


def _has_qualifier(name: FunctionName) -> bool:
    qualifier = str(name.qualifier)
    if is_version(qualifier):
        return any(str(one.version) == qualifier for one in store.get_versions(name))
    return qualifier in store.get_aliases(name)


def _configs(name: FunctionName) -> Mapping[str, Mapping[str, Any]]:
    return kept_function(store.get_latest(replace(name, qualifier=None))).event_invoke


def _key(name: FunctionName) -> str:
    return name.qualifier or LATEST


def _missing(name: FunctionName) -> AwsError:
    arn = replace(name, qualifier=_key(name)).qualified_arn
    return not_found(f"The function {arn} doesn't have an EventInvokeConfig")


def _document(name: FunctionName, config: Mapping[str, Any]) -> dict[str, Any]:
    document = {**config, "FunctionArn": replace(name, qualifier=_key(name)).qualified_arn}
    sides = config.get("DestinationConfig") or {}
    document["DestinationConfig"] = {side: dict(sides.get(side) or {}) for side in ("OnSuccess", "OnFailure")}
    return document


def _service(arn: str) -> str:
    parts = arn.split(":")
    return parts[2] if len(parts) > 5 else ""
