"""A shelf and a store in a temporary folder: moto's S3 in this process, no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from labkit.cloud.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty S3 with one bucket, `lab`; its events go nowhere."""
    from labkit.cloud import hooks

    hooks.set_environment()
    from moto.s3.models import s3_backends

    from labkit.cloud.database import Database
    from labkit.cloud.objects import Shelf
    from labkit.cloud.store import Store

    hooks.install(Shelf(tmp_path / "objects", Database(tmp_path / "cloud.db")))
    hooks.route_events(lambda *event: None)
    backend = s3_backends[hooks.ACCOUNT]["aws"]
    backend.create_bucket("lab", "us-east-1")
    yield Store()
    backend.buckets.clear()
    s3_backends.bucket_accounts.clear()
