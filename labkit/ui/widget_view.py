"""Widgets with a text twin: JupyterLab shows the live widget, everything else (exports, terminals, nbval) what `view` says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from labkit.ui.markup import render_html
from labkit.ui.nodes import Node
from labkit.ui.show import is_notebook
from labkit.ui.shown import Shown


class WidgetView(Shown):
    """Derive from it, set `widget` to an ipywidget, and let `view` say the same in words with the calls that its buttons stand for."""

    widget: Any = None

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, Any]:
        twins = {"text/plain": repr(self), "text/html": self._repr_html_()}
        return {**_find_live(self.widget), **twins}

    def close(self) -> None:
        """End the widget."""
        if self.widget is not None:
            self.widget.close()


def has_front_end(environ: Mapping[str, str]) -> bool:
    """Is there somebody to press buttons? A kernel cannot ask, but a server that serves people names the notebook.

    Without this, `nbconvert --execute` would keep the widget's state and export a picture that needs scripts from elsewhere, in place
    of the twin. LABKIT_WIDGETS=on or off decides for front ends that are not known here.
    """
    chosen = environ.get("LABKIT_WIDGETS", "").lower()
    if chosen in ("on", "off"):
        return chosen == "on"
    return any(name in environ for name in ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG"))


def _find_live(widget: Any) -> dict[str, Any]:
    """The widget's own entry: none where nobody looks, or once it is closed."""
    if widget is None or not is_notebook() or widget.comm is None or not has_front_end(os.environ):
        return {}
    kind = "application/vnd.jupyter.widget-view+json"
    bundle = widget._repr_mimebundle_() or {}
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return {kind: data[kind]} if kind in data else {}


def build_button(words: str, tooltip: str, on_click: Callable[[], None]) -> Any:
    """A button with words on it; its tooltip is the call that does the same."""
    from ipywidgets import Button, Layout

    button = Button(description=words, tooltip=tooltip, layout=Layout(width="auto"))
    button.on_click(lambda _button: on_click())
    return button


def build_html(*nodes: Node) -> Any:
    """An HTML widget that shows these nodes."""
    from ipywidgets import HTML, Layout

    return HTML(render_html(*nodes), layout=Layout(width="auto"))
