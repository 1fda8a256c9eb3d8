"""What a person sees while a Glue run goes on: a live area under its output on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TextIO

from labkit.i18n import text
from labkit.ui.glue_progress import Progress, Stage, describe_totals
from labkit.ui.reporter import is_live, open_console

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

_PLAIN_EVERY_S = 5.0
_BAR = 24
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class View(Protocol):
    """Hears what happens; `output` and `errors` are lines of the script, `update` comes with every look at the run."""

    def __enter__(self) -> View: ...
    def __exit__(self, *exc: object) -> None: ...
    def note(self, line: str) -> None: ...
    def output(self, lines: Sequence[str]) -> None: ...
    def errors(self, lines: Sequence[str]) -> None: ...
    def update(self, state: str, progress: Progress) -> None: ...


class QuietView:
    """Only the script's own lines."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err

    def __enter__(self) -> View:
        return self

    def __exit__(self, *exc: object) -> None:
        self._out.flush()

    def note(self, line: str) -> None:
        """Nothing is noted."""

    def output(self, lines: Sequence[str]) -> None:
        for line in lines:
            print(line, file=self._out, flush=True)

    def errors(self, lines: Sequence[str]) -> None:
        for line in lines:
            print(line, file=self._err, flush=True)

    def update(self, state: str, progress: Progress) -> None:
        """Nothing is told."""


class PlainView(QuietView):
    """The script's lines, each new state, and how far Spark is every few seconds."""

    def __init__(self, job: str, out: TextIO, err: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(out, err)
        self._job = job
        self._clock = clock
        self._began = clock()
        self._state = ""
        self._told_at = self._began
        self._told = Progress()

    def note(self, line: str) -> None:
        print(f"!   {line}", file=self._out, flush=True)

    def update(self, state: str, progress: Progress) -> None:
        now = self._clock()
        if state != self._state:
            self._state = state
            self._line(f"{self._job}: {state}", now)
        elif progress != self._told and now - self._told_at >= _PLAIN_EVERY_S:
            self._told, self._told_at = progress, now
            self._line("; ".join(_describe(progress)), now)

    def _line(self, words: str, now: float) -> None:
        print(f"... {words} ({now - self._began:.1f} s)", file=self._out, flush=True)


class LiveView:
    """The script's lines scroll by; under them stand the state, the stages and what was read and written."""

    def __init__(self, job: str, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.live import Live

        self._job = job
        self._console = console
        self._clock = clock
        self._began = clock()
        self._state = ""
        self._progress = Progress()
        self._live = Live(self, console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> View:
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._state = ""
        self._live.stop()

    def note(self, line: str) -> None:
        self._print(f"! {line}", "yellow")

    def output(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._print(line, "")

    def errors(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._print(line, "red")

    def update(self, state: str, progress: Progress) -> None:
        self._state = state
        self._progress = progress

    def _print(self, line: str, style: str) -> None:
        from rich.text import Text

        # Text.from_ansi keeps colours that a script prints itself and leaves [brackets] alone.
        self._console.print(Text.from_ansi(line, style=style), soft_wrap=True)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        if not self._state:
            return
        elapsed = self._clock() - self._began
        head = Text(f"{_FRAMES[int(elapsed * 8) % len(_FRAMES)]} ", style="cyan")
        head.append(self._job, style="bold").append(f"  {self._state}", style="cyan")
        yield head.append(f"  {elapsed:.1f} s", style="dim")
        for stage in self._progress.stages:
            yield _draw_stage(stage)
        if self._progress.totals is not None:
            yield Text(f"  {describe_totals(self._progress.totals)}", style="dim")


def open_view(job: str, out: TextIO, err: TextIO, environ: Mapping[str, str], quiet: bool) -> View:
    """Choose the view for where the output goes."""
    if quiet:
        return QuietView(out, err)
    if is_live(out, environ):
        return LiveView(job, open_console(out, environ))
    return PlainView(job, out, err)


def _draw_stage(stage: Stage) -> Text:
    from rich.text import Text

    filled = _BAR * stage.done // max(1, stage.total)
    bar = Text(f"  {_name(stage):<28.40} ")
    bar.append("━" * filled, style="green").append("━" * (_BAR - filled), style="dim")
    return bar.append(f" {_count(stage)}")


def _name(stage: Stage) -> str:
    return text("glue.stage", number=stage.id, name=stage.name)


def _count(stage: Stage) -> str:
    return text("glue.tasks", done=stage.done, total=stage.total, active=stage.active)


def _describe(progress: Progress) -> list[str]:
    told = [f"{_name(stage)} {_count(stage)}" for stage in progress.stages]
    return told + ([describe_totals(progress.totals)] if progress.totals is not None else [])
