"""A student's values on their way to the check: JSON by exact type, so that no object of theirs is ever compared or unpickled.

`export` runs in the student's kernel, `read_value` in the check's process.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# Under the grader a check cell hands its values over as output of this kind, and a function's answers as the other.
HANDED_OVER = "application/vnd.labkit.values+json"
ANSWERED = "application/vnd.labkit.answers+json"
_TAG = "$"
MAX_ROWS = 200_000
_DEEPEST = 40
# Longer ones are no answer to any task, and would stop the kernel for minutes on their way.
_MOST_ITEMS = 1_000_000
_MOST_LETTERS = 10_000_000
_MOST_BITS = 4096
# Containers of the standard library that a student's answer comes in as often as in a dict or a list.
_DICTS = (dict, OrderedDict, defaultdict, Counter)
_LISTS: tuple[type, ...] = (list, range, deque, type({}.keys()), type({}.values()))


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


def export(value: Any) -> Any:
    """The value as JSON. Only exact types pass: a subclass of int with an `__eq__` of its own is `Other`.

    Never raises: a DataFrame that cannot be computed, for one, is `Other` with the name of what it raised.
    """
    try:
        return _export(value, 0)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the student's value, and no answer
        return _other(f"{type(value).__module__}.{type(value).__qualname__} ({type(error).__name__})")


def _other(name: str) -> dict[str, Any]:
    return {_TAG: "other", "type": name}


def _export(value: Any, depth: int) -> Any:
    kind = type(value)
    if value is ...:
        return {_TAG: "missing"}
    if depth > _DEEPEST:
        return _other("nested too deeply")
    if value is None or kind in (bool, int, str, float):
        return _export_plain(value, kind)
    if kind in (*_LISTS, *_DICTS, tuple, set, frozenset):
        return _export_container(value, kind, depth)
    if kind in (date, datetime, Decimal):
        return {_TAG: kind.__name__, "text": value.isoformat() if kind is not Decimal else str(value)}
    return _export_foreign(value, kind, depth)


def _export_plain(value: Any, kind: type) -> Any:
    if kind is float:
        return value if math.isfinite(value) else {_TAG: "float", "text": repr(value)}
    if kind is int and value.bit_length() > _MOST_BITS:
        return _other(f"int, {value.bit_length()} bits")
    if kind is str and len(value) > _MOST_LETTERS:
        return _other(f"str, {len(value)}")
    return value


def _export_container(value: Any, kind: type, depth: int) -> Any:
    if len(value) > _MOST_ITEMS:
        return _other(f"{kind.__qualname__}, {len(value)}")
    if kind in _DICTS:
        pairs = [[_export(key, depth + 1), _export(item, depth + 1)] for key, item in value.items()]
        return {_TAG: "dict", "items": pairs}
    items = [_export(item, depth + 1) for item in (sorted(value, key=repr) if kind in (set, frozenset) else value)]
    if kind in _LISTS:
        return items
    return {_TAG: "tuple" if kind is tuple else "set", "items": items}


def _export_foreign(value: Any, kind: type, depth: int) -> Any:
    module = str(getattr(kind, "__module__", ""))
    top = module.split(".", maxsplit=1)[0]
    if top == "numpy":
        return _export_numpy(value, kind, depth)
    if top == "pandas" and kind.__name__ == "Timestamp":
        return {_TAG: "datetime", "text": value.isoformat()}
    if top == "pandas" and kind.__name__ in ("NaTType", "NAType"):
        return None
    if top == "pandas" and (".indexes." in module or ".arrays." in module) and hasattr(value, "tolist"):
        return _export(value.tolist(), depth + 1)
    if top == "pandas" and kind.__name__ in ("Series", "DataFrame"):
        return _export_pandas(value, kind.__name__, depth)
    if module.startswith("pyspark.sql") and kind.__name__ == "DataFrame":
        columns = [[item.name, item.dataType.simpleString()] for item in value.schema.fields]
        rows = value.limit(MAX_ROWS + 1).collect()
        return _frame(columns, [tuple(row) for row in rows[:MAX_ROWS]], len(rows), depth)
    if module.startswith("pyspark.sql") and kind.__name__ == "Row":
        return _export(tuple(value), depth + 1)
    if callable(value) and kind.__name__ in _FUNCTIONS:
        return {_TAG: "function", "name": getattr(value, "__name__", kind.__name__)}
    return _other(f"{module}.{kind.__qualname__}")


# The last one is what functools.cache makes of a function.
_FUNCTIONS = ("function", "method", "builtin_function_or_method", "partial", "_lru_cache_wrapper")


def _export_numpy(value: Any, kind: type, depth: int) -> Any:
    if kind.__name__ == "datetime64":
        return None if str(value) == "NaT" else _export(value.astype("datetime64[us]").item(), depth + 1)
    if kind.__name__ == "longdouble":
        return _export(float(value), depth + 1)
    if kind.__name__ == "ndarray":
        plain = value.astype("datetime64[us]") if value.dtype.kind == "M" else value
        return _export(plain.tolist(), depth + 1)
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return _export(value.item(), depth + 1)
    return _other(f"{kind.__module__}.{kind.__qualname__}")


def _export_pandas(value: Any, name: str, depth: int) -> Any:
    import pandas as pd

    frame = value.to_frame() if name == "Series" else value
    columns = [[str(column), str(dtype)] for column, dtype in frame.dtypes.items()]
    cut = frame.head(MAX_ROWS).astype(object)
    cut = cut.where(pd.notna(cut), None)
    return _frame(columns, list(cut.itertuples(index=False, name=None)), len(frame), depth)


def _frame(columns: list[Any], rows: list[Any], total: int, depth: int) -> Any:
    body = [[_export(item, depth + 2) for item in row] for row in rows]
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
    return {_freeze(key): item for key, item in pairs}


def _freeze(value: Any) -> Any:
    """As a key of a dict or an item of a set it must be hashable: a frozenset arrives as a set, an array as a list."""
    if isinstance(value, (list, tuple)):
        return tuple(_freeze(item) for item in value)
    if isinstance(value, set):
        return frozenset(_freeze(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _freeze(item)) for key, item in value.items())
    return Other("DataFrame") if isinstance(value, Frame) else value


_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "missing": lambda _document: MISSING,
    "float": lambda document: float(document["text"]),
    "tuple": lambda document: tuple(read_value(item) for item in document["items"]),
    "set": lambda document: {_freeze(read_value(item)) for item in document["items"]},
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
