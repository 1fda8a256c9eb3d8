"""What the doctor knows of this computer: plain facts, gathered elsewhere, so that each bad day can be written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Package:
    """A package labkit needs: what it asks for, what is installed (None: nothing), what the pins name ("" where there are none)."""

    name: str
    wanted: str
    installed: str | None
    fits: bool
    pinned: str = ""


@dataclass(frozen=True)
class CloudFacts:
    """The state folder's cloud: what it wrote about itself last, and whether it lives and answers."""

    version: str
    url: str
    pid: int
    alive: bool
    answers: bool


@dataclass(frozen=True)
class Surroundings:
    """One computer, one environment, one lab folder. Sizes in bytes; a text ending in `_error` is "" when all went well."""

    system: str = "linux"
    python: tuple[int, int, int] = (3, 11, 7)
    executable: str = "/lab/.venv/bin/python"
    labkit_version: str = "0.0"
    packages: tuple[Package, ...] = ()
    java_home: str = ""
    java_home_version: str | None = None
    packaged_java: str | None = "17.0.15"
    archive_exists: bool = True
    memory_bytes: int = 16 * 2**30
    memory_free_bytes: int = 8 * 2**30
    disk_free_bytes: int = 100 * 2**30
    lab_folder: str = "/lab"
    state_dir: str = "/lab/.labkit"
    state_error: str = ""
    state_filesystem: str = "ext4"
    cloud: CloudFacts | None = None
    port_taken: bool = False
    loopback_error: str = ""
    localhost: tuple[str, ...] = ("127.0.0.1",)
    environ: Mapping[str, str] = field(default_factory=dict)
    aws_files: tuple[str, ...] = ()
    aws_lines: tuple[str, ...] = ()
    now: float = 1_800_000_000.0
    installed_at: float = 1_790_000_000.0
    file_clock_lag_s: float = 0.0
    runs_cloud: bool = True
    settings_error: str = ""
    settings_next: str = ""
    kernel_python: str = ""
    kernel_error: str = ""
    opened_by_labkit: bool = False
    widgets: str | None = "8.1.9"
    widgets_in_lab: bool = True
    language_pack: str | None = "4.5"
    encoding: str = "utf-8"
    file_encoding: str = "utf-8"
    notebooks: int = 10
    notebooks_edited: tuple[str, ...] = ()
    notebooks_missing: tuple[str, ...] = ()
    notebooks_broken: tuple[str, ...] = ()
