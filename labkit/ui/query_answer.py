"""A statement of Athena that has ended, as an object: its rows as Python values, what was read, what AWS would bill, why it failed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit.aws.statements import Answer, Execution
from labkit.i18n import text
from labkit.ui.athena_value import convert
from labkit.ui.figures import describe_usd, format_seconds
from labkit.ui.glue_progress import format_size
from labkit.ui.nodes import Block, Card, Chip, Inline, Line, Listing, Node, Quiet, Table, line
from labkit.ui.shown import Shown
from labkit.ui.sql_failure import build_notebook_failure, explain
from labkit.ui.sql_text import point_at

if TYPE_CHECKING:
    import pandas

ROWS_SHOWN = 20
# What Athena bills at least.
_FLOOR_BYTES = 10_000_000
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "float", "real", "double", "decimal")
STATES = {
    "SUCCEEDED": ("query.succeeded", "good"),
    "FAILED": ("query.failed", "bad"),
    "CANCELLED": ("query.cancelled", "warn"),
}


@dataclass
class _Rows:
    """The rows of an answer, fetched page by page as far as somebody looks."""

    source: Iterator[tuple[str | None, ...]]
    seen: list[tuple[str | None, ...]] = field(default_factory=list)

    def head(self, most: int | None) -> list[tuple[str | None, ...]]:
        missing = None if most is None else max(0, most - len(self.seen))
        self.seen += itertools.islice(self.source, missing)
        return self.seen if most is None else self.seen[:most]


class QueryAnswer(Shown):
    """What `lab.query` gives back. A statement that failed shows why; asking it for rows raises that as an error."""

    def __init__(self, sql: str, database: str, execution: Execution, answer: Answer | None, usd: float) -> None:
        self.sql = sql
        self.database = database
        self.execution = execution
        self.usd = usd
        self._types = answer.columns if answer else ()
        self._rows = _Rows(answer.rows if answer else iter(()))

    @property
    def id(self) -> str:
        """Athena's id of this execution ("" when Athena refused it before it had one)."""
        return self.execution.id

    @property
    def state(self) -> str:
        """SUCCEEDED, FAILED or CANCELLED."""
        return self.execution.state

    @property
    def error(self) -> str:
        """Athena's words about a failure, "" otherwise."""
        return "" if self.state == "SUCCEEDED" else self.execution.reason or self.state

    @property
    def scanned_bytes(self) -> int:
        """What Athena read."""
        return self.execution.scanned_bytes

    @property
    def seconds(self) -> float:
        return self.execution.seconds

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        self._refuse_failure()
        return tuple(name for name, _ in self._types)

    @property
    def types(self) -> tuple[str, ...]:
        """Athena's types of the columns."""
        self._refuse_failure()
        return tuple(kind for _, kind in self._types)

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """All rows, as Python values: int, float, Decimal, bool, date, datetime, str, and None for NULL."""
        kinds = self.types
        return [
            tuple(convert(kind, value) for kind, value in zip(kinds, row, strict=False))
            for row in self._rows.head(None)
        ]

    @property
    def value(self) -> Any:
        """The first column of the first row; None when there is no row."""
        found = self._rows.head(1) if self.types else []
        return convert(self.types[0], found[0][0]) if found and found[0] else None

    def df(self) -> pandas.DataFrame:
        """All rows as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(self.rows, columns=list(self.columns))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def view(self) -> Node:
        word, tone = STATES.get(self.state, ("query.failed", "bad"))
        inside = self._answer() if self.state == "SUCCEEDED" else self._failure()
        return Card(text("query.title"), (*inside, self._figures()), Chip(text(word), tone))

    def _refuse_failure(self) -> None:
        if self.state != "SUCCEEDED":
            raise build_notebook_failure(self.sql, self.error)

    def _answer(self) -> tuple[Node, ...]:
        found = self._rows.head(ROWS_SHOWN + 1)
        if not self._types:
            return (line(text("query.no_rows")),)
        if self.execution.kind != "DML":
            lines = ["\t".join(cell or "" for cell in row).rstrip() for row in self._rows.head(200)]
            return (Block("\n".join(lines), text("query.title")),) if lines else (line(text("query.no_rows")),)
        shown = found[:ROWS_SHOWN]
        cut = (line(Quiet(text("query.cut", shown=ROWS_SHOWN))),) if len(found) > ROWS_SHOWN else ()
        numbers = frozenset(place for place, (_, kind) in enumerate(self._types) if kind in _NUMBERS)
        cells: tuple[tuple[Inline | Line, ...], ...] = tuple(
            tuple(Quiet("NULL") if value is None else value for value in row) for row in shown
        )
        caption = text("query.caption", count=len(shown))
        return (Table(caption, tuple(name for name, _ in self._types), cells, numbers), *cut)

    def _failure(self) -> tuple[Node, ...]:
        place = point_at(self.sql, self.error)
        marked = (Block(place, text("query.place")),) if place else (Block(self.sql, "SQL"),)
        return (line(self.error), *marked, line(text("query.likely"), explain(self.error)))

    def _figures(self) -> Node:
        if self.execution.reused:
            read = text("query.reused")
        elif self.execution.kind == "DML" or self.scanned_bytes:
            read = text("query.scanned", size=format_size(self.scanned_bytes), bytes=f"{self.scanned_bytes:,}")
        else:
            read = text("query.scanned_nothing")
        return Listing(
            (
                line(read),
                line(self._bill()),
                line(
                    text("query.took", seconds=format_seconds(self.seconds)),
                    Quiet(text("query.where", database=self.database)),
                ),
            )
        )

    def _bill(self) -> str:
        if self.state == "FAILED":
            return text("query.free_failed")
        if self.execution.kind != "DML" and not self.scanned_bytes:
            return text("query.free_ddl")
        if self.execution.reused:
            return text("query.free_reused")
        if self.state == "CANCELLED":
            return text("query.bill_cancelled", usd=describe_usd(self.usd))
        bill = text("query.bill", usd=describe_usd(self.usd))
        return bill + " " + text("query.floor") if self.scanned_bytes <= _FLOOR_BYTES else bill
