"""Listeners to the progress of a run (labkit.run.progress): live on a terminal, one line a stage anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class PlainReporter:
    """One line when a stage begins or says something new, one when it ends; for files, pipes and TERM=dumb."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._title = ""

    def __enter__(self) -> PlainReporter:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.flush()

    def begin(self, title: str) -> None:
        self._title = title
        self._line(f"... {title}")

    def say(self, detail: str) -> None:
        self._line(f"    {detail}")

    def end(self, detail: str, seconds: float) -> None:
        self._line(f"ok  {self._title}: {detail} ({seconds:.2f} s)")

    def note(self, line: str) -> None:
        self._line(f"!   {line}")

    def _line(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class LiveReporter:
    """A growing list of stages, the last one with a spinner and its running time."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.live import Live

        self._console = console
        self._clock = clock
        self._running: tuple[str, str, float] | None = None
        self._live = Live(self, console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> LiveReporter:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None and kind is not None:
            self._console.print(f"[red]✗[/red] {self._running[0]}")
        self._running = None
        self._live.stop()

    def begin(self, title: str) -> None:
        self._running = (title, "", self._clock())

    def say(self, detail: str) -> None:
        if self._running is not None:
            self._running = (self._running[0], detail, self._running[2])

    def end(self, detail: str, seconds: float) -> None:
        title = self._running[0] if self._running else ""
        self._running = None
        self._console.print(_stage_line("[green]✓[/green]", title, detail, seconds))

    def note(self, line: str) -> None:
        from rich.markup import escape

        self._console.print(f"[yellow]![/yellow] {escape(line)}")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._running is None:
            return
        title, detail, began = self._running
        elapsed = self._clock() - began
        frame = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"[int(elapsed * 8) % 10]
        yield _stage_line(f"[cyan]{frame}[/cyan]", title, detail, elapsed)


def open_reporter(stream: TextIO, environ: Mapping[str, str]) -> PlainReporter | LiveReporter:
    """Choose the live list for a real terminal and plain lines otherwise."""
    if not is_live(stream, environ):
        return PlainReporter(stream)
    return LiveReporter(open_console(stream, environ))


def open_console(stream: TextIO, environ: Mapping[str, str]) -> Console:
    """A rich console on `stream`; without styles unless it is a live terminal."""
    from rich.console import Console

    if is_live(stream, environ):
        return Console(file=stream, highlight=False)
    return Console(file=stream, highlight=False, no_color=True, force_terminal=False, width=100)


def is_live(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """True for a terminal that can move its cursor."""
    return stream.isatty() and environ.get("TERM", "") not in ("dumb", "")


def _stage_line(mark: str, title: str, detail: str, seconds: float) -> str:
    from rich.markup import escape

    middle = f" [dim]{escape(detail)}[/dim]" if detail else ""
    return f"{mark} {escape(title)}{middle} [dim]{seconds:.1f} s[/dim]"
