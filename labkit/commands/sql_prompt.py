"""The prompt of `labkit sql`: statements over several lines, history, a few words that begin with a backslash."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path

from labkit.commands.sql import Session, run_one
from labkit.errors import LabError
from labkit.i18n import text
from labkit.settings import Settings
from labkit.ui.sql_text import is_complete, split_statements

_HISTORY_LINES = 1000
# What people type before they have read anything; no statement begins with these.
_PLAIN_WORDS = {"exit": "\\q", "quit": "\\q", "salir": "\\q", "help": "\\?", "ayuda": "\\?"}


def prompt(session: Session) -> int:
    r"""Read statements until `\q` or the end of the input; a failure is shown and the prompt goes on."""
    history = _open_history(session.settings)
    print(
        text("sql.banner", database=session.database, url=session.settings.target.endpoint_url or "AWS"),
        file=sys.stderr,
    )
    pending = ""
    try:
        while True:
            try:
                line = input(f"{session.database}> " if not pending else "... ")
            except EOFError:
                print(file=sys.stderr)
                return 0
            except KeyboardInterrupt:  # Ctrl-C empties the line, as in other prompts
                pending = ""
                print(file=sys.stderr)
                continue
            word = _PLAIN_WORDS.get(line.strip().rstrip("; ").lower(), line.strip())
            if not pending and word.startswith("\\"):
                following = _command(session, word)
                if following is None:
                    return 0
                session = following
                continue
            pending = f"{pending}\n{line}" if pending else line
            if not pending.strip():
                pending = ""
            elif is_complete(pending):
                _run(session, pending)
                pending = ""
    finally:
        _save_history(history)


def _run(session: Session, typed: str) -> None:
    from labkit.ui.lesson import render_lesson

    for statement in split_statements(typed):
        try:
            if not run_one(session, statement):
                return
        except LabError as error:
            print(render_lesson(error), file=sys.stderr)
            return


def _command(session: Session, line: str) -> Session | None:
    """A word of the prompt: the session that goes on, or None to leave."""
    word, _, rest = line.partition(" ")
    rest = rest.strip().rstrip(";")
    if word in ("\\q", "\\quit", "\\exit"):
        return None
    if word == "\\u" and rest:
        return replace(session, database=rest.lower())
    shown = {"\\l": "SHOW DATABASES", "\\d": f"DESCRIBE {_quoted(rest)}" if rest else "SHOW TABLES"}.get(word)
    if shown:
        _run(session, shown)
    else:
        print(text("sql.prompt_help"), file=sys.stderr)
    return session


def _quoted(name: str) -> str:
    return ".".join(f"`{part.strip('`')}`" for part in name.split("."))


def _open_history(settings: Settings) -> Path | None:
    try:
        import readline
    except ImportError:  # Windows has none; typing works all the same
        return None
    path = settings.state_dir / "sql_history"
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    readline.set_history_length(_HISTORY_LINES)
    return path


def _save_history(path: Path | None) -> None:
    if path is None:
        return
    import readline

    with contextlib.suppress(OSError):
        readline.write_history_file(path)
