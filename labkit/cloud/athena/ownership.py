"""Which workgroup a query or a named query belongs to, and which tags a resource has: what permissions to them are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.athena.history import History
from labkit.cloud.athena.saved import NAMED
from labkit.cloud.athena.tagging import KIND
from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.requests.kept import use_work_groups
from labkit.cloud.identity.requests.kept_tags import use_athena_tags


def tell_permissions(services: Any, history: History) -> None:
    """Let the checks of permissions look executions, named queries and tags up here."""

    def work_group_of(kind: str, identifier: str, account: str, region: str) -> str | None:
        scope = Scope(account, region)
        if kind == "named":
            document = services.documents.find(NAMED, scope, identifier)
            return None if document is None else str(document["WorkGroup"])
        try:
            return history.find(scope, identifier).workgroup
        except AwsError:
            return None

    def tags_of(resource: str, account: str, region: str) -> Mapping[str, str]:
        return services.documents.find(KIND, Scope(account, region), resource) or {}

    use_work_groups(work_group_of)
    use_athena_tags(tags_of)
