"""The map of a notebook: what one refresh costs, and how long after a change it shows it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.clouds import running_cloud
from benchmarks.measure import Number, median, timed
from labkit.aws.session import Clients
from labkit.cloud.info import CloudInfo
from labkit.settings import Settings, read_settings, with_endpoint
from labkit.ui.map_watch import MapWatch
from labkit.ui.pipeline_map import PipelineMap, read_map

_LABKIT = Path(sys.executable).with_name("labkit")
_OBJECTS = 500


def refresh() -> list[Number]:
    """A whole refresh of the finished lab, drawn, without and with many more objects; and the delay of a change."""
    with running_cloud() as cloud:
        settings = _build_lab(cloud)
        clients = Clients(settings.target)
        small = _refreshes(clients, settings)
        delays = _changes(clients, settings)
        for number in range(_OBJECTS):
            clients.s3.put_object(Bucket=settings.names.raw_bucket, Key=f"otro/{number:05d}", Body=b"x")
        large = _refreshes(clients, settings)
    return [
        median("map: one refresh, read and drawn", small, "ms", 150.0),
        median(f"map: the same with {_OBJECTS:,} more objects", large, "ms"),
        median("map: put_object to the change being drawn", delays, "ms", 500.0),
        Number("map: the longest of them", max(delays), "ms", 500.0, delays),
    ]


def _build_lab(cloud: CloudInfo) -> Settings:
    environ = {**os.environ, "LABKIT_STATE": str(cloud.state_dir)}
    command = [str(_LABKIT), "run"]
    subprocess.run(command, check=True, capture_output=True, env=environ, cwd=cloud.state_dir.parent)
    return with_endpoint(read_settings({}, cloud.state_dir), cloud.endpoint_url)


def _refreshes(clients: Clients, settings: Settings) -> list[float]:
    draw = lambda: read_map(clients, settings.names)._repr_html_()  # noqa: E731
    draw()
    return [timed(draw) * 1000 for _ in range(20)]


def _changes(clients: Clients, settings: Settings) -> list[float]:
    """Milliseconds from the call of put_object to a map that counts the object."""
    drawn: queue.Queue[Any] = queue.Queue()

    def draw(state: Any) -> None:
        PipelineMap(state, settings.names)._repr_html_()
        drawn.put(state.raw.objects)

    watch = MapWatch(clients, settings.names, draw)
    watch.start()
    count = drawn.get()
    delays = []
    for number in range(20):
        begun = time.perf_counter()
        clients.s3.put_object(Bucket=settings.names.raw_bucket, Key=f"cambio/{number}", Body=b"x")
        while drawn.get() == count + number:
            pass
        delays.append((time.perf_counter() - begun) * 1000)
    watch.stop()
    watch.join()
    return delays
