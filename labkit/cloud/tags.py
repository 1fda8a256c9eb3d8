"""Tags of the Glue resources that engines own; moto keeps them, so TagResource, UntagResource and GetTags work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.cloud.call import Scope

_changed: Callable[[str, str, str], None] | None = None


def use_marker(changed: Callable[[str, str, str], None]) -> None:
    """Set what is told of a change: moto's part of a call that an engine answers would not be written to disk otherwise."""
    global _changed
    _changed = changed


def set_tags(scope: Scope, kind: str, name: str, tags: Mapping[str, str]) -> None:
    """Add tags to a Glue resource of a kind (`job`, `crawler`, `database`)."""
    if tags:
        _backend(scope).tag_resource(_arn(scope, kind, name), dict(tags))
        _mark(scope)


def get_tags(scope: Scope, kind: str, name: str) -> dict[str, str]:
    """The tags of a Glue resource; empty when it has none."""
    return dict(_backend(scope).get_tags(_arn(scope, kind, name)))


def clear_tags(scope: Scope, kind: str, name: str) -> None:
    """Take every tag off a Glue resource that is deleted: one made later under its name has none."""
    if get_tags(scope, kind, name):
        _backend(scope).tagger.delete_all_tags_for_resource(_arn(scope, kind, name))
        _mark(scope)


def _mark(scope: Scope) -> None:
    if _changed is not None:
        _changed("glue", scope.account, scope.region)


def _arn(scope: Scope, kind: str, name: str) -> str:
    return f"arn:aws:glue:{scope.region}:{scope.account}:{kind}/{name}"


def _backend(scope: Scope) -> Any:
    from moto.glue.models import glue_backends

    return glue_backends[scope.account][scope.region]
