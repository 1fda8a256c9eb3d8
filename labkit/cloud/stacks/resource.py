"""A resource of a stack that is made, changed and deleted by calls of its service; moto's parser does the rest of a template.

A property that is not carried out is refused by name: a stack never says of something that it is there when it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.stacks.work import current_work

Properties = Mapping[str, Any]
# (service, operation in boto3's spelling, **params) → reply
Ask = Callable[..., dict[str, Any]]
_GONE = ("NoSuch", "NotFound", "EntityNotFound")


@dataclass(frozen=True)
class Made:
    """What `Ref` gives, and what `Fn::GetAtt` gives by name."""

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Resource(CloudFormationModel):
    """One type; a subclass names it. An instance is one resource: its name, `properties` as resolved, `ref` and `attributes`.

    `replaced_by` are the properties whose change makes another resource; `ask` is set when the cloud is put together.
    """

    type: ClassVar[str] = ""
    name_property: ClassVar[str] = ""
    known: ClassVar[frozenset[str]] = frozenset()
    replaced_by: ClassVar[frozenset[str]] = frozenset()
    has: ClassVar[frozenset[str]] = frozenset()
    reach: ClassVar[Any] = None

    def __init__(self, name: str, properties: Properties, made: Made) -> None:
        self.name, self.properties, self.ref, self.attributes = name, dict(properties), made.ref, dict(made.attributes)

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        """Create it; AwsError in the service's words."""
        raise NotImplementedError(cls.type)

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        """Bring it from the properties `before` to `after`."""
        raise NotImplementedError(cls.type)

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        """Delete it; what is not there any more is no error (see `gone`)."""
        raise NotImplementedError(cls.type)

    @classmethod
    def plain(cls, properties: Properties) -> dict[str, Any]:
        """The properties in the API's types: templates write numbers and truth values as text too."""
        return dict(properties)

    @property
    def physical_resource_id(self) -> str:
        return self.ref

    def get_cfn_attribute(self, name: str) -> Any:
        """The value of `Fn::GetAtt`."""
        if name not in self.attributes:
            from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

            raise UnformattedGetAttTemplateException
        return self.attributes[name]

    def is_created(self) -> bool:
        return True

    def delete(self, account: str, region: str) -> None:
        """Delete this resource; nothing when it is gone already."""
        scope = Scope(account, region)
        try:
            self.remove(self._ask(scope), scope, self.name, self.properties)
        except AwsError as error:
            if not gone(error):
                raise

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.type

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return cls.name_property

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in cls.has

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Properties, account_id: str, region_name: str, **more: Any
    ) -> Any:
        """moto's parser calls this with the resolved properties."""
        scope, properties = Scope(account_id, region_name), cls._read(cloudformation_json)
        made = cls.make(cls._ask(scope), scope, resource_name, properties)
        return cls(resource_name, properties, made)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Properties,
        account_id: str,
        region_name: str,
    ) -> Any:
        """The same for a change; another resource when a property says so."""
        scope, after = Scope(account_id, region_name), cls._read(cloudformation_json)
        before = original_resource.properties
        name = new_resource_name if cls._named(after) else original_resource.name
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        if name != original_resource.name or changed & cls.replaced_by:
            return cls._replace(original_resource, new_resource_name, after, scope)
        if changed:
            cls.change(cls._ask(scope), scope, name, before, after)
        return cls(name, after, Made(original_resource.ref, original_resource.attributes))

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Properties, account_id: str, region_name: str
    ) -> None:
        """moto calls `delete` of the resource itself."""
        raise NotImplementedError(cls.type)

    @classmethod
    def _replace(cls, original: Any, name: str, after: dict[str, Any], scope: Scope) -> Any:
        if name == original.name:
            text = (
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {name} and update the stack again."
            )
            raise AwsError("ValidationError", text)
        made = cls(name, after, cls.make(cls._ask(scope), scope, name, after))
        work = current_work()
        if work is not None:
            work.replaced.append(original)  # deleted when the update has succeeded
        return made

    @classmethod
    def _named(cls, properties: Properties) -> bool:
        return bool(cls.name_property) and cls.name_property in properties

    @classmethod
    def _read(cls, template: Properties) -> dict[str, Any]:
        properties = template.get("Properties") or {}
        unknown = sorted(set(properties) - cls.known)
        if unknown:
            message = f"labkit's local cloud does not carry out {', '.join(unknown)} of {cls.type} in stacks"
            raise AwsError("NotImplemented", message, 501)
        return cls.plain(properties)

    @classmethod
    def _ask(cls, scope: Scope) -> Ask:
        def ask(service: str, operation: str, **params: Any) -> dict[str, Any]:
            given = {name: value for name, value in params.items() if value is not None}
            reply: dict[str, Any] = Resource.reach.ask(scope, service, operation, **given)
            return reply

        return ask


def gone(error: AwsError) -> bool:
    """Whether a refusal says that the resource is not there; Athena has no code of its own for that."""
    if error.code == "InvalidRequestException" and error.message.endswith("is not found."):
        return True
    return error.status == 404 or any(word in error.code for word in _GONE)


def whole(value: Any) -> Any:
    """A number of a template, which may be text."""
    return int(value) if isinstance(value, str) else value


def truth(value: Any) -> Any:
    """A truth value of a template, which may be text."""
    return value.lower() == "true" if isinstance(value, str) else value


def tag_map(tags: Any) -> dict[str, str] | None:
    """Tags as a map, of a template's list or map."""
    if tags is None:
        return None
    pairs = ((tag["Key"], tag["Value"]) for tag in tags) if isinstance(tags, list) else tags.items()
    return {str(key): str(value) for key, value in pairs}


def tag_list(tags: Any) -> list[dict[str, str]] | None:
    """Tags as a list of Key and Value."""
    found = tag_map(tags)
    return None if found is None else [{"Key": key, "Value": value} for key, value in found.items()]


def retag(
    before: Properties, after: Properties, put: Callable[[Any], object], drop: Callable[[list[str]], object]
) -> None:
    """Bring the Tags of a resource from `before` to `after`: `drop` takes names, `put` a map."""
    old, new = tag_map(before.get("Tags")) or {}, tag_map(after.get("Tags")) or {}
    missing = sorted(set(old) - set(new))
    if missing:
        drop(missing)
    if new and new != old:
        put(new)
