"""What the worker tells the plug-in in nbval's process: a JSON file that the kernel cannot see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.settings import Settings, read_settings


@dataclass(frozen=True)
class Orders:
    """`checks`: cell id → task. `kernel_prefix` walls the kernel in.

    `environ` gives the settings that a check reckons with, in `folder`, which is the grader's; `state` is the student's, where the
    journal lies. `cloud_pid` is the process that everything at `endpoint_url` is believed of.
    """

    checks: Mapping[str, str]
    kernel_prefix: tuple[str, ...]
    environ: Mapping[str, str]
    folder: Path
    state: Path
    endpoint_url: str
    cloud_pid: int
    results: Path
    ask_s: float = 20.0

    @property
    def settings(self) -> Settings:
        return read_settings(self.environ, self.folder)


def write_orders(path: Path, orders: Orders) -> None:
    """Write the file that `read_orders` reads."""
    document = {
        "checks": dict(orders.checks),
        "kernel_prefix": list(orders.kernel_prefix),
        "environ": dict(orders.environ),
        "folder": str(orders.folder),
        "state": str(orders.state),
        "cloud_pid": orders.cloud_pid,
        "endpoint_url": orders.endpoint_url,
        "results": str(orders.results),
        "ask_s": orders.ask_s,
    }
    path.write_text(json.dumps(document), encoding="utf-8")


def read_orders(path: Path) -> Orders:
    """The orders in a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Orders(
        document["checks"],
        tuple(document["kernel_prefix"]),
        document["environ"],
        Path(document["folder"]),
        Path(document["state"]),
        document["endpoint_url"],
        document["cloud_pid"],
        Path(document["results"]),
        document["ask_s"],
    )
