"""Whether a text shows a value: in any of the ways in which the lab writes numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from labkit.checks.finding import CheckResult

# Said by the lab to everybody before the task: names to choose from, and the header of the student's own files.
_NO_SECRET = {
    *("DataFrame", "DynamicFrame", "glue", "lambda", "pandas"),
    *("bigint", "double", "boolean", "date", "timestamp", "string"),
    *("number", "mixed", "no_type", "text", "network", "python", "workers", "compression"),
    *("id_venta", "fecha", "id_tienda", "id_cliente", "id_producto", "cantidad", "precio_unitario", "canal"),
}


def list_spellings(value: Any) -> set[str]:
    """The ways in which a text may show a value; none of one so short that it stands anywhere by chance."""
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, str):
        return {value} if len(value) >= 6 and value not in _NO_SECRET else set()
    if isinstance(value, int):
        return {str(value), f"{value:,}"} if abs(value) >= 100 else set()
    if not isinstance(value, float) or value == int(value):
        return list_spellings(int(value)) if isinstance(value, float) else set()
    shown = {str(value), f"{value:g}", *(f"{value:.{digits}f}" for digits in range(1, 7))}
    return {one for one in shown if len(one.strip("-0.").replace(".", "")) >= 3}


def find_revealed(right: Iterable[Any], words: str) -> set[str]:
    """Which of the right values stand in a text by themselves."""
    spellings = {one for value in right for one in list_spellings(value)}
    return {one for one in spellings if re.search(rf"(?<![\w.]){re.escape(one)}(?!\w|[.,]\d)", words)}


def show_result(result: CheckResult) -> str:
    """All that a student is told of it, facts that no text shows among it: the lab hands them over as well."""
    told = [part for one in result.findings for part in (one.text(), one.misconception_text())]
    return "\n".join([*told, *(str(value) for one in result.findings for value in one.facts.values())])
