"""Tags of functions and of event source mappings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.constraints import validation_error
from labkit.cloud.functions.api.mappings import Mappings
from labkit.cloud.functions.api.names import read_name
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_here, refuse

_MAX_TAGS = 50
_MAPPING = re.compile(r"arn:aws:lambda:[^:]+:\d+:event-source-mapping:(?P<uuid>.+)")
_ONLY_FUNCTIONS = (
    "Tagging operations are permitted on Lambda functions only. Tags on aliases and versions are not supported. "
    "Please specify either a function name or a function ARN."
)


def check_tags(tags: Mapping[str, str]) -> None:
    """AwsError for keys that only AWS itself may set."""
    reserved = [key for key in tags if key.lower().startswith("aws:")]
    if reserved:
        raise refuse(f"Tag keys starting with 'aws:' are reserved for internal use: {', '.join(reserved)}")


@dataclass(frozen=True)
class TagCalls:
    """ListTags, TagResource, UntagResource."""

    mappings: Mappings

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"ListTags": self.list_tags, "TagResource": self.tag, "UntagResource": self.untag}

    def list_tags(self, request: Request) -> Reply:
        return Reply({"Tags": self._read(request)})

    def tag(self, request: Request) -> Reply:
        if not request.params["Tags"]:
            raise refuse("An error occurred and the request cannot be processed.")
        check_tags(request.params["Tags"])
        tags = {**self._read(request), **request.params["Tags"]}
        if len(tags) > _MAX_TAGS:
            raise refuse("Number of tags exceeds resource tag limit.")
        self._write(request, tags)
        return Reply(status=204)

    def untag(self, request: Request) -> Reply:
        if not request.params.get("TagKeys"):
            raise validation_error(["Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"])
        tags = {key: value for key, value in self._read(request).items() if key not in request.params["TagKeys"]}
        self._write(request, tags)
        return Reply(status=204)

    def _read(self, request: Request) -> dict[str, str]:
        found = self._resource(request)
        tags: dict[str, str] = dict(found.get("Tags") or {}) if isinstance(found, dict) else dict(found.tags or {})
        return tags

    def _write(self, request: Request, tags: dict[str, str]) -> None:
        found = self._resource(request)
        if isinstance(found, dict):
            self.mappings.save(request.scope, {**found, "Tags": tags})
        else:
            found.tags = tags

    def _resource(self, request: Request) -> Any:
        arn = request.params["Resource"]
        if match := _MAPPING.fullmatch(arn):
            return self.mappings.get(request.scope, match["uuid"])
        if ":function:" not in arn:
            raise not_here(f"tags of {arn}")
        name = read_name(arn, request.scope)
        if name.qualifier is not None:
            raise refuse(_ONLY_FUNCTIONS)
        return store.get_latest(name)
