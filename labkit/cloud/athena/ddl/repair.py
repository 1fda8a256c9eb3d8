"""MSCK REPAIR TABLE: register the Hive-style folders that the catalog does not know yet."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import find_table, refuse_view
from labkit.cloud.athena.ddl.partition_values import key_types, partition_path
from labkit.cloud.athena.ddl.partitions import partition_input, register
from labkit.cloud.athena.locations import list_objects, split_location
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work


def _repair(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 3, "repair statement")
    start = cursor.peek()
    database, name = cursor.qualified(work.database)
    after = cursor.peek()
    cursor.end()
    written = work.sql[start.start : after.start if after else None].strip() if start else name
    table = find_table(work, database, name)
    refuse_view(table, "MSCK REPAIR TABLE")
    keys = list(key_types(table))
    base = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
    known = {tuple(one["Values"]): one for one in work.catalog.list_partitions(database, name)}
    found, odd = _folders(work, base, keys)
    new = {path: values for path, values in found.items() if tuple(values) not in known}
    register(work, database, name, [partition_input(table, values, f"{base}{path}") for path, values in new.items()])
    lines = _lines(name, "Partitions not in metastore:", [*new, *odd])
    lines += _lines(name, "Partitions missing from filesystem:", _missing(work, base, keys, known))
    lines += [f"Repair: Added partition to metastore {written.replace('`', '').lower()}:{path}" for path in new]
    return Outcome([("result", "string")], lines=lines)


def _lines(name: str, title: str, paths: list[str]) -> list[str]:
    return [title + "\t" + "\t".join(f"{name}:{path}" for path in paths)] if paths else []


def _missing(work: Work, base: str, keys: list[str], known: dict[tuple[str, ...], Any]) -> list[str]:
    """Partitions under the table's folder of which no object is left."""
    paths = []
    for values, one in known.items():
        location = ((one.get("StorageDescriptor") or {}).get("Location") or "").rstrip("/") + "/"
        if location.startswith(base) and not list_objects(work.store, *split_location(location)):
            paths.append(partition_path(keys, list(values)))
    return paths


def _folders(work: Work, base: str, keys: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Folders that name every key, and folders of that depth that do not: these are listed, not added."""
    bucket, prefix = split_location(base)
    found: dict[str, list[str]] = {}
    odd: dict[str, None] = {}
    for one in list_objects(work.store, bucket, prefix):
        parts = one.key[len(prefix) :].split("/")[:-1][: len(keys)]
        if len(parts) < len(keys) or any(part.startswith(("_", ".")) for part in parts):
            continue
        path = "/".join(parts)
        if path in found or path in odd:
            continue
        pairs = [part.partition("=") for part in parts]
        # Athena compares the names as they are written: a folder Year=2024 is not found for the key year.
        if all(mark and name == key for (name, mark, _), key in zip(pairs, keys, strict=False)):
            found[path] = [unquote(value) for _, _, value in pairs]
        else:
            odd[path] = None
    return found, list(odd)


RUNNERS = {"repair": _repair}
