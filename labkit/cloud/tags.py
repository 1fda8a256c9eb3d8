"""Tags of the Glue resources that engines own; moto keeps them, so TagResource, UntagResource and GetTags work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import Scope


def set_tags(scope: Scope, kind: str, name: str, tags: Mapping[str, str]) -> None:
    """Add tags to a Glue resource of a kind (`job`, `crawler`, `database`)."""
    if tags:
        _backend(scope).tag_resource(_arn(scope, kind, name), dict(tags))


def clear_tags(scope: Scope, kind: str, name: str) -> None:
    """Forget the tags of a Glue resource that is gone."""
    _backend(scope).tagger.delete_all_tags_for_resource(_arn(scope, kind, name))


def get_tags(scope: Scope, kind: str, name: str) -> dict[str, str]:
    """The tags of a Glue resource; empty when it has none."""
    return dict(_backend(scope).get_tags(_arn(scope, kind, name)))


def drop_tags(scope: Scope, kind: str, name: str) -> None:
    """Take every tag off a Glue resource that is deleted: one made later under its name has none."""
    keys = list(get_tags(scope, kind, name))
    if keys:
        _backend(scope).untag_resource(_arn(scope, kind, name), keys)


def _arn(scope: Scope, kind: str, name: str) -> str:
    return f"arn:aws:glue:{scope.region}:{scope.account}:{kind}/{name}"


def _backend(scope: Scope) -> Any:
    from moto.glue.models import glue_backends

    return glue_backends[scope.account][scope.region]
