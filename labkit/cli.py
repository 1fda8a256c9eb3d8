"""The `labkit` command: the one place where an expected failure becomes an exit code."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from labkit.cli_load import is_command, load_command
from labkit.cli_parser import build_parser
from labkit.errors import LabError
from labkit.i18n import build_lesson, find_language, text, use_language
from labkit.settings import Settings, find_lab_folder, read_settings

_FULL_OR_CLOSED = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)
_INTERRUPTED = 130  # 128 + SIGINT, what shells expect


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 an expected failure, 2 wrong usage, 130 Ctrl-C."""
    _make_streams_forgiving()
    words = list(sys.argv[1:] if argv is None else argv)
    # Until the words are understood; after that a `--debug` of somebody's script is not taken for ours.
    options = argparse.Namespace(debug="--debug" in words)
    use_language(find_language(os.environ))
    try:
        settings = _read_settings(words)
        use_language(settings.language)
        options = build_parser().parse_args(words)
        settings = _read_target(options, settings)
        if not is_command(options.command):  # nothing was asked for, or a group without saying which of it
            getattr(options, "group", build_parser()).print_help()
            return 0
        return int(load_command(options.command)(options, settings))
    except LabError as error:
        if options.debug:
            raise
        from labkit.ui.lesson import render_lesson

        print(render_lesson(error), file=sys.stderr)
        _keep(error, options)
        return error.exit_code
    except BrokenPipeError:
        # `labkit logs | head`: the reader has gone. Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if options.debug or error.errno not in _FULL_OR_CLOSED:
            raise
        return _tell_disk(error)
    except (KeyboardInterrupt, EOFError):  # Ctrl-C, and Ctrl-D where something is asked
        print(text("cli.interrupted"), file=sys.stderr)
        return _INTERRUPTED


def _tell_disk(error: OSError) -> int:
    """A disk that is full or may not be written is nobody's mistake in the code: say so in words."""
    from labkit.ui.lesson import render_lesson

    lesson = build_lesson(LabError, "error.disk", file=error.filename or "-", reason=error.strerror or str(error))
    print(render_lesson(lesson), file=sys.stderr)
    return lesson.exit_code


def _keep(error: LabError, options: argparse.Namespace) -> None:
    """Write the error down for `labkit help-me`; a wrong word on the command line is not worth it."""
    from labkit.faq.last_error import write_last_error

    if error.exit_code == 1:
        state = getattr(options, "state", None) or os.environ.get("LABKIT_STATE") or ".labkit"
        write_last_error(find_lab_folder(Path.cwd()) / Path(state).expanduser(), str(error))


def _read_settings(words: Sequence[str]) -> Settings:
    """The settings that hold here; `labkit doctor` is asked exactly when they cannot be read, and tells why."""
    try:
        return read_settings(os.environ, find_lab_folder(Path.cwd()))
    except LabError:
        if words[:1] != ["doctor"]:
            raise
        return read_settings({"LABKIT_LANG": find_language(os.environ)}, Path(os.devnull))


def _read_target(options: argparse.Namespace, settings: Settings) -> Settings:
    """The settings again where the command line names the target or the account: it wins over variables and file."""
    pairs = (("LABKIT_TARGET", getattr(options, "target", "")), ("LABKIT_ACCOUNT", getattr(options, "account", "")))
    named: dict[str, str] = {name: value for name, value in pairs if value}
    if not named:
        return settings
    # Commands start other processes of labkit's, which read the variables.
    os.environ.update(named)
    return read_settings(os.environ, find_lab_folder(Path.cwd()))


def _make_streams_forgiving() -> None:
    """A console that cannot show ñ or ✓ gets a question mark instead of a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
