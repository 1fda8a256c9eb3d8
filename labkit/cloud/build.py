"""Putting one cloud together: storage, services, engines, and the front that dispatches to them."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud import hooks, tags
from labkit.cloud.call import Scope
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.info import CloudInfo
from labkit.cloud.jobs.names import is_driver_name
from labkit.cloud.objects import Shelf
from labkit.cloud.scratch import new_scratch
from labkit.cloud.snapshot import Snapshots

if TYPE_CHECKING:
    from labkit.cloud.app import RestHandler
    from labkit.cloud.engines import Engines
    from labkit.cloud.identity.authorizer import Guard
    from labkit.cloud.request import AwsRequest
    from labkit.cloud.services import Services
    from labkit.cloud.stacks.asking import Reach

_PATIENCE_S = 3.0
# Any static key that the account did not issue is the student's.
STUDENT_KEY = "test"


@dataclass(frozen=True)
class Cloud:
    """A cloud ready to be served; `start` lets the engines begin, `stop` ends them and saves everything,
    `abandon` ends the process at once because its state folder is gone.
    """

    app: Callable[..., Iterable[bytes]]
    start: Callable[[], None]
    stop: Callable[[], None]
    abandon: Callable[[], None]


def build_cloud(info: CloudInfo) -> Cloud:
    """Load the state of a folder and wire the engines; the HTTP server is the caller's."""
    state = info.state_dir
    database = Database(state / "cloud.db")
    shelf = Shelf(state / "objects", database)
    hooks.install(shelf)
    hooks.install_sessions()
    hooks.install_iam()
    hooks.install_document_checks()
    snapshots = Snapshots(state / "aws")
    snapshots.load()
    tags.use_marker(snapshots.mark)
    _load_objects(shelf)
    return _wire(info, database, shelf, snapshots)


def _load_objects(shelf: Shelf) -> None:
    from moto.s3.models import s3_backends

    backend = s3_backends[hooks.ACCOUNT]["aws"]
    for bucket in backend.buckets.values():
        s3_backends.bucket_accounts[bucket.name] = ("aws", hooks.ACCOUNT)
    shelf.load(backend.buckets)


def _wire(info: CloudInfo, database: Database, shelf: Shelf, snapshots: Snapshots) -> Cloud:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from labkit.cloud.app import Front, Ways
    from labkit.cloud.engines import build_engines
    from labkit.cloud.gateway.files import Files
    from labkit.cloud.gateway.mounts import Mounts
    from labkit.cloud.gateway.wsgi import Gateway
    from labkit.cloud.identity.gate import Gate
    from labkit.cloud.services import build_services
    from labkit.cloud.stacks.asking import Reach

    scratch = new_scratch(info.state_dir)
    services = build_services(Documents(database), snapshots, info.state_dir, scratch, info.endpoint_url)
    engines = build_engines(services)
    files = Files(engines.s3_requests.store(), info.state_dir / "work", scratch / "warm")
    gateway = Gateway(files, Mounts(services.store), lambda user: _gateway_guard(user, services, engines))
    internal = {"/_labkit/health": lambda _: _health(info), **services.trail.internal, **engines.internal}
    moto = DomainDispatcherApplication(create_backend_app)
    reach = Reach(services.role_credentials, services.endpoint_url)
    ways = Ways(
        engines.routes,
        (_ready_stacks(services, reach), *engines.rest),
        internal,
        gateway,
        engines.caller_of_driver,
        moto,
    )
    app = Front(ways, shelf, snapshots, Gate(services.authorizer), services.trail.recorder)
    reach.front = app
    life = _Life(services, engines, shelf, snapshots, database)
    return Cloud(engines.s3_requests.watch(app), life.start, life.stop, life.abandon)


def _ready_stacks(services: Services, reach: Reach) -> RestHandler:
    """Extends moto's CloudFormation before its first call, and not before: it imports half of moto, 4 s and 150 MB."""
    installing = threading.Lock()
    installed: list[bool] = []

    def look(request: AwsRequest, environ: dict[str, Any], start_response: Any) -> None:
        if request.service != "cloudformation" or installed:
            return
        with installing:
            if not installed:
                hooks.install_stacks(services.authorizer, reach, services.changed)
                installed.append(True)

    return look


class _Life:
    """The beginnings and ends of one cloud."""

    def __init__(
        self, services: Services, engines: Engines, shelf: Shelf, snapshots: Snapshots, database: Database
    ) -> None:
        self._services = services
        self._engines = engines
        self._shelf = shelf
        self._snapshots = snapshots
        self._database = database

    def start(self) -> None:
        self._snapshots.start()
        self._services.trail.recorder.start()
        self._engines.start()

    def stop(self) -> None:
        self._engines.stop()
        self._shelf.flush()
        self._shelf.sweep(0)
        self._snapshots.stop()
        self._services.trail.recorder.stop()
        self._services.log_storage.close()
        self._database.close()
        shutil.rmtree(self._services.scratch_dir, ignore_errors=True)

    def abandon(self) -> None:
        ending = threading.Timer(_PATIENCE_S, os._exit, (0,))  # an engine that cannot stop without its folder
        ending.daemon = True
        ending.start()
        self._engines.stop()
        shutil.rmtree(self._services.scratch_dir, ignore_errors=True)
        os._exit(0)


def _gateway_guard(user: str, services: Services, engines: Engines) -> Guard:
    """A Spark driver of a job acts as the job's role; any other Hadoop client, a notebook's Spark, is the student's."""
    key = engines.caller_of_driver(user)
    # A driver that has no order yet, or none any more, has no role.
    nobody = key is None and is_driver_name(user)
    scope = Scope(hooks.ACCOUNT, "us-east-1")
    return services.guard(None if nobody else key or STUDENT_KEY, scope, None)


def _health(info: CloudInfo) -> dict[str, Any]:
    return {"pid": info.pid, "version": info.version, "started_at": info.started_at}
