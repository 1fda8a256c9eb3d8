"""Queries whose rows become files: the rows once, then a file for each partition."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from labkit.cloud.athena.coercion import can_coerce
from labkit.cloud.athena.ddl.files import write_file
from labkit.cloud.athena.ddl.partition_values import HIVE_NULL, partition_path
from labkit.cloud.athena.ddl.text_files import ENDINGS
from labkit.cloud.athena.denials import write_denied
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.locations import list_objects, split_location
from labkit.cloud.athena.querying import execute, plan
from labkit.cloud.athena.readers.hive_text import TextOptions, options_of
from labkit.cloud.athena.types import Type, show
from labkit.cloud.athena.work import Work
from labkit.cloud.call import AwsError
from labkit.cloud.identity.authorizer import is_denied

# Athena's limit of open writers in one query.
_MAX_PARTITIONS = 100


@dataclass(frozen=True)
class Target:
    """Where rows go: ``columns`` in order, the last ``keys`` of them being partition keys; ``known`` are partitions elsewhere."""

    location: str
    format: str
    columns: list[tuple[str, Type]]
    keys: int
    codec: str
    options: TextOptions = field(default_factory=lambda: options_of({}))
    header: bool = False
    known: dict[tuple[str, ...], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """Row count, files, and the partitions that got some."""

    rows: int
    files: list[str]
    partitions: list[list[str]]


def materialize(work: Work, sql: str, target: list[Type] | None = None) -> tuple[list[tuple[str, Type]], int]:
    """Run the query into a table ``written`` (columns c0, c1, …); its columns and the bytes scanned."""
    planned = plan(work, sql)
    kinds = target or [kind for _, kind in planned.columns]
    if target is not None:
        _check_types([kind for _, kind in planned.columns], target)
    casts = ", ".join(f"{_fitted(f'q.c{i}', kind, kinds[i])} AS c{i}" for i, (_, kind) in enumerate(planned.columns))
    text = f"CREATE TEMP TABLE written AS SELECT {casts} FROM ({planned.sql}) AS q"
    execute(work, text)
    return [(name, kinds[index]) for index, (name, _) in enumerate(planned.columns)], planned.scanned_bytes


def _check_types(given: list[Type], wanted: list[Type]) -> None:
    fits = len(given) == len(wanted) and all(
        can_coerce(one, other) or _same_family(one, other) for one, other in zip(given, wanted, strict=True)
    )
    if not fits:
        shown = [", ".join(show(kind) for kind in kinds) for kinds in (wanted, given)]
        text = f"Insert query has mismatched column types: Table: [{shown[0]}], Query: [{shown[1]}]"
        raise QueryFailure("TYPE_MISMATCH", text)


def _same_family(kind: Type, wanted: Type) -> bool:
    """Texts of any length may be inserted; what would be cut off is checked value by value."""
    return kind.name in ("varchar", "char") and wanted.name in ("varchar", "char")


def _fitted(sql: str, kind: Type, wanted: Type) -> str:
    """The value in the column's type; a text that is too long fails, unless what is cut off is spaces."""
    made = cast(Typed(sql, kind), wanted, None).sql
    if (
        wanted.name not in ("varchar", "char")
        or not wanted.params
        or kind == wanted
        or kind.name not in ("varchar", "char")
    ):
        return made
    words = f"Cannot truncate non-space characters when casting from {show(kind)} to {show(wanted)} on INSERT"
    return f"(CASE WHEN length(rtrim({sql}, ' ')) > {wanted.params[0]} THEN error('INVALID_CAST_ARGUMENT|{words}') ELSE {made} END)"


def check_empty(work: Work, location: str, what: str) -> None:
    """Athena writes new data only where there is none."""
    bucket, prefix = split_location(location)
    if any(one.key != prefix for one in list_objects(work.store, bucket, prefix)):
        raise QueryFailure("HIVE_PATH_ALREADY_EXISTS", f"Target directory for {what} already exists: {location}")


