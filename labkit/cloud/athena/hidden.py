"""Columns that every file-backed table has and ``*`` does not show: ``"$path"`` and its kin."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.moment_literals import literal
from labkit.cloud.athena.dialect.scope import Scan
from labkit.cloud.athena.types import BIGINT, TIMESTAMP_TZ, VARCHAR, Type, duckdb

HIDDEN: tuple[tuple[str, Type], ...] = (
    ("$path", VARCHAR),
    ("$file_size", BIGINT),
    ("$file_modified_time", TIMESTAMP_TZ),
    ("$partition", VARCHAR),
)


def hidden_columns(scan: Scan) -> list[tuple[int, str, Type]]:
    """The hidden columns that a query reads, with their numbers in the scan's view."""
    start = len(scan.fields)
    return [(start + index, name, kind) for index, (name, kind) in enumerate(HIDDEN) if name in scan.needed]


def hidden_value(name: str, one: Any, keys: list[str], values: tuple[str, ...]) -> str:
    """DuckDB text of one file's hidden column."""
    if name == "$path":
        return text(f"s3://{one.bucket}/{one.key}")
    if name == "$file_size":
        return str(int(one.size_bytes))
    if name == "$partition":
        return text("/".join(f"{key}={value}" for key, value in zip(keys, values, strict=False)))
    moment = f"{one.last_modified:%Y-%m-%d %H:%M:%S}.{one.last_modified.microsecond // 1000:03d} UTC"
    return literal("timestamp", moment, None).sql


def hidden_texts(scan: Scan, files: list[tuple[Any, tuple[str, ...]]]) -> list[str]:
    """One expression for each hidden column that is read: a constant, or a look-up by DuckDB's number of the file."""
    keys = [name for name, _ in scan.partition_keys]
    columns = []
    for number, name, kind in hidden_columns(scan):
        values = [hidden_value(name, one, keys, values) for one, values in files]
        if len(set(values)) == 1:
            sql = f"CAST({values[0]} AS {duckdb(kind)})"
        else:
            sql = f"CAST([{', '.join(values)}] AS {duckdb(kind)}[])[CAST(file_index AS BIGINT) + 1]"
        columns.append(f"{sql} AS c{number}")
    return columns


def kept_files(connection: Any, scan: Scan, files: list[tuple[Any, tuple[str, ...]]], keyed: Any) -> list[int]:
    """Numbers of the files that the conditions on hidden columns leave; ``keyed`` writes a partition key's value."""
    if not scan.file_predicates or not files:
        return list(range(len(files)))
    keys = [name for name, _ in scan.partition_keys]
    hidden = hidden_columns(scan)
    names = [f"c{len(scan.columns) + index}" for index in range(len(keys))] + [f"c{number}" for number, _, _ in hidden]
    lines = []
    for index, (one, values) in enumerate(files):
        cells = [keyed(value, kind) for value, (_, kind) in zip(values, scan.partition_keys, strict=True)]
        cells += [hidden_value(name, one, keys, values) for _, name, _ in hidden]
        lines.append(f"({', '.join([str(index), *cells])})")
    where = " AND ".join(scan.file_predicates)
    rows = f"(VALUES {', '.join(lines)}) AS {scan.alias}({', '.join(['i', *names])})"
    found = connection.execute(f"SELECT i FROM {rows} WHERE {where} ORDER BY i").fetchall()
    return [index for (index,) in found]
