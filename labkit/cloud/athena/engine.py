"""The Athena engine: every call it answers, its start and its end."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from labkit.cloud.athena.execution import Executions
from labkit.cloud.athena.history import History
from labkit.cloud.athena.metadata import CatalogMetadata
from labkit.cloud.athena.ownership import tell_permissions
from labkit.cloud.athena.refused import ABSENT, refusals
from labkit.cloud.athena.saved import SavedQueries
from labkit.cloud.athena.session import SPARES, Sessions
from labkit.cloud.athena.tagging import Tags
from labkit.cloud.athena.validation import check_request
from labkit.cloud.athena.workgroups import WorkGroups
from labkit.cloud.call import Call, Handler

# How long a thread may keep the interpreter to itself. Queries may run functions in Python (python_functions.py); with the usual 5 ms
# an S3 call, which takes the interpreter some twenty times, would wait half a second while four such queries run.
_SWITCH_S = 0.0005


class AthenaEngine:
    """Athena over the local store and catalog; ``spare_sessions`` are kept ready for queries to come."""

    def __init__(self, services: Any, spare_sessions: int = SPARES) -> None:
        self._services = services
        history, tags = History(services), Tags(services)
        tell_permissions(services, history)
        workgroups = WorkGroups(services, history, tags)
        saved = SavedQueries(services, workgroups)
        self._executions = Executions(services, history, workgroups, saved, Sessions(spare_sessions))
        owners = (self._executions, workgroups, saved, CatalogMetadata(services), tags)
        routes = {action: _checked(handler) for owner in owners for action, handler in owner.routes.items()}
        routes.update(refusals(ABSENT))
        self.routes: dict[tuple[str, str], Handler] = {("athena", action): one for action, one in routes.items()}

    def start(self) -> None:
        """Recover: executions that were running when the process died become FAILED."""
        sys.setswitchinterval(_SWITCH_S)
        shutil.rmtree(Path(self._services.state_dir) / "athena", ignore_errors=True)  # scratch of a dead process
        self._executions.recover()

    def warm(self) -> None:
        """Import DuckDB and sqlglot and open a session; call it from a thread once the cloud is up."""
        check_request("GetQueryExecution", {"QueryExecutionId": "x"})  # loads AWS's model
        self._executions.warm()

    def stop(self) -> None:
        """Interrupt running queries, and wait until no thread of the engine is inside DuckDB."""
        self._executions.close()


def _checked(handler: Handler) -> Handler:
    """The handler, behind the checks that AWS makes of any request."""

    def answer(call: Call) -> dict[str, Any]:
        check_request(call.action, call.params)
        return handler(call)

    return answer
