"""SearchTables: tables of all databases by text and by property."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog.pages import page
from labkit.cloud.data_catalog.records import Document

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": lambda a, b: a == b,
    "GREATER_THAN": lambda a, b: a > b,
    "LESS_THAN": lambda a, b: a < b,
    "GREATER_THAN_EQUALS": lambda a, b: a >= b,
    "LESS_THAN_EQUALS": lambda a, b: a <= b,
}
# What a filter's key may name besides a table's parameters.
_MEMBERS = {
    name.lower(): name
    for name in (
        "Name",
        "DatabaseName",
        "Description",
        "Owner",
        "TableType",
        "CreateTime",
        "UpdateTime",
        "LastAccessTime",
    )
}


class SearchCalls:
    """The one call of search."""

    def __init__(self, catalog: Callable[[Scope], Catalog]) -> None:
        self._catalog = catalog
        self.calls: dict[str, Handler] = {"SearchTables": self._search}

    def _search(self, call: Call) -> dict[str, Any]:
        catalog = self._catalog(call.scope)
        found = [table for one in catalog.list_databases() for table in catalog.list_tables(one["Name"])]
        found = [table for table in found if _has_text(table, call.params.get("SearchText"))]
        for one in call.params.get("Filters") or []:
            found = [table for table in found if _fits(table, one)]
        order = (call.params.get("SortCriteria") or [{}])[0]
        by = _MEMBERS.get(str(order.get("FieldName") or "Name").lower())
        if by is None:
            raise AwsError("InvalidInputException", f"Tables cannot be sorted by {order.get('FieldName')}")
        found.sort(key=lambda table: (table.get(by) is None, table.get(by) or 0), reverse=order.get("Sort") == "DESC")
        places = {id(table): number for number, table in enumerate(found)}
        shown, more = page(found, lambda table: places[id(table)], call.params, 100)
        return {"TableList": shown, **more}


def _has_text(table: Document, text: str | None) -> bool:
    """Words match any part of a table's texts; a quoted text matches a whole one."""
    if not text:
        return True
    texts = [one.lower() for one in _texts(table)]
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].lower() in texts
    return any(text.lower() in one for one in texts)


def _texts(table: Document) -> Iterator[str]:
    for name in ("Name", "DatabaseName", "Description", "Owner"):
        if table.get(name):
            yield str(table[name])
    descriptor = table.get("StorageDescriptor") or {}
    for column in [*(descriptor.get("Columns") or []), *(table.get("PartitionKeys") or [])]:
        yield column["Name"]
        if column.get("Comment"):
            yield column["Comment"]
    yield from (str(value) for value in (table.get("Parameters") or {}).values())


def _fits(table: Document, given: Document) -> bool:
    key, wanted = str(given.get("Key") or ""), str(given.get("Value") or "")
    member = _MEMBERS.get(key.lower())
    value = table.get(member) if member else (table.get("Parameters") or {}).get(key)
    if value is None:
        return False
    compare = _COMPARE[given.get("Comparator") or "EQUALS"]
    if isinstance(value, float):
        try:
            return compare(value, float(wanted))
        except ValueError:
            raise AwsError(
                "InvalidInputException", f"{key} is compared with seconds since 1970, not with {wanted!r}"
            ) from None
    return compare(str(value).lower(), wanted.lower())
