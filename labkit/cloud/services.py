"""What every engine is built with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache, partial
from pathlib import Path

from labkit.cloud.call import Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog.storage import Storage
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.event_bus.port import Emit, EventPort, emit_nowhere
from labkit.cloud.hooks import ACCOUNT
from labkit.cloud.identity.authorizer import Authorizer, Guard, Origin
from labkit.cloud.identity.callers import find_caller
from labkit.cloud.logbook import Logbook
from labkit.cloud.logs.storage import LogStorage
from labkit.cloud.metrics.recorder import Recorder
from labkit.cloud.metrics.storage import SCHEMA as METRICS_SCHEMA
from labkit.cloud.metrics.storage import MetricStorage
from labkit.cloud.roles import RoleCredentials, child_env, role_credentials, role_principal, role_trusts
from labkit.cloud.snapshot import Snapshots
from labkit.cloud.store import Store
from labkit.cloud.trail.engine import Trail, build_trail, service_of_session
from labkit.cloud.trail.recorder import Recorder as Happenings


@dataclass(frozen=True)
class Services:
    """The local cloud's own services, for the engines; `clock` gives an aware UTC time.

    `guard` is what the signer of an access key may do in a scope; its last argument names the AWS service that acts for the signer
    (`athena.amazonaws.com`), None when the signer acts. `role_guard` is what a service may do that has taken on a role (by ARN or name).
    `happenings.note` tells `labkit events` what an engine did. `emit` puts an event of a service on the default event bus.
    What `changed` was told of before `written_until()` (`time.monotonic`) is on disk.
    """

    store: Store
    documents: Documents
    state_dir: Path
    scratch_dir: Path
    endpoint_url: str
    catalog: Callable[[Scope], Catalog]
    logs: Callable[[Scope], Logbook]
    log_storage: LogStorage
    metrics: Callable[[Scope], Recorder]
    metric_storage: MetricStorage
    authorizer: Authorizer
    guard: Callable[[str | None, Scope, str | None], Guard]
    role_guard: Callable[[str, str, Scope], Guard]
    role_credentials: Callable[[str, str, Scope], RoleCredentials]
    role_trusts: Callable[[str, str, Scope], bool]
    child_env: Callable[[RoleCredentials, str], dict[str, str]]
    changed: Callable[[str, str, str], None]
    trail: Trail
    happenings: Happenings
    clock: Callable[[], datetime]
    written_until: Callable[[], float] = time.monotonic
    emit: Emit = emit_nowhere
    events: EventPort | None = None


def build_services(
    documents: Documents, snapshots: Snapshots, state_dir: Path, scratch_dir: Path, endpoint_url: str
) -> Services:
    """Wire the services of one running cloud."""
    events = EventPort(_now)
    log_storage = LogStorage(state_dir / "logs.db")
    metric_storage = MetricStorage(Database(state_dir / "metrics.db", METRICS_SCHEMA))
    authorizer = Authorizer(ACCOUNT, _now)
    trail = build_trail(state_dir, ACCOUNT, find_caller)
    home = state_dir / "home"
    home.mkdir(exist_ok=True)
    return Services(
        store=Store(),
        documents=documents,
        state_dir=state_dir,
        scratch_dir=scratch_dir,
        endpoint_url=endpoint_url,
        catalog=cache(lambda scope: Catalog(Storage(documents, scope), _now, events.emit)),
        logs=cache(lambda scope: Logbook(scope, log_storage, lambda: _mark_logs(snapshots, scope))),
        log_storage=log_storage,
        metrics=cache(lambda scope: Recorder(metric_storage, scope)),
        metric_storage=metric_storage,
        authorizer=authorizer,
        guard=partial(_guard, authorizer),
        role_guard=partial(_role_guard, authorizer),
        role_credentials=partial(_assume, snapshots, trail),
        role_trusts=role_trusts,
        child_env=lambda credentials, region: child_env(credentials, region, endpoint_url, home),
        changed=snapshots.mark,
        trail=trail,
        happenings=trail.recorder,
        clock=_now,
        written_until=snapshots.written_until,
        emit=events.emit,
        events=events,
    )


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _mark_logs(snapshots: Snapshots, scope: Scope) -> None:
    snapshots.mark("logs", scope.account, scope.region)


def _guard(authorizer: Authorizer, access_key: str | None, scope: Scope, service: str | None) -> Guard:
    return Guard(authorizer, authorizer.caller(access_key), Origin(scope.region, service=service))


def _role_guard(authorizer: Authorizer, role: str, session_name: str, scope: Scope) -> Guard:
    return Guard(authorizer, role_principal(role, session_name, scope), Origin(scope.region))


def _assume(snapshots: Snapshots, trail: Trail, role: str, session: str, scope: Scope) -> RoleCredentials:
    credentials = role_credentials(role, session, scope, snapshots.mark)
    service = service_of_session(session)
    trail.recorder.assumed(credentials.role_arn, session, credentials.access_key, scope, service)
    return credentials
