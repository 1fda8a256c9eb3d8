"""Row groups that DuckDB skips because their statistics rule every row out: their bytes are not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labkit.cloud.athena.readers.files import FileSet, path_list
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
    gone: set[tuple[str, int]] = set()
    for one in filters:
        gone |= _ruled_out(files, one, groups)
    return sum(groups[key]["bytes"] for key in gone)


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


def _groups(files: FileSet, known: list[Footer], columns: set[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Each row group's bytes of the needed columns, and lowest and highest value of the compared ones."""
    rows = files.connection.execute(
        "SELECT file_name, row_group_id, path_in_schema, total_compressed_size, stats_min_value, stats_max_value "
        f"FROM parquet_metadata({path_list([one.path for one in files.objects])})"
    ).fetchall()
    named = {
        str(one.path): {actual: name for name, actual in spelled(files, footer.types).items()}
        for one, footer in zip(files.objects, known, strict=True)
    }
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for name, number, path, size, low, high in rows:
        group = found.setdefault((name, number), {"bytes": 0})
        whole = named[name].get(path)
        if (whole or named[name].get(path.split(", ")[0])) in files.needed:
            group["bytes"] += int(size or 0)
        if whole in columns:
            group[whole] = (low, high)
    return found


def _ruled_out(files: FileSet, one: Any, groups: dict[tuple[str, int], dict[str, Any]]) -> set[tuple[str, int]]:
    """The groups in whose range the condition holds for no value; decided in the column's type."""
    kind = duckdb(dict(files.columns)[one.column])
    listed = [(key, *group.get(one.column, (None, None))) for key, group in groups.items()]
    low, high = f"TRY_CAST(lo AS {kind})", f"TRY_CAST(hi AS {kind})"
    tests = {
        "=": [f"({low} <= {value} AND {high} >= {value})" for value in one.constants],
        ">": [f"{high} > {one.constants[0]}"],
        ">=": [f"{high} >= {one.constants[0]}"],
        "<": [f"{low} < {one.constants[0]}"],
        "<=": [f"{low} <= {one.constants[0]}"],
    }
    sql = (
        f"SELECT i FROM (SELECT unnest(range({len(listed)})) AS i, unnest(CAST(? AS VARCHAR[])) AS lo, unnest(CAST(? AS VARCHAR[])) AS hi) "
        f"AS listed WHERE NOT coalesce({' OR '.join(tests[one.sign])}, true)"
    )
    found = files.connection.execute(sql, [[low for _, low, _ in listed], [high for _, _, high in listed]]).fetchall()
    return {listed[index][0] for (index,) in found}
