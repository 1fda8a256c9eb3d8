"""Tags of workgroups (and of the one data catalog)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from labkit.cloud.athena.requests import invalid, page
from labkit.cloud.call import AwsError, Call, Handler, Scope

KIND = "athena-tags"
_ARN = re.compile(r"arn:aws[a-z-]*:athena:([a-z0-9-]+):(\d{12}):((?:workgroup|datacatalog)/.+)")
_MOST = 50


class Tags:
    """Tags by resource, such as ``workgroup/name``; ``exists`` tells whether there is such a resource."""

    def __init__(self, services: Any) -> None:
        self._services = services

    @property
    def routes(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._list,
        }

    def add(self, scope: Scope, resource: str, tags: Iterable[dict[str, str]]) -> None:
        """Add tags, or replace the values of those that are there."""
        given = {one["Key"]: one.get("Value", "") for one in tags}
        if not given:
            return
        if any(key.lower().startswith("aws:") for key in given):
            raise invalid("Tag keys that start with 'aws:' are reserved")
        merged = {**self._of(scope, resource), **given}
        if len(merged) > _MOST:
            raise invalid(f"Number of tags exceeds the limit of {_MOST}")
        self._services.documents.put(KIND, scope, resource, merged)

    def drop(self, scope: Scope, resource: str) -> None:
        """Forget the tags of a resource that is deleted."""
        self._services.documents.delete(KIND, scope, resource)

    def _of(self, scope: Scope, resource: str) -> dict[str, str]:
        return dict(self._services.documents.find(KIND, scope, resource) or {})

    def _resource(self, call: Call) -> str:
        arn = call.params["ResourceARN"]
        found = _ARN.fullmatch(arn)
        if not found:
            raise invalid(f"Invalid resource ARN: {arn}")
        resource = found.group(3)
        kind, name = resource.split("/", 1)
        here = (found.group(1), found.group(2)) == (call.scope.region, call.scope.account)
        known = name.lower() == "awsdatacatalog" if kind == "datacatalog" else self._has_workgroup(call.scope, name)
        if not here or not known:
            raise AwsError("ResourceNotFoundException", f"Resource {arn} was not found", fields={"ResourceName": arn})
        return resource

    def _has_workgroup(self, scope: Scope, name: str) -> bool:
        return name == "primary" or self._services.documents.find("athena-workgroup", scope, name) is not None

    def _tag(self, call: Call) -> dict[str, Any]:
        self.add(call.scope, self._resource(call), call.params["Tags"])
        return {}

    def _untag(self, call: Call) -> dict[str, Any]:
        resource = self._resource(call)
        gone = set(call.params["TagKeys"])
        left = {key: value for key, value in self._of(call.scope, resource).items() if key not in gone}
        self._services.documents.put(KIND, call.scope, resource, left)
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        tags = self._of(call.scope, self._resource(call))
        return page([{"Key": key, "Value": value} for key, value in tags.items()], call.params, "Tags", 75)
