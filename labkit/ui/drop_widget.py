"""A button to choose a file of this computer, which is put into the raw bucket; what follows is shown under it."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from labkit.errors import LabError
from labkit.i18n import text
from labkit.ui.file_drop import drop_file
from labkit.ui.markup import render_html
from labkit.ui.nodes import Card, Code, Node, Quiet, line
from labkit.ui.widget_display import open_widget_display, show_lesson
from labkit.ui.widget_view import WidgetView, build_html

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.names import Names
    from labkit.prices import Prices
    from labkit.ui.drop_result import DropResult


class DropWidget(WidgetView):
    """What `lab.drop()` gives: `results` are the files that were dropped, in order."""

    def __init__(self, clients: Clients, names: Names, prices: Prices) -> None:
        from ipywidgets import FileUpload, Layout, VBox

        for service in ("s3", "logs", "glue"):
            getattr(clients, service)  # boto3 makes clients in one thread at a time only, and the drop has its own
        self._clients = clients
        self._names = names
        self._prices = prices
        self.results: list[DropResult] = []
        self._chooser = FileUpload(
            description=text("upload.choose"),
            tooltip="lab.drop(path)",
            multiple=True,
            layout=Layout(width="auto", align_self="flex-start"),
        )
        self._chooser.observe(self._chosen, names="value")
        self._out = build_html(line(Quiet(text("upload.where", uri=names.raw_uri))))
        self.widget = VBox([self._chooser, self._out, build_html(self._call())])
        self._one_at_a_time = threading.Lock()

    def view(self) -> Node:
        told: list[Node] = [line(text("upload.where", uri=self._names.raw_uri)), *(one.view() for one in self.results)]
        return Card(text("upload.title"), (*told, self._call()))

    def _call(self) -> Node:
        return line(Quiet(text("map.calls")), Code('lab.drop("ventas.csv")'))

    def _chosen(self, change: Any) -> None:
        files = [(str(item["name"]), bytes(item["content"])) for item in change["new"]]
        if files:
            # The kernel goes on meanwhile: the map beside it moves, other cells run.
            threading.Thread(target=self._drop_all, args=(files,), name="labkit-drop", daemon=True).start()
            self._chooser.value = ()

    def _drop_all(self, files: list[tuple[str, bytes]]) -> None:
        with self._one_at_a_time, tempfile.TemporaryDirectory(prefix="labkit-drop-") as folder:
            for name, body in files:
                # A browser gives a name; whatever else it might hold is no folder of ours.
                path = Path(folder) / (PurePosixPath(PureWindowsPath(name).name).name or "archivo.csv")
                path.write_bytes(body)
                self._drop(path)

    def _drop(self, path: Path) -> None:
        try:
            result = drop_file(
                self._clients, self._names, self._prices, path, None, display=open_widget_display(self._out)
            )
        except LabError as error:
            self._out.value = render_html(show_lesson(error))
        else:
            self.results.append(result)
            self._out.value = render_html(*(one.view() for one in reversed(self.results)))
