"""Tables of the catalog and their versions."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.data_catalog.databases import get_database
from labkit.cloud.data_catalog.records import Document, Table
from labkit.cloud.data_catalog.shapes import cut
from labkit.cloud.data_catalog.storage import TABLE, VERSION, Change, Storage, table_deletes

# A StorageDescriptor's plain values are never absent in Glue's answers.
_DESCRIPTOR = {"Compressed": False, "NumberOfBuckets": 0, "SortColumns": [], "StoredAsSubDirectories": False}
# What a table keeps when its definition is replaced.
_KEPT = ("CreateTime", "CreatedBy", "IsRegisteredWithLakeFormation", "CatalogId", "DatabaseName")


def find_table(storage: Storage, database: str, name: str) -> Table | None:
    """The table, or None (also when there is no such database)."""
    found = storage.databases.get(database.lower())
    return found.tables.get(name.lower()) if found else None


def get_table(storage: Storage, database: str, name: str) -> Table:
    """The table, or EntityNotFoundException for it or its database."""
    found = get_database(storage, database).tables.get(name.lower())
    if found is None:
        raise AwsError("EntityNotFoundException", f"Table {name.lower()} not found.")
    return found


def list_tables(storage: Storage, database: str, expression: str | None = None) -> list[Document]:
    """As GetTables, by name; ``expression`` is a regular expression in which a lone ``*`` stands for any letters."""
    matches = name_pattern(expression)
    with storage.lock:
        tables = get_database(storage, database).tables
        return [tables[name].document for name in sorted(tables) if matches is None or matches.fullmatch(name)]


def name_pattern(expression: str | None) -> re.Pattern[str] | None:
    """None when every name matches; InvalidInputException for what is not a pattern."""
    if not expression:
        return None
    # `sales*`, as AWS's own clients write it; `sales.*`, `[ab]*` and `(ab)*` are regular expressions already.
    widened = re.sub(r"(?<![.\])}\\])\*", ".*", expression)
    try:
        return re.compile(widened, re.IGNORECASE)
    except re.error as error:
        raise AwsError("InvalidInputException", f"Invalid regular expression '{expression}': {error}") from None


def create_table(storage: Storage, database: str, table_input: Document, now: float, created_by: str = "") -> Table:
    """AlreadyExistsException, EntityNotFoundException; the new table has version 0."""
    given = table_definition(table_input)
    with storage.lock:
        owner = get_database(storage, database)
        name = given["Name"]
        if name in owner.tables:
            raise AwsError("AlreadyExistsException", "Table already exists.")
        document: dict[str, Any] = {
            **given,
            "DatabaseName": owner.document["Name"],
            "CreateTime": now,
            "UpdateTime": now,
            **({"CreatedBy": created_by} if created_by else {}),
            "IsRegisteredWithLakeFormation": False,
            "CatalogId": storage.scope.account,
            "VersionId": "0",
        }
        storage.write(Change(puts=[(TABLE, [owner.document["Name"], name], document)]))
        owner.tables[name] = Table(document)
        return owner.tables[name]


def table_definition(table_input: Document) -> Document:
    """A TableInput as it is kept: known members only, the name in lower case, a descriptor with its plain values."""
    given = cut("TableInput", table_input)
    given["Name"] = str(given.get("Name") or "").lower()
    if not given["Name"].strip():
        raise AwsError("InvalidInputException", "Table name cannot be empty")
    _check_columns(given)
    given.setdefault("Retention", 0)
    if "StorageDescriptor" in given:
        given["StorageDescriptor"] = full_descriptor(given["StorageDescriptor"])
    return given


def full_descriptor(descriptor: Document) -> Document:
    """The descriptor with the plain values that Glue always shows."""
    return {**_DESCRIPTOR, **descriptor}


def _check_columns(given: Document) -> None:
    columns = [one["Name"].lower() for one in (given.get("StorageDescriptor") or {}).get("Columns") or []]
    keys = [one["Name"].lower() for one in given.get("PartitionKeys") or []]
    for names in (columns, keys):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise AwsError("InvalidInputException", f"Duplicate column name: {twice}")


def update_table(
    storage: Storage,
    database: str,
    table_input: Document,
    now: float,
    *,
    skip_archive: bool = False,
    expected_version: str | None = None,
) -> None:
    """Replace the whole definition: what is not given is gone, parameters too. The old one becomes a version unless ``skip_archive``."""
    given = table_definition(table_input)
    with storage.lock:
        table = get_table(storage, database, given["Name"])
        old = table.document
        if expected_version is not None and expected_version != old["VersionId"]:
            raise AwsError("ConcurrentModificationException", "Update table failed due to concurrent modifications.")
        kept = {name: old[name] for name in _KEPT if name in old}
        document = {**given, **kept, "UpdateTime": now, "VersionId": str(int(old["VersionId"]) + 1)}
        key = [old["DatabaseName"], old["Name"]]
        puts = [(TABLE, key, document)]
        puts += [] if skip_archive else [(VERSION, [*key, old["VersionId"]], old)]
        storage.write(Change(puts=puts))
        if not skip_archive:
            table.versions[old["VersionId"]] = old
        table.document = document


def delete_table(storage: Storage, database: str, name: str) -> None:
    """EntityNotFoundException; versions and partitions go with it, objects stay."""
    with storage.lock:
        owner = get_database(storage, database)
        table = get_table(storage, database, name)
        storage.write(Change(deletes=table_deletes(owner.document["Name"], table.document["Name"], table)))
        del owner.tables[table.document["Name"]]


def list_versions(table: Table) -> list[Document]:
    """The definitions of a table, newest first; the current one is among them."""
    known = {**table.versions, table.document["VersionId"]: table.document}
    return [known[version] for version in sorted(known, key=int, reverse=True)]


def get_version(table: Table, version: str) -> Document:
    """One definition, or EntityNotFoundException."""
    if not version.isdigit():
        raise AwsError("InvalidInputException", f'For input string: "{version}"')
    found = table.document if version == table.document["VersionId"] else table.versions.get(version)
    if found is None:
        raise AwsError("EntityNotFoundException", "Version not found.")
    return found


def delete_version(storage: Storage, table: Table, version: str) -> None:
    """Forget an archived definition; the current one stays as long as its table."""
    with storage.lock:
        get_version(table, version)
        if version == table.document["VersionId"]:
            raise AwsError("InvalidInputException", "The current version of a table cannot be deleted.")
        key = [table.document["DatabaseName"], table.document["Name"], version]
        storage.write(Change(deletes=[(VERSION, key)]))
        del table.versions[version]
