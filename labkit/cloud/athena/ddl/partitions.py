"""Partitions: ADD, DROP, MSCK REPAIR TABLE, SHOW PARTITIONS."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import ddl_error, find_table
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.locations import list_objects, split_location
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
# Hive escapes these in a folder's name (and control characters); accents and spaces stay.
_ESCAPED = set("\"#%'*/:=?\\{[]^") | {chr(code) for code in range(1, 32)} | {"\x7f"}


def escape_value(value: str) -> str:
    """A partition value as Hive writes it into a path."""
    return "".join(quote(letter, safe="") if letter in _ESCAPED else letter for letter in value)


def keys_of(table: dict[str, Any]) -> list[str]:
    """The names of the partition keys; a DDL failure when there are none."""
    found = [key["Name"].lower() for key in table.get("PartitionKeys") or []]
    if not found:
        raise ddl_error(f"Table {table['DatabaseName']}.{table['Name']} is not a partitioned table")
    return found


def partition_path(keys: list[str], values: list[str]) -> str:
    """``year=2024/month=01``."""
    return "/".join(f"{key}={escape_value(value)}" for key, value in zip(keys, values, strict=False))


def partition_input(table: dict[str, Any], values: list[str], location: str) -> dict[str, Any]:
    """A new partition with the table's format."""
    return {
        "Values": values,
        "StorageDescriptor": {**table["StorageDescriptor"], "Location": location},
        "Parameters": {},
    }


def _spec(cursor: Cursor, keys: list[str]) -> dict[str, str]:
    cursor.expect("PARTITION")
    cursor.expect("(")
    found: dict[str, str] = {}
    while True:
        key = cursor.name()
        cursor.expect("=")
        token = cursor.peek()
        negative = cursor.accept("-")
        token = cursor.peek()
        if token is not None and token.kind == "number":
            found[key] = ("-" if negative else "") + cursor.take().text
        else:
            found[key] = cursor.string()
        if key not in keys:
            raise QueryFailure("", f"FAILED: SemanticException [Error 10098]: {key} is not a partition column")
        if cursor.accept(")"):
            return found
        cursor.expect(",")


def _values(spec: dict[str, str], keys: list[str]) -> list[str]:
    missing = [key for key in keys if key not in spec]
    if missing:
        raise QueryFailure(
            "", f"FAILED: SemanticException: partition spec {spec} doesn't contain all ({len(keys)}) partition columns"
        )
    return [spec[key] for key in keys]


def add_partitions(work: Work, cursor: Cursor, database: str, table: dict[str, Any]) -> Outcome:
    """ALTER TABLE … ADD [IF NOT EXISTS] PARTITION (…) [LOCATION '…'] …"""
    quiet, keys = cursor.accept("IF", "NOT", "EXISTS"), keys_of(table)
    known = {tuple(one["Values"]) for one in work.catalog.list_partitions(database, table["Name"])}
    made: list[dict[str, Any]] = []
    base = table["StorageDescriptor"]["Location"].rstrip("/")
    while cursor.peek() is not None:
        values = _values(_spec(cursor, keys), keys)
        location = cursor.string() if cursor.accept("LOCATION") else f"{base}/{partition_path(keys, values)}/"
        cursor.accept(",")
        if tuple(values) not in known:
            made.append(partition_input(table, values, location))
            known.add(tuple(values))
        elif not quiet:
            raise ddl_error(f"AlreadyExistsException(message:Partition already exists: {partition_path(keys, values)})")
    if not made and not known:
        raise cursor.failure()
    register(work, database, table["Name"], made)
    return Outcome(lines=[])


def register(work: Work, database: str, table: str, made: list[dict[str, Any]]) -> None:
    """Write partitions, 100 at a time as BatchCreatePartition takes them."""
    for start in range(0, len(made), 100):
        work.catalog.create_partitions(database, table, made[start : start + 100])


def drop_partitions(work: Work, cursor: Cursor, database: str, table: dict[str, Any]) -> Outcome:
    """ALTER TABLE … DROP [IF EXISTS] PARTITION (…), …; a partial specification drops all that match."""
    quiet, keys = cursor.accept("IF", "EXISTS"), keys_of(table)
    listed = [list(one["Values"]) for one in work.catalog.list_partitions(database, table["Name"])]
    gone: list[list[str]] = []
    while cursor.peek() is not None:
        spec = _spec(cursor, keys)
        cursor.accept(",")
        matching = [values for values in listed if all(values[keys.index(key)] == value for key, value in spec.items())]
        if not matching and not quiet:
            raise QueryFailure("", f"FAILED: SemanticException [Error 10006]: Partition not found {spec}")
        gone += [values for values in matching if values not in gone]
    if gone:
        work.catalog.delete_partitions(database, table["Name"], gone)
    return Outcome(lines=[])


def _show(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    database, name = cursor.qualified(work.database)
    cursor.end()
    table = find_table(work, database, name)
    keys = keys_of(table)
    listed = sorted(list(one["Values"]) for one in work.catalog.list_partitions(database, name))
    return Outcome([("partition", "string")], lines=[partition_path(keys, values) for values in listed])


def _repair(work: Work, statement: Statement) -> Outcome:
    """Register the Hive-style folders under the table that the catalog does not know yet."""
    cursor = Cursor(statement, 3)
    database, name = cursor.qualified(work.database)
    cursor.end()
    table = find_table(work, database, name)
    keys = keys_of(table)
    base = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
    known = {tuple(one["Values"]) for one in work.catalog.list_partitions(database, name)}
    found = {path: values for path, values in _folders(work, base, keys).items() if tuple(values) not in known}
    register(work, database, name, [partition_input(table, values, f"{base}{path}/") for path, values in found.items()])
    lines = []
    if found:
        lines.append("Partitions not in metastore:\t" + "\t".join(f"{name}:{path}" for path in found))
        lines += [f"Repair: Added partition to metastore {database}.{name}:{path}" for path in found]
    return Outcome([("result", "string")], lines=lines)


def _folders(work: Work, base: str, keys: list[str]) -> dict[str, list[str]]:
    bucket, prefix = split_location(base)
    found: dict[str, list[str]] = {}
    for one in list_objects(work.store, bucket, prefix):
        parts = one.key[len(prefix) :].split("/")[:-1]
        if len(parts) < len(keys) or any(part.startswith(("_", ".")) for part in parts):
            continue
        pairs = [part.partition("=") for part in parts[: len(keys)]]
        if all(mark and name.lower() == key for (name, mark, _), key in zip(pairs, keys, strict=False)):
            found.setdefault("/".join(parts[: len(keys)]), [unquote(value) for _, _, value in pairs])
    return found


RUNNERS = {"show_partitions": _show, "repair": _repair}
