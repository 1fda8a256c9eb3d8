"""One display of a notebook that is written over while something goes on; nothing at all outside of a notebook."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labkit.ui.show import is_notebook

if TYPE_CHECKING:
    from labkit.ui.shown import Shown

# More often than this a browser only flickers.
_EVERY_S = 0.15


class LiveDisplay:
    """`show` replaces what stands in the display; too many a second are left out, but never the one that is `final`."""

    def __init__(self, display: Callable[..., Any] | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._display = display
        self._clock = clock
        self._handle: Any = None
        self._shown_at = float("-inf")

    def show(self, what: Shown, *, final: bool = False) -> None:
        """Show this now, unless something was shown a moment ago."""
        now = self._clock()
        if self._display is None or (not final and now - self._shown_at < _EVERY_S):
            return
        self._shown_at = now
        if self._handle is None:
            self._handle = self._display(what, display_id=True)
        else:
            self._handle.update(what)


def open_display() -> LiveDisplay:
    """The display of the cell that is running."""
    return LiveDisplay(_find_display())


def _find_display() -> Callable[..., Any] | None:
    """IPython's `display` where a kernel can write a display over; None in a terminal and in a plain interpreter."""
    if not is_notebook():
        return None
    from IPython.display import display

    return display