def check_keys(columns: list[tuple[str, Type]], keys: list[str]) -> None:
    """Partition keys are the last columns, in the same order, and not all of them."""
    names = [name for name, _ in columns]
    absent = [key for key in keys if key not in names]
    if absent:
        raise QueryFailure("INVALID_TABLE_PROPERTY", f"Partition columns {_listed(absent)} not present in schema")
    if keys and len(keys) == len(columns):
        raise QueryFailure("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    if names[len(columns) - len(keys) :] != keys:
        text = f"Partition keys must be the last columns in the table and in the same order as the table properties: {_listed(keys)}"
        raise QueryFailure("HIVE_COLUMN_ORDER_MISMATCH", text)
    for name, kind in columns:
        if name in keys and (kind.items or kind.name in ("varbinary", "unknown")):
            raise QueryFailure("NOT_SUPPORTED", f"Unsupported type [{show(kind)}] for partition: {name}")


def _listed(names: list[str]) -> str:
    return "[" + ", ".join(names) + "]"


def write(work: Work, target: Target) -> Written:
    """The table ``written`` into files under the target, one a partition."""
    width = len(target.columns) - target.keys
    count = int(execute(work, "SELECT count(*) FROM written").fetchone()[0])
    groups = _groups(work, target, width) if count else []
    files = []
    for number, (values, where) in enumerate(groups):
        names = [name for name, _ in target.columns[width:]]
        folder = f"{target.location}{partition_path(names, values)}/" if values else target.location
        folder = target.known.get(tuple(values), folder)
        files.append(_write_one(work, target, width, f"(SELECT * FROM written WHERE {where})", folder, number))
    return Written(count, files, [values for values, _ in groups if values])


def _groups(work: Work, target: Target, width: int) -> list[tuple[list[str], str]]:
    """Each partition's values and the condition that picks its rows."""
    from labkit.cloud.athena.dialect.literals import text

    if not target.keys:
        return [([], "true")]
    keys = [f"c{index}" for index in range(width, len(target.columns))]
    texts = [_key_text(key, kind) for key, (_, kind) in zip(keys, target.columns[width:], strict=True)]
    found = execute(
        work, f"SELECT DISTINCT {', '.join(texts)} FROM written ORDER BY ALL LIMIT {_MAX_PARTITIONS + 1}"
    ).fetchall()
    if len(found) > _MAX_PARTITIONS:
        words = f"Exceeded limit of {_MAX_PARTITIONS} open writers for partitions/buckets."
        raise QueryFailure("HIVE_TOO_MANY_OPEN_PARTITIONS", words)
    groups = []
    for row in found:
        tests = [
            f"{key} IS NULL" if value is None else f"{shown} = {text(value)}"
            for key, shown, value in zip(keys, texts, row, strict=True)
        ]
        groups.append(([HIVE_NULL if value in (None, "") else value for value in row], " AND ".join(tests)))
    return groups


def _key_text(key: str, kind: Type) -> str:
    """A partition value as Hive writes it into the path."""
    if kind.name == "char":
        return f"rtrim({key}, ' ')"
    return f"CAST({key} AS VARCHAR)"


def _write_one(work: Work, target: Target, width: int, source: str, folder: str, number: int) -> str:
    name = f"{work.now:%Y%m%d_%H%M%S}_{number:05d}_{uuid.uuid4().hex[:5]}_{uuid.uuid4()}"
    path = work.scratch / f"out-{number}"
    write_file(work, path, source, target.columns[:width], target.format, target.codec, target.options, target.header)
    if target.format in ("JSON", "TEXTFILE"):
        name += ENDINGS[target.codec]
    bucket, prefix = split_location(folder)
    location = f"s3://{bucket}/{prefix}{name}"
    try:
        work.store.put(bucket, prefix + name, path, "application/octet-stream")
    except AwsError as error:
        if is_denied(error):
            raise write_denied(location, error) from None
        raise
    return location
