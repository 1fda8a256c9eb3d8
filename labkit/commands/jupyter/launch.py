"""`labkit lab`: a short look at the computer, the local cloud, JupyterLab on the first notebook."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TextIO

from labkit.commands.confirming import confirm
from labkit.commands.jupyter import server as jupyter
from labkit.commands.jupyter.configuration import Places, adopt_user_settings, write_configuration
from labkit.commands.jupyter.environment import build_environment
from labkit.commands.jupyter.folder import copy_notebooks, find_folder, find_notebook
from labkit.commands.jupyter.tunnel import find_origin
from labkit.doctor.system import find_system, opens_browser
from labkit.errors import LabError
from labkit.i18n import build_lesson, text, use_language
from labkit.settings import Settings, read_settings, with_endpoint


@dataclass(frozen=True)
class _Lab:
    """What is to be opened: the settings of the lab's folder, the folder of Jupyter's files, the notebook."""

    settings: Settings
    places: Places
    folder: Path
    notebook: Path

    @property
    def root(self) -> Path:
        """Above both languages: the notebooks show pictures of `../img`."""
        return self.folder / "notebooks"

    @property
    def page(self) -> str:
        return "/lab/tree/" + self.notebook.relative_to(self.root).as_posix()


def lab(options: argparse.Namespace, settings: Settings) -> int:
    """Open the lab and stay until Ctrl-C; a second call says where the first one runs."""
    began = time.monotonic()
    opened = _prepare(options, settings)
    # Only variables may stand on standard output when a shell evaluates it.
    say = sys.stderr if options.print_env else sys.stdout
    running = jupyter.find_running(opened.places, opened.root)
    if running is not None and not options.print_env:
        _tell(text("lab.already", pid=running.pid))
        if options.lang is not None:
            _write_configuration(opened, options, opened.page)  # its next page is in that language
        _show(running, opened, options)
        return 0
    # One yes for all notebooks: the kernels then know whose account it is.
    opened = replace(opened, settings=confirm(opened.settings, options, text("aws.doing_lab")))
    if not options.no_doctor:
        _examine(opened, say)
    opened, began_cloud = _start_cloud(opened, say)
    if options.print_env:
        _write_configuration(opened, options, os.path.relpath(opened.notebook))
        print("\n".join(_export_lines(opened)))
        return 0
    return _serve(opened, options, began, began_cloud)


def _prepare(options: argparse.Namespace, settings: Settings) -> _Lab:
    """Find the folder, copy what must be copied, and read the settings that hold there."""
    use_language(options.lang or settings.language)
    folder, copies = find_folder(options.folder, Path.home())
    if copies:
        copied = copy_notebooks(folder)
        if copied.new or copied.updated:
            _tell(text("lab.copied", count=len(copied.new) + len(copied.updated), folder=folder), sys.stderr)
        if copied.kept:
            _tell(text("lab.kept", names=", ".join(copied.kept)), sys.stderr)
    settings = read_settings(os.environ, folder)
    language = options.lang or settings.language
    use_language(language)
    settings = replace(
        settings,
        language=language,
        student=(options.student or settings.student).strip(),
        state_dir=(
            options.state.expanduser().absolute() if options.state is not None else settings.state_dir.absolute()
        ),
    )
    return _Lab(
        settings, Places(settings.state_dir / "jupyter"), folder, find_notebook(folder, language, options.notebook)
    )


def _examine(opened: _Lab, say: TextIO) -> None:
    """Show what the doctor warns of; what makes the lab fail stops the start here, with what to do."""
    from labkit.commands.doctor import examine_for_launch

    examine_for_launch(opened.settings, opened.folder, say)


def _start_cloud(opened: _Lab, say: TextIO) -> tuple[_Lab, bool]:
    """(the lab pointed at its cloud, True when this call started it)."""
    if not opened.settings.target.runs_cloud:
        return opened, False
    from labkit.cloud import daemon

    state_dir = opened.settings.state_dir
    before = daemon.find_running(state_dir)
    info = before or daemon.up(state_dir)
    _tell(text("lab.cloud" if before is None else "lab.cloud_found", url=info.endpoint_url), say)
    return replace(opened, settings=with_endpoint(opened.settings, info.endpoint_url)), before is None


def _serve(opened: _Lab, options: argparse.Namespace, began: float, began_cloud: bool) -> int:
    process, server = None, None
    try:
        with _ended_by_signals():
            try:
                process = _launch(opened, options)
                server = jupyter.wait_until_ready(process, opened.places)
                jupyter.remember(opened.places, server)
                _show(server, opened, options)
                _tell(text("lab.stop_with", seconds=f"{time.monotonic() - began:.1f}"))
                process.wait()
            except KeyboardInterrupt:
                _tell("")
    finally:
        if process is not None:
            jupyter.stop(process)
        if server is not None:
            _tell(text("lab.closed", folder=opened.notebook.parent))
        _leave_cloud(opened, began_cloud)
    return 0


def _launch(opened: _Lab, options: argparse.Namespace) -> subprocess.Popen[bytes]:
    port = jupyter.find_port(options.port)
    _write_configuration(opened, options, opened.page)
    wanted, unwanted = build_environment(opened.settings, opened.places, os.environ, Path(sys.executable))
    env = {name: value for name, value in {**os.environ, **wanted}.items() if name not in unwanted}
    command = jupyter.build_command(port, opened.root, find_origin(os.environ, port))
    return jupyter.start(command, env, opened.places)


def _write_configuration(opened: _Lab, options: argparse.Namespace, page: str) -> None:
    from jupyter_core.paths import jupyter_config_dir

    first = page if page.startswith("/") else f"/lab/tree/{Path(page).as_posix()}"
    try:
        adopt_user_settings(opened.places, Path(jupyter_config_dir()) / "lab" / "user-settings")
        write_configuration(opened.places, opened.settings.language, first, choose_language=options.lang is not None)
    except OSError as error:
        raise build_lesson(
            LabError, "error.lab_folder", folder=str(opened.places.root), reason=error.strerror or str(error)
        ) from error


def _show(server: jupyter.Server, opened: _Lab, options: argparse.Namespace) -> None:
    """Say where JupyterLab is and, where a browser can appear, open it there."""
    system = find_system(os.environ, sys.platform, os.uname().release if hasattr(os, "uname") else "")
    origin = find_origin(os.environ, server.port)
    seen = replace(server, url=f"{origin}/") if origin else server
    address = seen.page(opened.page)
    _tell(text("lab.ready", url=address))
    if not options.no_browser and opens_browser(system, os.environ):
        _open(address, system)


def _open(address: str, system: str) -> None:
    """In Windows' browser from WSL, which has none of its own; otherwise in the default one."""
    if system == "wsl" and not os.environ.get("BROWSER"):
        try:
            subprocess.run(
                ["explorer.exe", address], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return
        return
    webbrowser.open(address)


def _leave_cloud(opened: _Lab, began_cloud: bool) -> None:
    """A cloud that this command started ends with it (its state stays); one that ran before goes on."""
    if not opened.settings.target.runs_cloud:
        return
    if not began_cloud:
        _tell(text("lab.cloud_left", url=opened.settings.target.endpoint_url))
        return
    from labkit.cloud import daemon

    daemon.down(opened.settings.state_dir)
    _tell(text("lab.cloud_stopped", folder=opened.settings.state_dir))


def _tell(line: str, stream: TextIO | None = None) -> None:
    """Print; a terminal that was closed meanwhile is no reason to leave processes behind."""
    with suppress(OSError, ValueError):
        print(line, file=stream or sys.stdout, flush=True)


def _export_lines(opened: _Lab) -> Iterator[str]:
    wanted, unwanted = build_environment(opened.settings, opened.places, os.environ, Path(sys.executable))
    yield from (f"export {name}={shlex.quote(value)}" for name, value in wanted.items())
    if unwanted:
        yield f"unset {' '.join(unwanted)}"


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A closed terminal or a `kill` ends JupyterLab in order too, as Ctrl-C does."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    kept = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
