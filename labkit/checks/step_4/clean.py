"""4.1: the cleaning function, by what it wrote and by what it makes of rows that it has not seen."""

from __future__ import annotations

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.step_4 import places
from labkit.checks.step_4.parquet import read_folder
from labkit.checks.step_4.sales_input import SalesReader
from labkit.checks.step_4.sales_rows import judge_count, judge_partitions, judge_types, judge_values
from labkit.checks.step_4.tricky import build_cases, judge_clean


def check_clean(context: Context) -> list[Finding]:
    """Types, partitions, number and values of the clean sales, and the function on tricky ones."""
    folder = read_folder(context, places.CLEAN)
    given = SalesReader(context).find_input(folder.first_written)
    return [
        judge_types(folder),
        judge_partitions(folder),
        judge_count(folder, given),
        judge_values(folder, given),
        judge_clean(context, build_cases(context.truth.seed)),
    ]
