"""The life of a stack: made, changed, deleted, and rolled back when a resource fails, with the statuses and events of AWS.

Stands in for moto's `CloudFormationBackend` and `Stack` methods of these names. An operation is over when its call returns, so
waiters and `aws cloudformation deploy` find its end at once (docs.aws.amazon.com/AWSCloudFormation, "Stack status codes").
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.identity.admission import current_admission
from labkit.cloud.stacks import resources as making
from labkit.cloud.stacks.capabilities import check_capabilities
from labkit.cloud.stacks.work import RolledBack, Work, current_work, explain, is_refusal, working

Changed = Callable[[str, str, str], None]
# AWS's services that have one backend for all regions.
_GLOBAL = ("iam", "s3", "sts")
_UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS")


def saved(method: Callable[..., Any], changed: Changed) -> Callable[..., Any]:
    """A method of the backend after which the services of its stacks' resources are saved: moto makes some past the front."""

    @functools.wraps(method)
    def call(backend: Any, *args: Any, **more: Any) -> Any:
        kinds = _kinds(backend)
        try:
            return method(backend, *args, **more)
        finally:
            for service in {kind.split("::")[1].lower() for kind in kinds | _kinds(backend) if kind.count("::") == 2}:
                region = "aws" if service in _GLOBAL else backend.region_name
                changed(service, backend.account_id, region)

    return call


def _kinds(backend: Any) -> set[str]:
    stacks = list(backend.stacks.values())
    return {str(one.get("Type")) for stack in stacks for one in (stack.template_dict.get("Resources") or {}).values()}


def undone(create_stack: Callable[..., Any]) -> Callable[..., Any]:
    """moto's `create_stack`; when the call itself is refused nothing is left of it, no resource and no stack."""

    @functools.wraps(create_stack)
    def call(backend: Any, *args: Any, **more: Any) -> Any:
        stacks, exports = set(backend.stacks), set(backend.exports)
        with working() as work:
            try:
                made = create_stack(backend, *args, **more)
            except BaseException:
                for name in set(backend.stacks) - stacks:
                    making.remove_made(backend.stacks.pop(name).resource_map, work)
                for name in set(backend.exports) - exports:
                    backend.exports.pop(name)
                raise
        if made.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_COMPLETE", "CREATE_FAILED"):
            for name in set(backend.exports) - exports:
                backend.exports.pop(name)
        if made.status == "DELETE_COMPLETE":
            backend.deleted_stacks[made.stack_id] = backend.stacks.pop(made.stack_id)
        return made

    return call


def create_resources(stack: Any) -> None:
    """Make the resources; what fails is rolled back, and the stack stays to tell why (OnFailure and DisableRollback decide)."""
    work = current_work() or Work()
    stack.events += work.events
    work.events, stack.status = stack.events, "CREATE_IN_PROGRESS"
    try:
        ready = stack.resource_map.create(stack.template_dict)
    except Exception as error:
        # A stack inside another, or of a stack set, fails its parent; what is not carried out fails the call.
        if work.depth or _operation() != "CreateStack" or is_refusal(error):
            raise
        _fail_creation(stack, work, error)
        return
    stack.description = stack.template_dict.get("Description")
    if ready:
        stack.mark_creation_complete()


def _fail_creation(stack: Any, work: Work, error: Exception) -> None:
    failed = f"The following resource(s) failed to create: [{work.failed}]. " if work.failed else f"{explain(error)} "
    given = _asked("OnFailure") or ("DO_NOTHING" if str(_asked("DisableRollback")).lower() == "true" else "ROLLBACK")
    if given == "DO_NOTHING":
        made = {name for name, _ in work.made}
        _set_status(stack, "CREATE_FAILED", failed.strip())
        _keep_only(stack, made)
        return
    verb = "DELETE" if given == "DELETE" else "ROLLBACK"
    _set_status(stack, f"{verb}_IN_PROGRESS", f"{failed}Rollback requested by user.")
    left = making.remove_made(stack.resource_map, work)
    _keep_only(stack, set())
    _set_status(stack, f"{verb}_FAILED" if left else f"{verb}_COMPLETE", _left(left) or failed.strip())


def update(stack: Any, template: str, role_arn: str | None = None, parameters: Any = None, tags: Any = None) -> None:
    """Change the stack to a template and parameters; what fails is rolled back to what it was."""
    if stack.status not in _UPDATABLE:
        text = f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
        raise AwsError("ValidationError", text)
    before = {name: vars(stack)[name] for name in ("template", "template_dict")}
    same_parameters = not parameters or parameters == stack.parameters
    if same_parameters and not tags and stack.parse_template(template) == stack.template_dict:
        raise AwsError("ValidationError", "No updates are to be performed.")
    with working() as work:
        work.events = stack.events
        _set_status(stack, "UPDATE_IN_PROGRESS", "User Initiated")
        stack.template = template
        stack._parse_template()  # noqa: SLF001 - moto's own step
        try:
            stack.resource_map.update(stack.template_dict, parameters)
        except RolledBack as failed:
            vars(stack).update(before)
            if is_refusal(failed.cause_):
                stack.status = "UPDATE_ROLLBACK_COMPLETE"
                raise failed.cause_ from failed
            _tell_rollback(stack, failed)
            return
        except AwsError:
            stack.status = "UPDATE_COMPLETE"  # refused before anything was touched
            raise
    stack.output_map = stack._create_output_map()  # noqa: SLF001
    stack.description, stack.role_arn = stack.template_dict.get("Description"), role_arn or stack.role_arn
    if parameters:
        stack.parameters = parameters
    if tags is not None:
        stack.tags = tags
    _set_status(stack, "UPDATE_COMPLETE")


