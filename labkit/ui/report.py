"""A run's report as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.i18n import text
from labkit.results import RunReport

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_KINDS_SHOWN = 30


def print_report(console: Console, report: RunReport) -> None:
    """Print what was created, the hops, the months, the rejected rows, the cost and where the files are."""
    _print_created(console, report)
    _print_parquet(console, report)
    parts = [
        (text("report.hops"), _build_hops(report)),
        (text("report.months", table=report.processed_table), _build_months(report)),
        (text("report.rejected", count=f"{report.rows_rejected:,}"), _build_rejected(report)),
        (text("report.costs"), _build_costs(report)),
    ]
    for title, table in parts:
        console.print(title, style="bold")
        if table.row_count:
            console.print(table)
    console.print(text("report.prices", region=report.prices_region, read_on=report.prices_read_on))
    if report.chart:
        console.print(text("report.chart", file=report.chart), markup=False, soft_wrap=True)


def _print_created(console: Console, report: RunReport) -> None:
    if not report.created:
        console.print(text("report.nothing_created"))
        return
    console.print(text("report.created", count=len(report.created)))
    for name in report.created[:_KINDS_SHOWN]:
        console.print(f"  {name}", markup=False, soft_wrap=True)
    if len(report.created) > _KINDS_SHOWN:
        console.print(text("report.more", count=len(report.created) - _KINDS_SHOWN))


def _print_parquet(console: Console, report: RunReport) -> None:
    size = f"{report.parquet_bytes / 1e6:,.2f}"
    console.print(
        text("report.parquet", count=report.parquet_objects, megabytes=size, folder=report.processed_uri), markup=False
    )


def _table(*columns: tuple[str, bool]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, is_number in columns:
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number)
    return table


def _build_hops(report: RunReport) -> Table:
    table = _table((text("report.hop"), False), (text("report.seconds"), True))
    for hop in report.hops:
        table.add_row(text(hop.key), f"{hop.seconds:.3f}")
    return table


def _build_months(report: RunReport) -> Table:
    has_amount = any(month.amount is not None for month in report.months)
    heads = [(text("report.month"), False), (text("report.rows"), True), (text("report.units"), True)]
    heads += [(text("report.amount"), True)] if has_amount else []
    table = _table(*heads)
    for month in report.months:
        cells = [month.label, f"{month.rows:,}", _number(month.units)]
        table.add_row(*cells, *([_number(month.amount or 0.0)] if has_amount else []))
    table.add_section()
    totals = [text("report.total"), f"{report.rows_kept:,}", _number(sum(month.units for month in report.months))]
    table.add_row(*totals, *([_number(sum(month.amount or 0.0 for month in report.months))] if has_amount else []))
    return table


def _build_rejected(report: RunReport) -> Table:
    table = _table((text("report.reason"), False), (text("report.rows"), True))
    for item in report.rejected:
        table.add_row(item.reason, f"{item.rows:,}")
    return table


def _build_costs(report: RunReport) -> Table:
    table = _table((text("report.item"), False), ("USD", True))
    for line in report.costs:
        table.add_row(text(line.key, **line.facts), f"{line.usd:.6f}")
    table.add_section()
    table.add_row(text("report.total"), f"{report.cost_usd:.6f}")
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
