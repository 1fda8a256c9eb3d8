"""Tags of log groups, which moto keeps (Resource Groups Tagging sees them there)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.logs.models import logs_backends

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.logs.checks import check_text, constraint, group_name
from labkit.cloud.logs.groups import get_group, name_of

_MOST_TAGS = 50


class Tagging:
    """TagResource and its like, by ARN; TagLogGroup and its like, by name."""

    def __init__(self, changed: Callable[[Scope], None]) -> None:
        self._changed = changed

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls about tags."""
        return {
            "TagResource": lambda call: self._tag(call, _by_arn(call)),
            "TagLogGroup": lambda call: self._tag(call, _by_name(call)),
            "UntagResource": lambda call: self._untag(call, _by_arn(call), "tagKeys"),
            "UntagLogGroup": lambda call: self._untag(call, _by_name(call), "tags"),
            "ListTagsForResource": lambda call: {"tags": _tags(call.scope, _by_arn(call))},
            "ListTagsLogGroup": lambda call: {"tags": _tags(call.scope, _by_name(call))},
        }

    def _tag(self, call: Call, arn: str) -> dict[str, Any]:
        tags = call.params.get("tags")
        if not isinstance(tags, dict) or not tags:
            raise constraint(None, "tags", "Member must not be null")
        for key, value in tags.items():
            check_text(key, "tags.key", 1, 128)
            check_text(value, "tags.value", 0, 256)
        if len(_tags(call.scope, arn) | tags) > _MOST_TAGS:
            raise AwsError(
                "TooManyTagsException",
                f"A resource can have no more than {_MOST_TAGS} tags.",
                fields={"resourceName": arn},
            )
        logs_backends[call.scope.account][call.scope.region].tag_resource(arn, tags)
        self._changed(call.scope)
        return {}

    def _untag(self, call: Call, arn: str, name: str) -> dict[str, Any]:
        keys = call.params.get(name)
        if not isinstance(keys, list):
            raise constraint(None, name, "Member must not be null")
        logs_backends[call.scope.account][call.scope.region].untag_resource(arn, [str(key) for key in keys])
        self._changed(call.scope)
        return {}


def _by_arn(call: Call) -> str:
    arn = check_text(call.params.get("resourceArn"), "resourceArn", 1, 1011)
    return str(get_group(call.scope, name_of(arn)).arn.removesuffix(":*"))


def _by_name(call: Call) -> str:
    return str(get_group(call.scope, group_name(call.params.get("logGroupName"))).arn.removesuffix(":*"))


def _tags(scope: Scope, arn: str) -> dict[str, str]:
    return dict(logs_backends[scope.account][scope.region].list_tags_for_resource(arn))
