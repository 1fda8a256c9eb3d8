"""Where moto's CloudFormation is extended: its types of the lab's services, and the life of its stacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.stacks import life, resources
from labkit.cloud.stacks.asking import Reach
from labkit.cloud.stacks.buckets import Bucket, BucketPolicy
from labkit.cloud.stacks.catalog import Database, Partition, Table
from labkit.cloud.stacks.functions import Function
from labkit.cloud.stacks.glue import Crawler, Job
from labkit.cloud.stacks.resource import Resource
from labkit.cloud.stacks.roles import Role
from labkit.cloud.stacks.small import LogGroup, NamedQuery, Permission, WorkGroup

KINDS: tuple[type[Resource], ...] = (
    Bucket, BucketPolicy, Role, Function, Permission, Database, Table, Partition, Crawler, Job, WorkGroup, NamedQuery, LogGroup,
)  # fmt: skip


def install(reach: Reach, changed: Callable[[str, str, str], None]) -> None:
    """Put our types and methods in moto's place; `changed` is told of what moto's own types change."""
    from moto.cloudformation import parsing
    from moto.cloudformation.models import CloudFormationBackend, Stack

    Resource.reach = reach
    types, names = parsing.get_model_map(), parsing.get_name_type_map()
    for kind in KINDS:
        types[kind.type] = kind
        names[kind.type] = kind.name_property
    parsing.resource_name_property_from_type = names.get
    parsing.parse_and_create_resource = resources.recorded(_of_moto(parsing.parse_and_create_resource))
    for name in ("create", "update", "delete"):
        setattr(parsing.ResourceMap, name, getattr(resources, name))
    for name in ("create_resources", "update", "delete"):
        setattr(Stack, name, getattr(life, name))
    # Any: moto's methods carry no annotations
    backend: Any = CloudFormationBackend
    backend.execute_change_set = life.execute_change_set
    ways: dict[str, Callable[..., Any]] = {
        "create_stack": life.undone,
        "delete_stack": life.kept_when_it_fails,
        "create_change_set": life.acknowledged,
    }
    for name in ("create_stack", "create_change_set", "update_stack", "delete_stack", "execute_change_set"):
        method: Callable[..., Any] = _of_moto(getattr(backend, name))
        way: Callable[..., Any] = ways.get(name, _same)
        setattr(backend, name, life.saved(way(method), changed))


def _same(method: Callable[..., Any]) -> Callable[..., Any]:
    return method


def _of_moto(method: Any) -> Any:
    """moto's own, when a cloud in this process has been here before."""
    while hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    return method