def acknowledged(create_change_set: Callable[..., Any]) -> Callable[..., Any]:
    """moto's `create_change_set`, after the question that AWS asks of templates with IAM resources."""

    @functools.wraps(create_change_set)
    def call(backend: Any, *args: Any, template: str, **more: Any) -> Any:
        from moto.cloudformation.models import Stack

        check_capabilities(Stack.parse_template(template), _asked("Capabilities"))
        return create_change_set(backend, *args, template=template, **more)

    return call


def execute_change_set(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
    """Carry a change set out: the first one of a new stack makes it (`aws cloudformation deploy` works so)."""
    wanted = [
        one for key, one in backend.change_sets.items()
        if change_set_name in (key, one.change_set_name) and stack_name in (None, one.stack_name, one.stack_id)
    ]  # fmt: skip
    if not wanted:
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{change_set_name}] does not exist", 404)
    change_set = wanted[-1]
    if change_set.execution_status != "AVAILABLE":
        text = (
            f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current status of [{change_set.status}]"
        )
        raise AwsError("InvalidChangeSetStatus", text)
    stack = backend.stacks[change_set.stack_id]
    if change_set.change_set_type != "CREATE":
        stack.update(change_set.template, change_set.role_arn, change_set.parameters, change_set.tags)
        done = stack.status == "UPDATE_COMPLETE"
    else:
        done = _create_by_change_set(stack, change_set)
    change_set.execution_status = "EXECUTE_COMPLETE" if done else "EXECUTE_FAILED"
    if done:
        for export in stack.exports:
            backend.exports[export.name] = export


def _create_by_change_set(stack: Any, change_set: Any) -> bool:
    with working() as work:
        work.events = stack.events
        _set_status(stack, "CREATE_IN_PROGRESS", "User Initiated")
        stack.template = change_set.template
        stack._parse_template()  # noqa: SLF001
        try:
            stack.resource_map.update(stack.template_dict, change_set.parameters)
        except RolledBack as failed:
            if is_refusal(failed.cause_):
                stack.status, stack.template, stack.template_dict = "REVIEW_IN_PROGRESS", {}, {}
                raise failed.cause_ from failed
            _set_status(stack, "ROLLBACK_IN_PROGRESS", f"{failed}. Rollback requested by user.")
            _keep_only(stack, set())
            _set_status(
                stack, "ROLLBACK_FAILED" if failed.left else "ROLLBACK_COMPLETE", _left(failed.left) or str(failed)
            )
            return False
        except AwsError:
            stack.status, stack.template, stack.template_dict = "REVIEW_IN_PROGRESS", {}, {}
            raise
    stack.parameters, stack.description = change_set.parameters, stack.template_dict.get("Description")
    stack.output_map = stack._create_output_map()  # noqa: SLF001
    _set_status(stack, "CREATE_COMPLETE")
    return True


def delete(stack: Any) -> None:
    """Delete the resources; DELETE_FAILED when one cannot be (a bucket that is not empty)."""
    with working() as work:
        work.events = stack.events
        status = stack.status
        _set_status(stack, "DELETE_IN_PROGRESS", "User Initiated")
        skipped = _asked("RetainResources")
        try:
            left = stack.resource_map.delete(tuple(skipped) if isinstance(skipped, list) else ())
        except AwsError:
            stack.status = status
            raise
        if left:
            _set_status(stack, "DELETE_FAILED", _left(left))
        else:
            _set_status(stack, "DELETE_COMPLETE")


def kept_when_it_fails(delete_stack: Callable[..., Any]) -> Callable[..., Any]:
    """moto's `delete_stack`: a protected stack is refused, and one whose resources could not be deleted is still there."""

    @functools.wraps(delete_stack)
    def call(backend: Any, name: str) -> Any:
        for key, stack in list(backend.stacks.items()):
            protected = str(stack.enable_termination_protection).lower() == "true"
            if name in (key, stack.name) and protected:
                text = f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
                raise AwsError("ValidationError", text)
        reply = delete_stack(backend, name)
        for key, stack in list(backend.deleted_stacks.items()):
            if stack.status == "DELETE_FAILED":
                backend.stacks[key] = backend.deleted_stacks.pop(key)
                _keep_only(stack, set(vars(stack.resource_map)["_parsed_resources"]))
        return reply

    return call


def _tell_rollback(stack: Any, failed: RolledBack) -> None:
    _set_status(stack, "UPDATE_ROLLBACK_IN_PROGRESS", str(failed))
    _set_status(
        stack, "UPDATE_ROLLBACK_FAILED" if failed.left else "UPDATE_ROLLBACK_COMPLETE", _left(failed.left) or None
    )
    stack.status_reason = str(failed)


def _set_status(stack: Any, status: str, reason: str | None = None) -> None:
    stack.status, stack.status_reason = status, reason
    stack._add_stack_event(status, resource_status_reason=reason)  # noqa: SLF001


def _left(names: list[str]) -> str:
    return f"The following resource(s) failed to delete: [{', '.join(names)}]." if names else ""


def _keep_only(stack: Any, names: set[str]) -> None:
    """Let the stack hold these resources and no outputs: moto makes what is missing as soon as somebody looks."""
    from moto.cloudformation.parsing import OutputMap

    kept = vars(stack.resource_map)
    kept["_resource_json_map"] = {name: one for name, one in kept["_resource_json_map"].items() if name in names}
    stack.output_map = OutputMap(stack.resource_map, {}, stack.stack_id)


def _operation() -> str:
    admission = current_admission()
    return admission.operation if admission is not None else ""


def _asked(name: str) -> Any:
    admission = current_admission()
    return admission.params.get(name) if admission is not None else None
