"""The tables that a crawl found, for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.i18n import text

if TYPE_CHECKING:
    from rich.console import Console

# The mark of a table and the catalogue's word for it.
_STATES = {"new": ("+", "crawl.new"), "changed": ("~", "crawl.changed"), "same": ("=", "crawl.same")}
_COLUMNS_SHOWN = 40


@dataclass(frozen=True)
class FoundTable:
    """A table after a crawl: ``columns`` and ``keys`` are (name, type); ``estimate`` is the crawler's recordCount, which is no count."""

    database: str
    name: str
    state: str
    location: str
    classification: str
    columns: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...]
    partitions: int
    estimate: str


def read_table(table: Mapping[str, Any], state: str, partitions: int) -> FoundTable:
    """From GetTables' document."""
    storage, parameters = table.get("StorageDescriptor", {}), table.get("Parameters", {})
    return FoundTable(
        database=table["DatabaseName"],
        name=table["Name"],
        state=state,
        location=storage.get("Location", ""),
        classification=parameters.get("classification", "?"),
        columns=tuple((one["Name"], one.get("Type", "")) for one in storage.get("Columns", [])),
        keys=tuple((one["Name"], one.get("Type", "")) for one in table.get("PartitionKeys", [])),
        partitions=partitions,
        estimate=parameters.get("recordCount", ""),
    )


def print_tables(console: Console, database: str, found: Sequence[FoundTable]) -> None:
    """One block a table: what is new about it, where it lies, its columns, its partitions."""
    mark_of_key = text("crawl.key")
    for one in found:
        mark, word = _STATES[one.state]
        head = f"{mark} {database}.{one.name}"
        console.print(f"{head}  {one.classification}  {one.location}", markup=False, style="bold", soft_wrap=True)
        console.print("  " + text(word) + _estimate(one), markup=False, style="dim", soft_wrap=True)
        width = max((len(name) for name, _ in (*one.columns, *one.keys)), default=0)
        for name, kind in one.columns[:_COLUMNS_SHOWN]:
            console.print(f"    {name:<{width}}  {kind}", markup=False, soft_wrap=True)
        if len(one.columns) > _COLUMNS_SHOWN:
            console.print("    " + text("report.more", count=len(one.columns) - _COLUMNS_SHOWN), markup=False)
        for name, kind in one.keys:
            console.print(f"    {name:<{width}}  {kind}  {mark_of_key}", markup=False, soft_wrap=True)
        if one.keys:
            console.print("    " + text("crawl.partitions", count=one.partitions), markup=False)


def _estimate(one: FoundTable) -> str:
    return "  " + text("crawl.estimate", count=one.estimate) if one.estimate else ""
