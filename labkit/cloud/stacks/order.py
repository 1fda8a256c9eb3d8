"""In which order the resources of a template are made: what a resource names, or depends on, comes before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.cloud.call import AwsError

_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")
_PSEUDO = "AWS::"


def in_order(template: Mapping[str, Any]) -> list[str]:
    """The logical names of a template's resources; AwsError ValidationError for a name that is not there, or a circle."""
    resources = template.get("Resources") or {}
    known = {*resources, *(template.get("Parameters") or {})}
    ordered: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        if name in open_:
            circle = ", ".join(sorted(open_[open_.index(name) :]))
            raise AwsError("ValidationError", f"Circular dependency between resources: [{circle}]")
        open_.append(name)
        for other in named(resources[name]):
            if other not in known:
                text = f"Unresolved resource dependencies [{other}] in the Resources block of the template"
                raise AwsError("ValidationError", f"Template format error: {text}")
            if other in resources:
                visit(other)
        open_.pop()
        ordered.append(name)

    for name in resources:
        visit(name)
    return ordered


def named(resource: Mapping[str, Any]) -> list[str]:
    """What a resource names: in DependsOn, Ref, Fn::GetAtt and Fn::Sub; pseudo parameters apart."""
    depends = resource.get("DependsOn") or []
    first = [depends] if isinstance(depends, str) else list(depends)
    return [name for name in [*first, *references(resource.get("Properties"))] if not name.startswith(_PSEUDO)]


def references(value: Any) -> Iterator[str]:
    """Every name in Ref, Fn::GetAtt and Fn::Sub below a value."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        if key == "Ref":
            yield str(item)
        elif key == "Fn::GetAtt":
            yield str(item[0] if isinstance(item, list) else str(item).split(".")[0])
        elif key == "Fn::Sub":
            text, given = (item[0], item[1]) if isinstance(item, list) else (item, {})
            yield from (name for name in _IN_TEXT.findall(str(text)) if name not in given)
            yield from references(given)
        else:
            yield from references(item)
