"""Stacks: only what is carried out is taken, and with the permissions of whoever asked for it (`hooks.install_stacks`).

moto makes the resources of a stack past every gate, and says of those it does not know that they were made.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.admission import Admission, current_admission
from labkit.cloud.identity.authorizer import Authorizer, Guard
from labkit.cloud.identity.stack_actions import KINDS, needs
from labkit.cloud.roles import role_principal
from labkit.cloud.stacks.capabilities import check_capabilities
from labkit.cloud.stacks.order import in_order

_SERVICE = "cloudformation.amazonaws.com"
# Each of their calls passes the gate by itself (`stacks/`), with the ARN that only the call knows.
_CHECKED_BY_CALL = frozenset(
    {f"AWS::Glue::{kind}" for kind in ("Database", "Table", "Partition", "Crawler", "Job")}
    | {"AWS::Athena::WorkGroup", "AWS::Athena::NamedQuery", "AWS::S3::BucketPolicy"}
)
_OTHERS = frozenset({"AWS::IAM::Policy", "AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"})


def guarded(
    authorizer: Authorizer, method: Callable[..., Any], operation: str, look: Callable[..., Any]
) -> Callable[..., Any]:
    """A method of moto's ResourceMap that first asks for what `look(resources, ...)` yields, when it answers `operation`.

    What it is given of a new template is read with that template's parameters.
    """

    @functools.wraps(method)
    def call(resources: Any, *args: Any, **more: Any) -> Any:
        admission = current_admission()
        if admission is not None:
            _check_capabilities(admission, resources, *args)
            asked = list(look(resources, *args, **more))
            if admission.operation == operation or not operation:
                # A new stack's own template has not been read yet.
                given = args or ((vars(resources)["_template"],) if operation == "CreateStack" else ())
                _require(authorizer, admission, _as_read(resources, *given, **more), asked)
        return method(resources, *args, **more)

    return call


def _check_capabilities(admission: Admission, resources: Any, template: Any = None, *_: Any) -> None:
    """Asked for where AWS asks: a change set was looked at when it was made."""
    if admission.operation in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        given = template if isinstance(template, Mapping) else vars(resources)["_template"]
        check_capabilities(given or {}, admission.params.get("Capabilities"))


Asked = tuple[str, str, Mapping[str, Any]]


def on_create(resources: Any, *_args: Any, **_more: Any) -> Iterator[Asked]:
    """What making a stack makes; AwsError for a type that is not carried out."""
    for name, resource in _resources(vars(resources)["_template"]):
        yield "create", name, resource


def on_update(resources: Any, template: Mapping[str, Any], *_args: Any, **_more: Any) -> Iterator[Asked]:
    """What changing a stack makes, changes and deletes."""
    before = vars(resources)["_resource_json_map"]
    for name, resource in _resources(template):
        if name not in before:
            yield "create", name, resource
        elif before[name] != resource:
            yield "update", name, resource
    for name, resource in before.items():
        if name not in template["Resources"]:
            yield "delete", name, resource


def on_delete(resources: Any, *_args: Any, **_more: Any) -> Iterator[Asked]:
    """What deleting a stack deletes."""
    for name, resource in vars(resources)["_resource_json_map"].items():
        if resource.get("DeletionPolicy") != "Retain":
            yield "delete", name, resource


def _as_read(resources: Any, template: Any = None, parameters: Any = None, **_more: Any) -> Any:
    """A copy of the resources that reads the new template and parameters, where there are some."""
    if not isinstance(template, Mapping):
        return resources
    view = copy.copy(resources)
    kept = vars(view)
    kept["_parsed_resources"], kept["_template"] = dict(kept["_parsed_resources"]), template
    kept["resolved_parameters"], kept["input_parameters"] = {}, dict(parameters or kept["input_parameters"] or {})
    for load in ("load_mapping", "load_parameters", "load_conditions"):
        getattr(view, load)()
    return view


def _resources(template: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    from moto.cloudformation.parsing import get_model_map

    in_order(template)
    for name, resource in (template.get("Resources") or {}).items():
        kind = str(resource.get("Type", ""))
        ours = kind in KINDS or kind in _CHECKED_BY_CALL
        if not ((ours and kind in get_model_map()) or kind in _OTHERS or kind.startswith("Custom::")):
            message = f"labkit's local cloud does not make resources of type {kind} ({name}) in stacks"
            raise AwsError("NotImplemented", message, 501)
        yield name, resource


def _require(authorizer: Authorizer, admission: Admission, resources: Any, asked: list[Asked]) -> None:
    """AwsError AccessDenied for the first that the stack's role, or without one the caller, may not."""
    place = {"region": str(vars(resources)["_region_name"]), "account": str(vars(resources)["_account_id"])}
    principal = admission.principal
    role = admission.params.get("RoleARN")
    if role:
        principal = role_principal(str(role), "AWSCloudFormation", Scope(place["account"], place["region"]))
    guard = Guard(authorizer, principal, replace(admission.origin, service=_SERVICE))
    stack = str(resources["AWS::StackName"])
    for verb, name, resource in asked:
        if resource.get("Condition") and not resources.lazy_condition_map[resource["Condition"]]:
            continue
        default = f"{stack}-{name}-{'X' * 12}"
        text = functools.partial(_text, resources)
        for action, arn in needs(
            str(resource.get("Type")), verb, resource.get("Properties") or {}, default, place, text
        ):
            guard.require(action, arn)


def _text(resources: Any, value: Any) -> str:
    """A property's value; `*` where another resource of the stack must exist before it is known."""
    from moto.cloudformation.parsing import clean_json, get_references_from_template

    if isinstance(value, str):
        return value
    names = set((vars(resources)["_template"] or {}).get("Resources") or {})
    text = repr(value)
    if names & set(get_references_from_template(value)) or any(f"{name}" in text for name in names):
        return "*"
    return str(clean_json(value, resources))


def undone_when_refused(update: Callable[..., Any]) -> Callable[..., Any]:
    """moto's `Stack.update`, which takes the new template before it looks at it: a refused one leaves the old."""

    @functools.wraps(update)
    def call(stack: Any, *args: Any, **more: Any) -> Any:
        before = {name: vars(stack)[name] for name in ("template", "template_dict")}
        events = list(stack.events)
        try:
            return update(stack, *args, **more)
        except Exception:
            vars(stack).update(before)
            stack.events[:] = events
            raise

    return call


def kept_when_refused(delete: Callable[..., Any]) -> Callable[..., Any]:
    """moto's `CloudFormationBackend.delete_stack`, which forgets a stack before it deletes it: a refused deletion leaves it."""

    @functools.wraps(delete)
    def call(backend: Any, name: str) -> Any:
        before = [(key, stack, len(stack.events)) for key, stack in backend.stacks.items()]
        try:
            return delete(backend, name)
        except Exception:
            for key, stack, events in before:
                backend.stacks[key] = stack
                del stack.events[events:]
            raise

    return call
