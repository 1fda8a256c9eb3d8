"""One local cloud for the whole session, and clients of it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class RunningCloud(Protocol):
    pid: int
    port: int
    endpoint_url: str
    state_dir: Path


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("cloud")
            # Every test of these modules runs Spark jobs, seconds each: with every change only those that are marked quick.
            if item.path.name.startswith("test_glue_") and item.get_closest_marker("quick") is None:
                item.add_marker("slow")


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A cloud of this session's own, on a free port, in a folder whose name is as awkward as a student's."""
    from labkit.cloud import daemon

    state_dir = tmp_path_factory.mktemp("nube de la señora")
    os.environ["LABKIT_WARM_DRIVER"] = "started"  # work in advance would take the processor from the other tests
    info = daemon.up(state_dir, port=None, ephemeral=True)
    try:
        yield info
    finally:
        daemon.down(state_dir)


@pytest.fixture(scope="session")
def aws(cloud: RunningCloud) -> Callable[[str], Any]:
    """`aws("s3")` is a boto3 client of the session's cloud; clients are shared, as boto3 allows."""
    import boto3
    from botocore.config import Config

    # No retries: a server error must show in the test that met it, at once.
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=120)
    session = boto3.Session(region_name="us-east-1")

    @cache
    def client(service: str) -> Any:
        return session.client(service, endpoint_url=cloud.endpoint_url, config=config)

    return client
