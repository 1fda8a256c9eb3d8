"""The catalog of one account and region: in memory for reading, a JSON document a record on disk before a call is answered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.data_catalog.records import Database, Document, Partition, Table
from labkit.cloud.documents import Documents

DATABASE, TABLE, VERSION, PARTITION = "glue-database", "glue-table", "glue-table-version", "glue-partition"
STATISTICS, INDEX, FUNCTION = "glue-column-statistics", "glue-partition-index", "glue-function"


@dataclass
class Change:
    """Documents to write and to remove in one transaction; a key is a list of names, such as [database, table]."""

    puts: list[tuple[str, list[Any], Document]] = field(default_factory=list)
    deletes: list[tuple[str, list[Any]]] = field(default_factory=list)


class Storage:
    """Loaded when it is first used; ``lock`` is held by whoever reads or changes more than one record."""

    def __init__(self, documents: Documents, scope: Scope) -> None:
        self.scope = scope
        self.lock = threading.RLock()
        self._documents = documents
        self._databases: dict[str, Database] | None = None

    @property
    def databases(self) -> dict[str, Database]:
        """Every database by name."""
        with self.lock:
            if self._databases is None:
                self._databases = self._load()
            return self._databases

    def write(self, change: Change) -> None:
        """Make a change durable."""
        puts = [(kind, _name(key), document) for kind, key, document in change.puts]
        self._documents.change(self.scope, puts, [(kind, _name(key)) for kind, key in change.deletes])

    def _load(self) -> dict[str, Database]:
        found = {key[0]: Database(document) for key, document in self._read(DATABASE)}
        for (database, name), document in self._read(TABLE):
            found[database].tables[name] = Table(document)
        for (database, name, version), document in self._read(VERSION):
            found[database].tables[name].versions[version] = document
        for (database, name, values), document in self._read(PARTITION):
            table = found[database].tables[name]
            table.last_position += 1
            table.partitions[tuple(values)] = Partition(table.last_position, document)
        for (database, name, values, column), document in self._read(STATISTICS):
            found[database].tables[name].statistics[None if values is None else tuple(values), column] = document
        for (database, name, index), document in self._read(INDEX):
            found[database].tables[name].indexes[index] = document
        for (database, name), document in self._read(FUNCTION):
            found[database].functions[name] = document
        return found

    def _read(self, kind: str) -> Iterable[tuple[list[Any], Document]]:
        for _, name, document in self._documents.list(kind, self.scope):
            yield json.loads(name), document


def _name(key: list[Any]) -> str:
    return json.dumps(key, ensure_ascii=False)


def table_deletes(database: str, name: str, table: Table) -> list[tuple[str, list[Any]]]:
    """Everything on disk that belongs to a table."""
    return [
        (TABLE, [database, name]),
        *((VERSION, [database, name, version]) for version in table.versions),
        *((PARTITION, [database, name, list(values)]) for values in table.partitions),
        *((STATISTICS, [database, name, values and list(values), column]) for values, column in table.statistics),
        *((INDEX, [database, name, index]) for index in table.indexes),
    ]
