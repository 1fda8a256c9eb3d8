"""Saved queries: `PutQueryDefinition` and its like."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.logs.checks import bounded, check_text
from labkit.cloud.logs.pages import page

if TYPE_CHECKING:
    from labkit.cloud.documents import Documents

_KIND = "log-query-definition"


class Definitions:
    """Saved queries, by id."""

    def __init__(self, documents: Documents, now_ms: Callable[[], int]) -> None:
        self._documents = documents
        self._now_ms = now_ms

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls about saved queries."""
        return {
            "PutQueryDefinition": self.put,
            "DescribeQueryDefinitions": self.describe,
            "DeleteQueryDefinition": self.delete,
        }

    def put(self, call: Call) -> dict[str, Any]:
        """PutQueryDefinition: a new one, or another text for an old one."""
        params = call.params
        name = check_text(params.get("name"), "name", 1, 255)
        text = check_text(params.get("queryString"), "queryString", 1, 10_000)
        found = params.get("queryDefinitionId")
        if found is not None and self._documents.find(_KIND, call.scope, str(found)) is None:
            raise AwsError("ResourceNotFoundException", "The specified query definition does not exist.")
        made = str(found or uuid.uuid4())
        document = {
            "queryLanguage": params.get("queryLanguage") or "CWLI",
            "queryDefinitionId": made,
            "name": name,
            "queryString": text,
            "lastModified": self._now_ms(),
            "logGroupNames": params.get("logGroupNames") or [],
        }
        self._documents.put(_KIND, call.scope, made, document)
        return {"queryDefinitionId": made}

    def describe(self, call: Call) -> dict[str, Any]:
        """DescribeQueryDefinitions, by name."""
        prefix = call.params.get("queryDefinitionNamePrefix") or ""
        found = [body for _, _, body in self._documents.list(_KIND, call.scope) if body["name"].startswith(prefix)]
        found.sort(key=_key)
        shown, more = page(found, _key, call.params.get("nextToken"), bounded(call.params, "maxResults", 1000, 1000))
        return {"queryDefinitions": shown, **more}

    def delete(self, call: Call) -> dict[str, Any]:
        """DeleteQueryDefinition."""
        name = check_text(call.params.get("queryDefinitionId"), "queryDefinitionId", 0, 256)
        if not self._documents.delete(_KIND, call.scope, name):
            raise AwsError("ResourceNotFoundException", "The specified query definition does not exist.")
        return {"success": True}


def _key(document: dict[str, Any]) -> tuple[str, str]:
    return document["name"], document["queryDefinitionId"]
