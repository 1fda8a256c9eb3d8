"""Databases of the catalog. Names are folded to lower case, as Glue does for Hive."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.data_catalog.records import Database, Document
from labkit.cloud.data_catalog.shapes import cut
from labkit.cloud.data_catalog.storage import DATABASE, FUNCTION, Change, Storage, table_deletes

# What a database that Lake Formation does not govern grants; every table's creator may do everything.
_EVERYBODY = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]


def get_database(storage: Storage, name: str) -> Database:
    """The database, or EntityNotFoundException."""
    found = storage.databases.get(name.lower())
    if found is None:
        raise AwsError("EntityNotFoundException", f"Database {name.lower()} not found.")
    return found


def list_databases(storage: Storage) -> list[Document]:
    """As GetDatabases, by name."""
    with storage.lock:
        return [storage.databases[name].document for name in sorted(storage.databases)]


def create_database(storage: Storage, database_input: Document, now: float) -> None:
    """AlreadyExistsException when there is one of that name."""
    given = cut("DatabaseInput", database_input)
    name = _name(given)
    with storage.lock:
        if name in storage.databases:
            raise AwsError("AlreadyExistsException", "Database already exists.")
        _save(storage, name, {"CreateTableDefaultPermissions": _EVERYBODY, **given}, now)


def update_database(storage: Storage, name: str, database_input: Document) -> None:
    """Replace the whole definition; what is not given is gone. A database keeps its name."""
    given = cut("DatabaseInput", database_input)
    with storage.lock:
        found = get_database(storage, name)
        if _name(given) != found.document["Name"]:
            raise AwsError("InvalidInputException", "Database cannot be renamed")
        _save(storage, found.document["Name"], given, found.document["CreateTime"])


def _name(given: Document) -> str:
    name = str(given.get("Name") or "").lower()
    if not name.strip():
        raise AwsError("InvalidInputException", "Database name cannot be empty")
    return name


def _save(storage: Storage, name: str, given: Document, created: float) -> None:
    document: dict[str, Any] = {**given, "Name": name, "CreateTime": created, "CatalogId": storage.scope.account}
    storage.write(Change(puts=[(DATABASE, [name], document)]))
    known = storage.databases.get(name)
    if known is None:
        storage.databases[name] = Database(document)
    else:
        known.document = document


def delete_database(storage: Storage, name: str) -> None:
    """EntityNotFoundException; tables, partitions and functions go with it."""
    with storage.lock:
        found = get_database(storage, name)
        name = found.document["Name"]
        deletes = [(DATABASE, [name]), *((FUNCTION, [name, one]) for one in found.functions)]
        for table_name, table in found.tables.items():
            deletes += table_deletes(name, table_name, table)
        storage.write(Change(deletes=deletes))
        del storage.databases[name]
