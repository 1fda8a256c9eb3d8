"""Putting one cloud together: storage, services, engines, and the front that dispatches to them."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from labkit.cloud import hooks, tags
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.info import CloudInfo
from labkit.cloud.objects import Shelf
from labkit.cloud.scratch import new_scratch
from labkit.cloud.snapshot import Snapshots

_PATIENCE_S = 3.0


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

    from labkit.cloud.app import Front
    from labkit.cloud.engines import build_engines
    from labkit.cloud.gateway.files import Files
    from labkit.cloud.gateway.mounts import Mounts
    from labkit.cloud.gateway.wsgi import Gateway
    from labkit.cloud.services import build_services

    scratch = new_scratch(info.state_dir)
    services = build_services(Documents(database), snapshots, info.state_dir, scratch, info.endpoint_url)
    engines = build_engines(services)
    gateway = Gateway(Files(services.store, info.state_dir / "work", scratch / "warm"), Mounts(services.store))
    internal = {"/_labkit/health": lambda _: _health(info), **engines.internal}
    moto_app = DomainDispatcherApplication(create_backend_app)
    caller = engines.caller_of_driver
    app = Front(engines.routes, engines.rest, internal, gateway, caller, moto_app, shelf, snapshots)

    def start() -> None:
        snapshots.start()
        engines.start()

    def stop() -> None:
        engines.stop()
        shelf.flush()
        shelf.sweep(0)
        snapshots.stop()
        database.close()
        shutil.rmtree(scratch, ignore_errors=True)

    def abandon() -> None:
        ending = threading.Timer(_PATIENCE_S, os._exit, (0,))  # an engine that cannot stop without its folder
        ending.daemon = True
        ending.start()
        engines.stop()
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)

    return Cloud(app, start, stop, abandon)


def _health(info: CloudInfo) -> dict[str, Any]:
    return {"pid": info.pid, "version": info.version, "started_at": info.started_at}
