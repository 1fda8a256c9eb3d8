"""What names mean at one place of a query."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import Type

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class Typed:
    """A translated expression: DuckDB text and Trino type."""

    sql: str
    type: Type


@dataclass
class Scan:
    """One use of a catalog table: which columns are read, which partitions can be skipped."""

    number: int
    database: str
    table: dict[str, Any]
    columns: list[tuple[str, Type]]
    partition_keys: list[tuple[str, Type]]
    alias: str
    needed: set[str] = field(default_factory=set)
    predicates: list[str] = field(default_factory=list)
    file_predicates: list[str] = field(default_factory=list)
    filters: list[Any] = field(default_factory=list)

    @property
    def view(self) -> str:
        """Name of the DuckDB view that reads it; its columns are c0, c1, …"""
        return f"scan_{self.number}"

    @property
    def fields(self) -> list[tuple[str, Type]]:
        """Data columns, then partition keys, as SELECT * shows them."""
        return [*self.columns, *self.partition_keys]


class Source(NamedTuple):
    """Where a plain column comes from; ``sql`` names it at its scan, ``prunes`` says whether a filter may move there.

    A column of a UNION comes from several places: this one, and ``others`` (None for a side where it is no plain column).
    """

    scan: Scan
    column: str
    sql: str
    prunes: bool
    others: tuple[Source | None, ...] = ()

    @property
    def key(self) -> tuple[int, str]:
        """Which column of which scan."""
        return self.scan.number, self.column

    @property
    def places(self) -> tuple[Source | None, ...]:
        """Every place, in the order of the UNION's sides."""
        return (self, *self.others)


@dataclass(frozen=True)
class Field:
    """A column that can be named: ``qualifier`` is (alias,) or (database, table).

    A column that was given no name is shown as ``_col0`` and cannot be named; a hidden one (``"$path"``) is no part of ``*``.
    """

    name: str
    typed: Typed
    qualifier: tuple[str, ...] = ()
    source: Source | None = None
    named: bool = True
    hidden: bool = False
    label: str = ""

    @property
    def shown(self) -> str:
        """The name in the letters in which the query wrote it, as a result shows it."""
        return self.label or self.name


class Tables(Protocol):
    """The catalog, as a query sees it."""

    def find(self, database: str, table: str) -> dict[str, Any] | None: ...
    def has_database(self, database: str) -> bool: ...
    def system(
        self, database: str, table: str, wanted: dict[str, set[str]]
    ) -> tuple[list[tuple[str, Type]], list[list[str | None]]] | None: ...


@dataclass
class Context:
    """What one translation shares: the text, the catalog, the scans found so far."""

    sql: str
    database: str
    tables: Tables
    now: datetime
    scans: list[Scan] = field(default_factory=list)
    used: int = 0
    in_try: bool = False
    # Products of DECIMALs in 64 bits (dialect/decimals.py): asked for, and whether there is one.
    narrow: bool = False
    narrowed: bool = False
    view_depth: int = 0
    wanted: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    expansions: list[Any] = field(default_factory=list)
    shared: dict[int, Any] = field(default_factory=dict)
    functions: dict[str, PythonFunction] = field(default_factory=dict)

    def define(self, function: PythonFunction) -> str:
        """Have the session know a Python function; the name to call it by."""
        if any("INTERVAL" in kind for kind in (*function.parameters, function.result)):
            raise not_supported("a value with a time zone in this function")  # Python would lose the zone
        known = self.functions.setdefault(function.name, function)
        if known.body is not function.body or known.parameters != function.parameters:
            raise ValueError(f"two Python functions are called {function.name}")
        return function.name

    def alias(self) -> str:
        """A fresh relation name: no name of the user's ever reaches DuckDB."""
        self.used += 1
        return f"r{self.used}"


@dataclass
class Scope:
    """Columns in reach, the query around it, lambda variables and WITH names."""

    fields: list[Field] = field(default_factory=list)
    parent: Scope | None = None
    variables: dict[str, Typed] = field(default_factory=dict)
    ctes: dict[str, Any] = field(default_factory=dict)
    windows: dict[str, exp.Expression] = field(default_factory=dict)
    touched: list[Source | None] | None = None
    at_scan: bool = False
    quiet: bool = False
    side: int = 0
    swapped: dict[tuple[int, str], Source] = field(default_factory=dict)
    grouped: Any = None
    aggregating: Any = None

    def inner(self, **changes: Any) -> Scope:
        """The same scope with something changed."""
        return replace(self, **changes)


def find(scope: Scope, parts: tuple[str, ...], place: tuple[int, int] | None) -> tuple[Field, tuple[str, ...], Scope]:
    """The column that dotted ``parts`` name, the parts left over (fields of a ROW), and the query it belongs to."""
    level: Scope | None = scope
    while level is not None:
        for size in range(len(parts), 0, -1):
            found = _matching(level, parts[:size])
            if len(found) > 1:
                raise QueryFailure("AMBIGUOUS_NAME", f"Column '{'.'.join(parts[:size])}' is ambiguous", place)
            if found:
                return found[0], parts[size:], level
        level = level.parent
    text = f"Column '{'.'.join(parts)}' cannot be resolved or requester is not authorized to access requested resources"
    raise QueryFailure("COLUMN_NOT_FOUND", text, place, error_type=1006)


def resolve(scope: Scope, parts: tuple[str, ...], place: tuple[int, int] | None) -> tuple[Field, tuple[str, ...]]:
    """The column that dotted ``parts`` name, and the parts left over (fields of a ROW)."""
    return find(scope, parts, place)[:2]


def _matching(scope: Scope, parts: tuple[str, ...]) -> list[Field]:
    qualifier, name = parts[:-1], parts[-1]
    return [
        one for one in scope.fields
        if one.name == name and one.named and (not qualifier or one.qualifier[-len(qualifier) :] == qualifier)
    ]  # fmt: skip


def use(source: Source | None) -> None:
    """Note that a column's bytes are needed, in every place it comes from."""
    for place in source.places if source is not None else ():
        if place is not None:
            place.scan.needed.add(place.column)
            if place is not source:
                use(place)
