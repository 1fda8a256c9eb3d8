"""A student's values on their way to the check: JSON by exact type, so that no object of theirs is ever compared or unpickled.

`export` runs in the student's kernel, `read_value` in the check's process.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_TAG = "$"
MAX_ROWS = 200_000
_DEEPEST = 40


@dataclass(frozen=True)
class Frame:
    """A pandas or Spark DataFrame: (name, type) of each column, rows as tuples, and how many rows there were before cutting."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _kind in self.columns)


@dataclass(frozen=True)
class Function:
    """A function of the student's: it stays in the kernel and is called there."""

    name: str


@dataclass(frozen=True)
class Other:
    """A value of any other type; all that is known of it here is the type's name."""

    type: str


class Missing:
    """The placeholder `...` of an answer that was not written, or a name that does not exist."""


MISSING = Missing()


def export(value: Any, depth: int = 0) -> Any:
    """The value as JSON. Only exact types pass: a subclass of int with an `__eq__` of its own is `Other`."""
    kind = type(value)
    if value is ...:
        return {_TAG: "missing"}
    if depth > _DEEPEST:
        return {_TAG: "other", "type": "nested too deeply"}
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {_TAG: "float", "text": repr(value)}
    if kind is list:
        return [export(item, depth + 1) for item in value]
    if kind in (tuple, set, frozenset):
        items = sorted(value, key=repr) if kind in (set, frozenset) else value
        return {_TAG: "tuple" if kind is tuple else "set", "items": [export(item, depth + 1) for item in items]}
    if kind is dict:
        return {
            _TAG: "dict",
            "items": [[export(key, depth + 1), export(item, depth + 1)] for key, item in value.items()],
        }
    if kind in (date, datetime, Decimal):
        return {_TAG: kind.__name__, "text": value.isoformat() if kind is not Decimal else str(value)}
    return _export_foreign(value, kind, depth)


def _export_foreign(value: Any, kind: type, depth: int) -> Any:
    module = str(getattr(kind, "__module__", ""))
    top = module.split(".", maxsplit=1)[0]
    if top == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return export(value.item(), depth + 1)
    if top == "numpy" and kind.__name__ == "ndarray":
        return export(value.tolist(), depth + 1)
    if top == "pandas" and kind.__name__ == "Timestamp":
        return {_TAG: "datetime", "text": value.isoformat()}
    if top == "pandas" and kind.__name__ in ("Series", "DataFrame"):
        return _export_pandas(value, kind.__name__, depth)
    if module.startswith("pyspark.sql") and kind.__name__ == "DataFrame":
        columns = [[item.name, item.dataType.simpleString()] for item in value.schema.fields]
        rows = value.limit(MAX_ROWS + 1).collect()
        return _frame(columns, [tuple(row) for row in rows[:MAX_ROWS]], len(rows), depth)
    if module.startswith("pyspark.sql") and kind.__name__ == "Row":
        return export(tuple(value), depth + 1)
    if callable(value) and kind.__name__ in ("function", "method", "builtin_function_or_method", "partial"):
        return {_TAG: "function", "name": getattr(value, "__name__", kind.__name__)}
    return {_TAG: "other", "type": f"{module}.{kind.__qualname__}"}


def _export_pandas(value: Any, name: str, depth: int) -> Any:
    import pandas as pd

    frame = value.to_frame() if name == "Series" else value
    columns = [[str(column), str(dtype)] for column, dtype in frame.dtypes.items()]
    cut = frame.head(MAX_ROWS).astype(object)
    cut = cut.where(pd.notna(cut), None)
    return _frame(columns, list(cut.itertuples(index=False, name=None)), len(frame), depth)


def _frame(columns: list[Any], rows: list[Any], total: int, depth: int) -> Any:
    body = [[export(item, depth + 2) for item in row] for row in rows]
    return {_TAG: "frame", "columns": columns, "rows": body, "total": total}


def read_value(document: Any) -> Any:
    """The value of what `export` gave: plain Python, Frame, Function, Other or MISSING."""
    if isinstance(document, list):
        return [read_value(item) for item in document]
    if not isinstance(document, dict):
        return document
    return _READERS[document[_TAG]](document)


def _read_dict(document: dict[str, Any]) -> dict[Any, Any]:
    pairs = [(read_value(key), read_value(item)) for key, item in document["items"]]
    return {(tuple(key) if isinstance(key, list) else key): item for key, item in pairs}


_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "missing": lambda _document: MISSING,
    "float": lambda document: float(document["text"]),
    "tuple": lambda document: tuple(read_value(item) for item in document["items"]),
    "set": lambda document: {read_value(item) for item in document["items"]},
    "dict": _read_dict,
    "date": lambda document: date.fromisoformat(document["text"]),
    "datetime": lambda document: datetime.fromisoformat(document["text"]),
    "Decimal": lambda document: Decimal(document["text"]),
    "function": lambda document: Function(str(document["name"])),
    "other": lambda document: Other(str(document["type"])),
    "frame": lambda document: Frame(
        tuple((str(name), str(kind)) for name, kind in document["columns"]),
        tuple(tuple(read_value(item) for item in row) for row in document["rows"]),
        int(document["total"]),
    ),
}
