"""`labkit up | down | status | env | reset`: the local cloud's life, for people."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from pathlib import Path

from labkit.cloud import daemon
from labkit.cloud.info import CloudInfo
from labkit.commands.asking import agrees
from labkit.commands.shell import build_env_lines, find_shell
from labkit.errors import CloudError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings, with_endpoint


def find_state_dir(options: argparse.Namespace, settings: Settings) -> Path:
    """The state folder: `--state`, else LABKIT_STATE, else what labkit.toml says, else .labkit here."""
    return Path(options.state).expanduser().absolute() if options.state is not None else settings.state_dir


def connect(settings: Settings) -> Settings:
    """Start or find the local cloud of the settings' state folder, and point them at it; on AWS they stay as they are."""
    if not settings.target.runs_cloud:
        return settings
    if settings.cloud:
        return with_endpoint(settings, settings.cloud)
    return with_endpoint(settings, daemon.up(settings.state_dir).endpoint_url)


def up(options: argparse.Namespace, settings: Settings) -> int:
    """Start the cloud, or say where it already runs; with --foreground stay until Ctrl-C."""
    state_dir = find_state_dir(options, settings)
    if options.foreground:
        daemon.serve(state_dir, options.port, options.ephemeral)
        return 0
    began = time.monotonic()
    before = daemon.find_running(state_dir)
    info = daemon.up(state_dir, options.port, options.ephemeral)
    key = "cloud.started" if before is None else "cloud.already"
    print(text(key, url=info.endpoint_url, pid=info.pid, seconds=time.monotonic() - began))
    print(text("cloud.hint", flags=_flags(options)))
    return 0


def down(options: argparse.Namespace, settings: Settings) -> int:
    """Stop the cloud; one that does not run is no failure."""
    state_dir = find_state_dir(options, settings)
    running = daemon.find_running(state_dir)
    stopped = daemon.down(state_dir)
    gone = "cloud.thrown_away" if running is not None and running.ephemeral else "cloud.stopped"
    print(text(gone if stopped else "cloud.was_down", folder=state_dir))
    return 0


def status(options: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 when it runs, 1 when it does not, so that a script can ask."""
    state_dir = find_state_dir(options, settings)
    info = daemon.find_running(state_dir)
    if options.json:
        found = None if info is None else {**dataclasses.asdict(info), "state_dir": str(info.state_dir)}
        print(json.dumps({"running": info is not None, "state_dir": str(state_dir), "cloud": found}))
    elif info is None:
        print(text("cloud.not_running", folder=state_dir, flags=_flags(options)))
    else:
        print(text("cloud.running", url=info.endpoint_url, pid=info.pid, since=info.started_at, version=info.version))
        print(text("cloud.folder", folder=state_dir))
    return 0 if info is not None else 1


def env(options: argparse.Namespace, settings: Settings) -> int:
    """Print the lines for a shell; nothing but them goes to stdout, so that `eval` is safe."""
    info = _get_running(options, settings)
    shell = options.shell or find_shell(os.environ, os.name)
    target = dataclasses.replace(settings.target, endpoint_url=info.endpoint_url)
    print("\n".join(build_env_lines(shell, target, os.environ)))
    return 0


def reset(options: argparse.Namespace, settings: Settings) -> int:
    """Delete what the cloud holds, and forget that the lab made it; a terminal is asked first."""
    from labkit.steps.ledger import Ledger

    state_dir = find_state_dir(options, settings)
    if sys.stdin.isatty() and not options.yes and not agrees(text("cloud.reset_question", folder=state_dir)):
        raise build_lesson(UsageError, "error.reset_unconfirmed")
    daemon.reset(state_dir)
    Ledger(state_dir, settings.target).forget_targets("local", "rehearsal")
    print(text("cloud.reset_done", folder=state_dir))
    return 0


def _get_running(options: argparse.Namespace, settings: Settings) -> CloudInfo:
    state_dir = find_state_dir(options, settings)
    info = daemon.find_running(state_dir)
    if info is None:
        raise not_running(options, state_dir)
    return info


def not_running(options: argparse.Namespace, state_dir: Path) -> CloudError:
    """The lesson for a cloud that is down."""
    return build_lesson(CloudError, "error.cloud_down", folder=state_dir, flags=_flags(options))


def _flags(options: argparse.Namespace) -> str:
    """` --state DIR` again when the user typed it, so that a suggested command works as printed."""
    import shlex

    return f" --state {shlex.quote(str(options.state))}" if options.state is not None else ""
