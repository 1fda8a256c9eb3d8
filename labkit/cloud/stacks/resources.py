"""Making, changing and deleting the resources of one stack: what stands in for moto's `ResourceMap` methods of these names."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.stacks.order import in_order
from labkit.cloud.stacks.resource import Resource
from labkit.cloud.stacks.work import RolledBack, Work, current_work, explain

_KEPT = ("Retain", "RetainExceptOnCreate")


def recorded(make: Callable[..., Any]) -> Callable[..., Any]:
    """moto's `parse_and_create_resource` with an event of how it ended; only an operation makes resources, never a look at them."""

    @functools.wraps(make)
    def call(name: str, resource: Mapping[str, Any], resources: Any, **more: Any) -> Any:
        condition = resource.get("Condition")
        if condition and not resources.lazy_condition_map[condition]:
            return None
        work, kind = current_work(), str(resource.get("Type"))
        if work is None:
            raise AwsError("ValidationError", f"Resource {name} does not exist for stack {resources['AWS::StackName']}")
        try:
            made = make(name, resource, resources, **more)
        except Exception as error:
            if work.failure is not error:
                work.failure, work.failed = error, name
                work.note(resources, name, kind, "CREATE_IN_PROGRESS")
                work.note(resources, name, kind, "CREATE_FAILED", reason=explain(error))
            raise
        ref = str(getattr(made, "physical_resource_id", "") or "")
        work.note(resources, name, kind, "CREATE_IN_PROGRESS", ref)
        work.note(resources, name, kind, "CREATE_COMPLETE", ref)
        if made is not None:
            work.made.append((name, made))
        return made

    return call


def create(resources: Any, template: dict[str, Any]) -> bool:
    """Make every resource; whether all are ready (those of a custom resource tell later)."""
    kept = vars(resources)
    kept["_template"], kept["_resource_json_map"] = template, template["Resources"]
    found = [resources[name] for name in in_order(template)]
    return all(one is None or one.is_created() for one in found)


def update(resources: Any, template: dict[str, Any], parameters: Mapping[str, Any] | None = None) -> None:
    """Bring the resources to a new template: add and change first, then delete, as CloudFormation does.

    RolledBack when one fails; what had been done is undone then.
    """
    work = current_work()
    if work is None:
        raise AwsError("InternalFailure", "a stack is changed outside of an operation", 500)
    before = _Before(resources)
    changed: list[str] = []
    try:
        _check_types(before.templates, template)
        order = in_order(template)
        before.switch_to(template, parameters)
        for name in order:
            _bring(resources, name, before, work, changed)
    except Exception as error:
        raise RolledBack(error, _undo(resources, before, work, changed)) from error
    _clean_up(resources, before, work)


