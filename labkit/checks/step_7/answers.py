"""7.1: a question to the Parquet whose answer is each student's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_7.executions import Execution, Row, find_execution, read_rows
from labkit.checks.step_7.processed import Sale, judge_processed, read_processed

_COLUMNS = ("año", "trimestre", "id_tienda", "importe")
# Amounts are asked for with two digits, and a sum of floats depends on its order.
_CENT = 0.0101
# (year, quarter) → (shop, amount)
Best = dict[tuple[int, int], tuple[str, float]]


def check_answer(context: Context) -> list[Finding]:
    """The rows of the student's own query must be the best shop of each quarter for the best-selling product."""
    query_id = context.get("query_id")
    execution = find_execution(context, query_id)
    if execution is None:
        raise NotAttempted("task_7.no_query", value=str(query_id)[:60])
    if execution.state != "SUCCEEDED":
        facts = {"state": execution.state, "reason": execution.reason[:300]}
        return [Finding(False, "task_7.query_failed", facts, _explain_failure(execution))]
    sales = read_processed(context)
    names, rows = read_rows(context, execution)
    findings = [judge_processed(context, sales), _judge_source(context, execution), _judge_columns(names)]
    if not all(item.ok for item in findings[1:]):
        return findings
    given = _read_best(names, rows)
    if given is None:
        return [
            *findings,
            Finding(False, "task_7.answer.unreadable", {"row": str(rows[0])[:120]}, "task_7.answer.one_row_each"),
        ]
    findings.append(_judge_quarters(given, rows, sales))
    return [*findings, _judge_best(given, sales)] if findings[-1].ok else findings


def _explain_failure(execution: Execution) -> str:
    return "task_7.answer.unquoted" if "año" in execution.sql and '"año"' not in execution.sql else ""


def _judge_source(context: Context, execution: Execution) -> Finding:
    names = context.names
    facts = {"table": names.processed, "scanned": execution.scanned_bytes}
    reads = execution.reads(names.processed) and not execution.reads(names.dataset)
    return Finding(reads, "task_7.answer.source", facts, "task_7.answer.other_table")


def _judge_columns(names: Iterable[str]) -> Finding:
    found = [name.lower() for name in names]
    facts = {"found": ", ".join(found), "wanted": ", ".join(_COLUMNS)}
    return Finding(set(_COLUMNS) <= set(found), "task_7.answer.columns", facts)


def _read_best(names: tuple[str, ...], rows: list[Row]) -> Best | None:
    places = [[name.lower() for name in names].index(column) for column in _COLUMNS]
    best: Best = {}
    try:
        for row in rows:
            year, quarter, store, amount = (row[place] for place in places)
            key = (int(float(year or "")), int(float(quarter or "")))
            if key in best:
                return None
            best[key] = (store or "", float(amount or ""))
    except (ValueError, OverflowError):
        return None
    return best


def _judge_quarters(given: Best, rows: list[Row], sales: list[Sale]) -> Finding:
    wanted = {(sale.year, _quarter(sale)) for sale in sales}
    facts = {"rows": len(rows), "quarters": ", ".join(f"{year}/{quarter}" for year, quarter in sorted(given)) or "—"}
    return Finding(set(given) == wanted, "task_7.answer.quarters", facts, "task_7.answer.month_is_text")


def _judge_best(given: Best, sales: list[Sale]) -> Finding:
    tops = _find_top(sales, _units)
    facts = {"rows": "; ".join(f"{key[1]}: {store} {amount:.2f}" for key, (store, amount) in sorted(given.items()))}
    if any(_agrees(given, sales, top) for top in tops):
        return Finding(True, "task_7.answer.best", facts)
    return Finding(False, "task_7.answer.best_differs", facts, _explain(given, sales, tops))


def _explain(given: Best, sales: list[Sale], tops: list[str]) -> str:
    """Which likely mistake gives these rows ("" for none of them)."""
    for top in tops:
        if _has_best_shops(given, sales, top, _amount):
            return "task_7.answer.amount_differs"
        if _has_best_shops(given, sales, top, _units):
            return "task_7.answer.most_units"
    for measure, mistake in ((_amount, "task_7.answer.top_by_amount"), (_one, "task_7.answer.top_by_rows")):
        if any(_agrees(given, sales, top) for top in _find_top(sales, measure)):
            return mistake
    return "task_7.answer.all_products" if _agrees(given, sales, "") else ""


def _units(sale: Sale) -> float:
    return sale.units


def _amount(sale: Sale) -> float:
    return sale.amount


def _one(_sale: Sale) -> float:
    return 1.0


def _find_top(sales: list[Sale], measure: Callable[[Sale], float]) -> list[str]:
    """The products with the highest sum: more than one when they tie."""
    sums: dict[str, float] = defaultdict(float)
    for sale in sales:
        sums[sale.product] += measure(sale)
    highest = max(sums.values())
    return [product for product, value in sums.items() if abs(value - highest) < 1e-6]


def _sum_by_shop(
    sales: list[Sale], product: str, measure: Callable[[Sale], float]
) -> dict[tuple[int, int], dict[str, float]]:
    """What each shop comes to in each quarter; of all products for an empty name."""
    sums: dict[tuple[int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for sale in sales:
        if not product or sale.product == product:
            sums[sale.year, _quarter(sale)][sale.store] += measure(sale)
    return sums


def _agrees(given: Best, sales: list[Sale], product: str) -> bool:
    sums = _sum_by_shop(sales, product, _amount)
    return _has_best_shops(given, sales, product, _amount) and all(
        abs(amount - sums[key][store]) <= _CENT for key, (store, amount) in given.items()
    )


def _has_best_shops(given: Best, sales: list[Sale], product: str, measure: Callable[[Sale], float]) -> bool:
    """True when each quarter's shop is the highest of that quarter, or as high as the highest."""
    sums = _sum_by_shop(sales, product, measure)
    return set(given) == set(sums) and all(
        sums[key].get(store, -1.0) >= max(sums[key].values()) - _CENT / 2 for key, (store, _) in given.items()
    )


def _quarter(sale: Sale) -> int:
    return (sale.month + 2) // 3
