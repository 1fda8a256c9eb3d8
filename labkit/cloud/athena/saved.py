"""Named queries and prepared statements."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from labkit.cloud.athena.dialect.parameters import with_values
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.requests import invalid, page
from labkit.cloud.athena.workgroups import WorkGroups
from labkit.cloud.call import AwsError, Call, Handler, Scope

NAMED = "athena-named-query"
PREPARED = "athena-prepared-statement"


class SavedQueries:
    """The calls over both kinds of saved SQL."""

    def __init__(self, services: Any, workgroups: WorkGroups) -> None:
        self._services, self._workgroups = services, workgroups
        self._lock = threading.Lock()

    @property
    def routes(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "CreateNamedQuery": self._create_named, "GetNamedQuery": self._get_named, "BatchGetNamedQuery": self._batch_named,
            "ListNamedQueries": self._list_named, "UpdateNamedQuery": self._update_named, "DeleteNamedQuery": self._delete_named,
            "CreatePreparedStatement": self._create_prepared, "GetPreparedStatement": self._get_prepared,
            "BatchGetPreparedStatement": self._batch_prepared, "ListPreparedStatements": self._list_prepared,
            "UpdatePreparedStatement": self._update_prepared, "DeletePreparedStatement": self._delete_prepared,
        }  # fmt: skip

    def find_prepared(self, scope: Scope, workgroup: str, name: str) -> dict[str, Any] | None:
        """A prepared statement of a workgroup, or None."""
        found: dict[str, Any] | None = self._services.documents.find(PREPARED, scope, f"{workgroup}/{name}")
        return found

    def save_prepared(self, scope: Scope, workgroup: str, name: str, sql: str | None, description: str = "") -> bool:
        """Keep a statement, or drop it when ``sql`` is None; False when there was nothing to drop."""
        key = f"{workgroup}/{name}"
        if sql is None:
            return bool(self._services.documents.delete(PREPARED, scope, key))
        document = {
            "StatementName": name, "QueryStatement": sql, "WorkGroupName": workgroup, "Description": description,
            "LastModifiedTime": self._services.clock().timestamp(),
        }  # fmt: skip
        self._services.documents.put(PREPARED, scope, key, document)
        return True

    def _create_named(self, call: Call) -> dict[str, Any]:
        workgroup, token = call.params.get("WorkGroup") or "primary", call.params.get("ClientRequestToken")
        self._workgroups.find(call.scope, workgroup)
        document = {
            "Name": call.params["Name"], "Description": call.params.get("Description") or "", "Database": call.params["Database"],
            "QueryString": call.params["QueryString"], "WorkGroup": workgroup,
        }  # fmt: skip
        with self._lock:
            before = self._of_token(call.scope, token) if token else None
            if before is None:
                name = str(uuid.uuid4())
                kept = {**document, "NamedQueryId": name, "ClientRequestToken": token}
                self._services.documents.put(NAMED, call.scope, name, kept)
                return {"NamedQueryId": name}
        if any(before[key] != value for key, value in document.items()):
            raise invalid("Idempotent parameters do not match")
        return {"NamedQueryId": before["NamedQueryId"]}

    def _of_token(self, scope: Scope, token: str) -> dict[str, Any] | None:
        kept = self._services.documents.list(NAMED, scope)
        return next((one for _, _, one in kept if one.get("ClientRequestToken") == token), None)

    def _named(self, call: Call) -> dict[str, Any]:
        name = call.params["NamedQueryId"]
        found = self._services.documents.find(NAMED, call.scope, name)
        if found is None:
            raise invalid(f"NamedQuery {name} was not found")
        return dict(found)

    def _get_named(self, call: Call) -> dict[str, Any]:
        return {"NamedQuery": _shown(self._named(call))}

    def _batch_named(self, call: Call) -> dict[str, Any]:
        found, missing = [], []
        for name in call.params["NamedQueryIds"]:
            document = self._services.documents.find(NAMED, call.scope, name)
            if document is None:
                missing.append(
                    {
                        "NamedQueryId": name,
                        "ErrorCode": "INTERNAL_FAILURE",
                        "ErrorMessage": f"NamedQuery {name} was not found",
                    }
                )
            else:
                found.append(_shown(document))
        return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}

    def _list_named(self, call: Call) -> dict[str, Any]:
        workgroup = call.params.get("WorkGroup") or "primary"
        self._workgroups.find(call.scope, workgroup)
        kept = self._services.documents.list(NAMED, call.scope)
        return page(
            [name for _, name, document in kept if document["WorkGroup"] == workgroup], call.params, "NamedQueryIds"
        )

    def _update_named(self, call: Call) -> dict[str, Any]:
        document = self._named(call)
        document.update(Name=call.params["Name"], QueryString=call.params["QueryString"])
        document["Description"] = call.params.get("Description") or ""
        self._services.documents.put(NAMED, call.scope, document["NamedQueryId"], document)
        return {}

    def _delete_named(self, call: Call) -> dict[str, Any]:
        self._services.documents.delete(NAMED, call.scope, self._named(call)["NamedQueryId"])
        return {}

    def _create_prepared(self, call: Call) -> dict[str, Any]:
        name, workgroup = call.params["StatementName"], call.params["WorkGroup"]
        self._workgroups.find(call.scope, workgroup)
        if self.find_prepared(call.scope, workgroup, name) is not None:
            raise invalid(f"PreparedStatement {name} already exists")
        self.save_prepared(
            call.scope, workgroup, name, call.params["QueryStatement"], call.params.get("Description") or ""
        )
        return {}

    def _prepared(self, call: Call) -> dict[str, Any]:
        name, workgroup = call.params["StatementName"], call.params["WorkGroup"]
        found = self.find_prepared(call.scope, workgroup, name)
        if found is None:
            raise AwsError(
                "ResourceNotFoundException", f"PreparedStatement {name} was not found in workGroup {workgroup}"
            )
        return found

    def _get_prepared(self, call: Call) -> dict[str, Any]:
        return {"PreparedStatement": self._prepared(call)}

    def _batch_prepared(self, call: Call) -> dict[str, Any]:
        workgroup = call.params["WorkGroup"]
        found, missing = [], []
        for name in call.params["PreparedStatementNames"]:
            document = self.find_prepared(call.scope, workgroup, name)
            if document is None:
                missing.append(
                    {
                        "StatementName": name,
                        "ErrorCode": "STATEMENT_NOT_FOUND",
                        "ErrorMessage": f"PreparedStatement {name} was not found",
                    }
                )
            else:
                found.append(document)
        return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing}

    def _list_prepared(self, call: Call) -> dict[str, Any]:
        workgroup = call.params["WorkGroup"]
        self._workgroups.find(call.scope, workgroup)
        kept = [
            one
            for _, _, one in self._services.documents.list(PREPARED, call.scope)
            if one["WorkGroupName"] == workgroup
        ]
        shown = [{"StatementName": one["StatementName"], "LastModifiedTime": one["LastModifiedTime"]} for one in kept]
        return page(shown, call.params, "PreparedStatements")

    def _update_prepared(self, call: Call) -> dict[str, Any]:
        found = self._prepared(call)
        description = call.params.get("Description") or found["Description"]
        self.save_prepared(
            call.scope,
            found["WorkGroupName"],
            found["StatementName"],
            call.params["QueryStatement"],
            description,
        )
        return {}

    def _delete_prepared(self, call: Call) -> dict[str, Any]:
        found = self._prepared(call)
        self.save_prepared(call.scope, found["WorkGroupName"], found["StatementName"], None)
        return {}


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    """A NamedQuery as the API shows it."""
    return {key: value for key, value in document.items() if key != "ClientRequestToken"}


def with_parameters(sql: str, values: list[str]) -> str:
    """The text with each ``?`` replaced by its value; InvalidRequestException when it cannot be."""
    try:
        return with_values(sql, values)
    except QueryFailure as failure:
        raise invalid(failure.text) from None
