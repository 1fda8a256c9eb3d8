"""What a physical plan of Spark's says, read from the text that `explain()` prints."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FILTERS = re.compile(r"PartitionFilters: \[([^\n]*?)\](?:, PushedFilters|, ReadSchema|\n|$)")
_MONTH = re.compile(r"\bmes(?:#\d+L?)? = (\d+)\)?")


@dataclass(frozen=True)
class Plan:
    """`partition_filters` are those of the scans that have any; `months` the months that are compared in them."""

    is_plan: bool
    partition_filters: tuple[str, ...]
    months: frozenset[int]
    joins: frozenset[str]
    reads_cache: bool


def parse_plan(text: str) -> Plan:
    """The facts of a plan; a text that is none has `is_plan` False."""
    filters = tuple(found for found in (match.strip() for match in _FILTERS.findall(text)) if found)
    months = frozenset(int(number) for found in filters for number in _MONTH.findall(found))
    joins = frozenset(
        re.findall(r"\b(SortMergeJoin|BroadcastHashJoin|ShuffledHashJoin|BroadcastNestedLoopJoin)\b", text)
    )
    return Plan("Physical Plan" in text, filters, months, joins, "InMemoryTableScan" in text)
