"""Row groups that DuckDB skips because their statistics rule every row out: their bytes are not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.cloud.athena.readers.files import FileSet
from labkit.cloud.athena.readers.footers import Footer
from labkit.cloud.athena.readers.parquet_columns import spelled
from labkit.cloud.athena.readers.parquet_types import same
from labkit.cloud.athena.types import duckdb

# Looking at the row groups of more files than this costs more than it tells.
_MOST_FILES = 2000


def skipped_bytes(files: FileSet, known: list[Footer]) -> int:
    """Bytes of the needed columns in row groups that no row of the query can come from."""
    filters = [one for one in files.filters if _pushed(files, known, one.column)]
    if not filters or len(files.objects) > _MOST_FILES:
        return 0
    groups = _groups(files, known, {one.column for one in filters})
    return sum(groups[index].size_bytes for index in _ruled_out(files, filters, groups))


@dataclass
class Group:
    """A row group: bytes of the needed columns, lowest and highest value of the compared ones."""

    size_bytes: int = 0
    ranges: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


def _pushed(files: FileSet, known: list[Footer], column: str) -> bool:
    """Does DuckDB compare the file's own values? Only then does it look at their statistics."""
    kind = dict(files.columns)[column]
    for one, footer in {
        footer.schema: (one, footer) for one, footer in zip(files.objects, known, strict=True)
    }.values():
        shape = files.footers.shape(footer, Path(one.path), files.connection)
        actual = spelled(files, shape).get(column)
        if actual is None or not same(shape[actual], kind):
            return False
    return True


def _groups(files: FileSet, known: list[Footer], columns: set[str]) -> list[Group]:
    found: list[Group] = []
    chunks = files.footers.chunks(files.objects, files.connection)
    for footer, listed in zip(known, chunks, strict=True):
        names = {actual: name for name, actual in spelled(files, footer.types).items()}
        groups: dict[int, Group] = {}
        for chunk in listed:
            group = groups.setdefault(chunk.group, Group())
            whole = names.get(chunk.path)
            if (whole or names.get(chunk.path.split(", ")[0])) in files.needed:
                group.size_bytes += chunk.size_bytes
            if whole is not None and whole in columns:
                group.ranges[whole] = (chunk.low, chunk.high)
        found += groups.values()
    return found


def _ruled_out(files: FileSet, filters: list[Any], groups: list[Group]) -> list[int]:
    """The groups in whose range a condition holds for no value; decided in the columns' types, in one question to DuckDB."""
    kinds, lists, tests, values = dict(files.columns), [], [], []
    for number, one in enumerate(filters):
        kind = duckdb(kinds[one.column])
        lists.append(f"unnest(CAST(? AS VARCHAR[])) AS lo{number}, unnest(CAST(? AS VARCHAR[])) AS hi{number}")
        test = _test(one, f"TRY_CAST(lo{number} AS {kind})", f"TRY_CAST(hi{number} AS {kind})")
        tests.append(f"NOT coalesce({test}, true)")
        ranges = [group.ranges.get(one.column, (None, None)) for group in groups]
        values += [[low for low, _ in ranges], [high for _, high in ranges]]
    sql = f"SELECT i FROM (SELECT unnest(range({len(groups)})) AS i, {', '.join(lists)}) AS listed WHERE {' OR '.join(tests)}"
    return [index for (index,) in files.connection.execute(sql, values).fetchall()]


def _test(one: Any, low: str, high: str) -> str:
    """May a value between ``low`` and ``high`` fulfil the condition?"""
    if one.sign == "=":
        return " OR ".join(f"({low} <= {value} AND {high} >= {value})" for value in one.constants)
    end = high if one.sign.startswith(">") else low
    return f"{end} {one.sign} {one.constants[0]}"