class _Before:
    """The resources as they were, and the way back."""

    def __init__(self, resources: Any) -> None:
        self._resources = resources
        kept = vars(resources)
        self.templates: dict[str, Any] = dict(kept["_resource_json_map"])
        self.parsed: dict[str, Any] = dict(kept["_parsed_resources"])
        self.parameters: dict[str, Any] = dict(kept["resolved_parameters"])
        self._template, self._inputs = kept["_template"], dict(kept["input_parameters"] or {})

    def switch_to(self, template: dict[str, Any], parameters: Mapping[str, Any] | None) -> None:
        """Let the resources be read from another template and other parameters."""
        kept = vars(self._resources)
        kept["_template"], kept["_resource_json_map"] = template, template.get("Resources") or {}
        if parameters is not None:
            kept["input_parameters"] = dict(parameters)
        kept["resolved_parameters"] = {}
        for load in ("load_mapping", "load_parameters", "load_conditions"):
            getattr(self._resources, load)()

    def switch_back(self) -> None:
        self.switch_to(self._template, self._inputs)
        vars(self._resources)["_resource_json_map"] = self.templates

    def is_same(self, name: str, resource: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
        """Whether a resource has the same text, and none of what it names has another value."""
        if self.templates.get(name) != resource:
            return False
        text = json.dumps(resource, default=str)
        return not any(key in text for key, value in parameters.items() if self.parameters.get(key) != value)


def _check_types(before: Mapping[str, Any], template: Mapping[str, Any]) -> None:
    for name, resource in (template.get("Resources") or {}).items():
        if name in before and before[name].get("Type") != resource.get("Type"):
            text = f"Update of resource type is not permitted. The new template modifies resource type of the following resources: [{name}]"
            raise AwsError("ValidationError", text)


def _bring(resources: Any, name: str, before: _Before, work: Work, changed: list[str]) -> None:
    from moto.cloudformation.parsing import parse_and_update_resource

    kept = vars(resources)
    resource = kept["_resource_json_map"][name]
    condition = resource.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return  # deleted in the end, if it was there
    original = before.parsed.get(name)
    if original is None:
        _ = resources[name]
        return
    own = isinstance(original, Resource)
    if not own and before.is_same(name, resource, resources.resolved_parameters):
        return
    kind = str(resource.get("Type"))
    try:
        place = {"account_id": kept["_account_id"], "region_name": kept["_region_name"]}
        found: Any = parse_and_update_resource(name, resource, resources, **place)
    except Exception as error:
        work.note(resources, name, kind, "UPDATE_IN_PROGRESS", _ref(original))
        work.note(resources, name, kind, "UPDATE_FAILED", _ref(original), explain(error))
        raise
    if found is None:
        text = f"labkit's local cloud does not change resources of type {kind} ({name}) in stacks: delete it and make another"
        raise AwsError("NotImplemented", text, 501)
    if own and found.properties == original.properties:
        return
    kept["_parsed_resources"][name] = found
    changed.append(name)
    work.note(resources, name, kind, "UPDATE_IN_PROGRESS", _ref(original))
    work.note(resources, name, kind, "UPDATE_COMPLETE", _ref(found))


def _undo(resources: Any, before: _Before, work: Work, changed: list[str]) -> list[str]:
    """Put everything back; the logical names of what could not be."""
    from moto.cloudformation.parsing import parse_and_update_resource

    kept = vars(resources)
    after = dict(kept["_parsed_resources"])
    left = remove_made(resources, work)
    replaced = {id(one) for one in work.replaced}
    before.switch_back()
    for name in reversed(changed):
        original = before.parsed[name]
        try:
            if id(original) in replaced:
                after[name].delete(kept["_account_id"], kept["_region_name"])
                continue
            kept["_parsed_resources"][name] = after[name]
            place = {"account_id": kept["_account_id"], "region_name": kept["_region_name"]}
            before.parsed[name] = parse_and_update_resource(name, before.templates[name], resources, **place)
        except Exception as error:  # noqa: BLE001 - told in an event; the rest is still put back
            left.append(name)
            work.note(resources, name, str(before.templates[name]["Type"]), "UPDATE_FAILED", "", explain(error))
    kept["_parsed_resources"] = before.parsed
    return left


def _clean_up(resources: Any, before: _Before, work: Work) -> None:
    """Delete what the new template has no more, and what was replaced. What stays behind is told in an event, as on AWS."""
    kept = vars(resources)
    template = kept["_resource_json_map"]
    gone = [
        name for name in before.templates if name in before.parsed and not _is_wanted(resources, template.get(name))
    ]
    for name in reversed(gone):
        resource = kept["_parsed_resources"].pop(name)
        if before.templates[name].get("DeletionPolicy") in _KEPT:
            work.note(resources, name, str(before.templates[name]["Type"]), "DELETE_SKIPPED", _ref(resource))
            continue
        _delete_noted(resources, name, resource, before.templates[name], work)
    for resource in work.replaced:
        if resource.logical_resource_id in template and resource.logical_resource_id in before.templates:
            policy = template[resource.logical_resource_id].get("UpdateReplacePolicy")
            if policy not in _KEPT:
                _delete_noted(
                    resources,
                    resource.logical_resource_id,
                    resource,
                    before.templates[resource.logical_resource_id],
                    work,
                )


def _is_wanted(resources: Any, resource: Mapping[str, Any] | None) -> bool:
    if resource is None:
        return False
    condition = resource.get("Condition")
    return not condition or bool(resources.lazy_condition_map[condition])


def remove_made(resources: Any, work: Work) -> list[str]:
    """Delete what this operation has made, the last first; the logical names of what could not be deleted."""
    left: list[str] = []
    for name, resource in reversed(work.made):
        vars(resources)["_parsed_resources"].pop(name, None)
        template = vars(resources)["_resource_json_map"].get(name) or {}
        if template.get("DeletionPolicy") == "Retain":
            work.note(resources, name, str(template.get("Type")), "DELETE_SKIPPED", _ref(resource))
        elif not _delete_noted(resources, name, resource, template, work):
            left.append(name)
    work.made.clear()
    return left


def delete(resources: Any, skipped: tuple[str, ...] = ()) -> list[str]:
    """Delete every resource, those that others name last; the logical names of what could not be deleted."""
    work = current_work() or Work()
    kept = vars(resources)
    templates = kept["_resource_json_map"]
    waiting = [name for name in reversed(list(kept["_parsed_resources"])) if name in templates]
    for name in list(waiting):
        if templates[name].get("DeletionPolicy") in _KEPT or name in skipped:
            work.note(
                resources, name, str(templates[name]["Type"]), "DELETE_SKIPPED", _ref(kept["_parsed_resources"][name])
            )
            kept["_parsed_resources"].pop(name)
            waiting.remove(name)
    while waiting:
        failed: list[str] = []
        noted = len(work.events)
        for name in waiting:
            if _delete_noted(resources, name, kept["_parsed_resources"][name], templates[name], work):
                kept["_parsed_resources"].pop(name)
            else:
                failed.append(name)
        if failed == waiting:
            return failed
        if failed:
            # Another resource may have been in the way: what failed is told only when it fails to the end.
            told = work.events[noted:]
            work.events[noted:] = [one for one in told if one.logical_resource_id not in failed]
        waiting = failed
    return []


def _delete_noted(resources: Any, name: str, resource: Any, template: Mapping[str, Any], work: Work) -> bool:
    kind, ref = str(template.get("Type")), _ref(resource)
    work.note(resources, name, kind, "DELETE_IN_PROGRESS", ref)
    try:
        if isinstance(resource, Resource):
            resource.delete(vars(resources)["_account_id"], vars(resources)["_region_name"])
        else:
            resources._delete_resource(resource, template)  # noqa: SLF001 - moto's own way for its own types
    except Exception as error:  # noqa: BLE001 - told in an event; the caller goes on with the others
        work.note(resources, name, kind, "DELETE_FAILED", ref, explain(error))
        return False
    work.note(resources, name, kind, "DELETE_COMPLETE", ref)
    return True


def _ref(resource: Any) -> str:
    return str(getattr(resource, "physical_resource_id", "") or "")
