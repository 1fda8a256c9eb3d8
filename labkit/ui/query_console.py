"""A console for Athena as a widget: a statement, a database, a button, the answer, and what each statement read and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.errors import LabError
from labkit.i18n import text
from labkit.ui.figures import format_usd
from labkit.ui.glue_progress import format_size
from labkit.ui.markup import render_html
from labkit.ui.nodes import Card, Chip, Code, Line, Node, Quiet, Table, line
from labkit.ui.query import run_query
from labkit.ui.query_answer import STATES, QueryAnswer
from labkit.ui.widget_display import show_lesson
from labkit.ui.widget_view import WidgetView, build_button, build_html

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.names import Names
    from labkit.prices import Prices

_SQL_SHOWN = 70
_HISTORY_SHOWN = 20


class QueryConsole(WidgetView):
    """What `lab.console` gives: `run(sql)` is its button, `history` the answers so far, `answer` the last one."""

    def __init__(self, clients: Clients, names: Names, prices: Prices) -> None:
        from ipywidgets import Dropdown, HBox, Layout, Textarea, VBox

        self._clients = clients
        self._names = names
        self._prices = prices
        self.history: list[QueryAnswer] = []
        first = f'SELECT * FROM "{names.processed}" LIMIT 10'  # noqa: S608 - a line to begin with
        # What was typed is sent when the field is left: keystroke by keystroke, the last ones may come after the button.
        self._sql = Textarea(
            first, description="SQL", continuous_update=False, layout=Layout(width="95%", height="7em")
        )
        found = _list_databases(clients)
        start = names.database if names.database in found else None
        self._database = Dropdown(
            options=found, value=start, description=text("console.database"), style={"description_width": "initial"}
        )
        button = build_button(text("console.run"), "lab.query(sql)", self._press)
        self._out = build_html(line(Quiet(text("console.empty"))))
        self._past = build_html(self._history())
        self.widget = VBox([self._sql, HBox([self._database, button]), self._out, self._past])

    @property
    def answer(self) -> QueryAnswer | None:
        """The last answer."""
        return self.history[-1] if self.history else None

    def run(self, sql: str | None = None, database: str | None = None) -> QueryAnswer:
        """Run a statement (else the one that is written in the console) and show its answer there."""
        statement = self._sql.value if sql is None else sql
        answer = run_query(self._clients, self._names, self._prices, statement, database or self._database.value, None)
        self._sql.value = statement
        self.history.append(answer)
        self._out.value = render_html(answer.view())
        self._past.value = render_html(self._history())
        return answer

    def view(self) -> Node:
        told = self.answer.view() if self.answer else line(Quiet(text("console.empty")))
        return Card(text("console.title"), (told, self._history()))

    def _press(self) -> None:
        try:
            self.run()
        except LabError as error:
            self._out.value = render_html(show_lesson(error))

    def _history(self) -> Node:
        calls = line(
            Quiet(text("map.calls")),
            Code("consola = lab.console()"),
            Code('consola.run("SELECT 1")'),
            Code("lab.query(sql)"),
        )
        if not self.history:
            return calls
        return Card(text("console.history"), (self._table(), self._sum(), calls))

    def _table(self) -> Table:
        rows = tuple(
            (
                str(number), Code(_shorten(one.sql)), Chip(text(STATES[one.state][0]), STATES[one.state][1]),
                format_size(one.scanned_bytes), format_usd(one.usd * 100),
            )
            for number, one in list(enumerate(self.history, 1))[-_HISTORY_SHOWN:]
        )  # fmt: skip
        heads = ("n", "SQL", text("partition.state"), text("console.scanned"), text("console.cents"))
        return Table(text("console.history"), heads, rows, frozenset({0, 3, 4}), keyed=True)

    def _sum(self) -> Line:
        scanned = format_size(sum(one.scanned_bytes for one in self.history))
        cents = format_usd(sum(one.usd for one in self.history) * 100)
        return line(text("console.sum", count=len(self.history), size=scanned, cents=cents))


def _list_databases(clients: Clients) -> list[str]:
    from labkit.aws.session import aws_errors

    with aws_errors("glue.get_databases"):
        pages: Any = clients.glue.get_paginator("get_databases").paginate()
        return sorted(item["Name"] for page in pages for item in page["DatabaseList"])


def _shorten(sql: str) -> str:
    words = " ".join(sql.split())
    return words if len(words) <= _SQL_SHOWN else f"{words[: _SQL_SHOWN - 1]}…"
