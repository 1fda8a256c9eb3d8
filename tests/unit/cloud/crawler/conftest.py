"""Hand-written stand-ins of the cloud's services: files in a folder, documents and catalog in dicts."""

from __future__ import annotations

import copy
import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.crawler.engine import CrawlerEngine

SCOPE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/bsg-glue-role"


@dataclass(frozen=True)
class StoredFile:
    bucket: str
    key: str
    size_bytes: int
    path: Path
    storage_class: str = "STANDARD"


class FolderStore:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects: dict[tuple[str, str], StoredFile] = {}
        self.buckets: set[str] = {"b"}
        self._numbers = itertools.count()

    def put(self, bucket: str, key: str, body: bytes | Path, storage_class: str = "STANDARD") -> StoredFile:
        self.buckets.add(bucket)
        path = body if isinstance(body, Path) else self._root / f"object{next(self._numbers)}"
        if not isinstance(body, Path):
            path.write_bytes(body)
        self._objects[bucket, key] = StoredFile(bucket, key, path.stat().st_size, path, storage_class)
        return self._objects[bucket, key]

    def remove(self, bucket: str, key: str) -> None:
        del self._objects[bucket, key]

    def has_bucket(self, bucket: str) -> bool:
        return bucket in self.buckets

    def list(self, bucket: str, prefix: str = "") -> list[StoredFile]:
        self._need(bucket)
        return [found for (b, k), found in sorted(self._objects.items()) if b == bucket and k.startswith(prefix)]

    def find(self, bucket: str, key: str) -> StoredFile | None:
        self._need(bucket)
        return self._objects.get((bucket, key))

    def _need(self, bucket: str) -> None:
        if bucket not in self.buckets:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)


class DictDocuments:
    def __init__(self) -> None:
        self._rows: dict[tuple[str, Scope, str], str] = {}

    def put(self, kind: str, scope: Scope, name: str, document: dict[str, Any]) -> None:
        self._rows[kind, scope, name] = json.dumps(document)

    def find(self, kind: str, scope: Scope, name: str) -> dict[str, Any] | None:
        text = self._rows.get((kind, scope, name))
        return json.loads(text) if text else None

    def list(self, kind: str, scope: Scope | None = None) -> list[tuple[Scope, str, dict[str, Any]]]:
        rows = list(self._rows.items())
        return [(s, n, json.loads(text)) for (k, s, n), text in rows if k == kind and scope in (None, s)]

    def delete(self, kind: str, scope: Scope, name: str) -> bool:
        return self._rows.pop((kind, scope, name), None) is not None


@dataclass
class DictCatalog:
    databases: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    indexes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    versions: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    partitions: dict[tuple[str, str], dict[tuple[str, ...], dict[str, Any]]] = field(default_factory=dict)

    def find_database(self, name: str) -> dict[str, Any] | None:
        return self.databases.get(name)

    def create_database(self, database_input: dict[str, Any]) -> None:
        self.databases[database_input["Name"]] = database_input

    def find_table(self, database: str, name: str) -> dict[str, Any] | None:
        return copy.deepcopy(self.tables.get((database, name)))

    def list_tables(self, database: str) -> list[dict[str, Any]]:
        return [copy.deepcopy(table) for (d, _), table in self.tables.items() if d == database]

    def create_table(self, database: str, table_input: dict[str, Any], created_by: str = "") -> None:
        key = (database, table_input["Name"])
        if key in self.tables:
            raise AwsError("AlreadyExistsException", "Table already exists.")
        self.tables[key] = {
            **copy.deepcopy(table_input),
            "DatabaseName": database,
            "VersionId": "0",
            "CreatedBy": created_by,
        }
        self.partitions[key] = {}
        self.versions[key] = []

    def update_table(self, database: str, table_input: dict[str, Any]) -> None:
        key = (database, table_input["Name"])
        self.versions[key].append(self.tables[key])
        version = str(int(self.tables[key]["VersionId"]) + 1)
        self.tables[key] = {**copy.deepcopy(table_input), "DatabaseName": database, "VersionId": version}

    def delete_table(self, database: str, name: str) -> None:
        del self.tables[database, name]
        del self.partitions[database, name]

    def create_partition_index(self, database: str, table: str, index: dict[str, Any]) -> None:
        self.indexes[database, table] = index

    def list_partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        return copy.deepcopy(list(self.partitions[database, table].values()))

    def create_partitions(self, database: str, table: str, partition_inputs: list[dict[str, Any]]) -> None:
        for one in partition_inputs:
            values = tuple(one["Values"])
            if values in self.partitions[database, table]:
                raise AwsError("AlreadyExistsException", "Partition already exists.")
            self.partitions[database, table][values] = copy.deepcopy(one)

    def update_partition(self, database: str, table: str, values: list[str], partition_input: dict[str, Any]) -> None:
        assert tuple(values) in self.partitions[database, table]
        self.partitions[database, table][tuple(values)] = copy.deepcopy(partition_input)

    def delete_partitions(self, database: str, table: str, values: list[list[str]]) -> None:
        for one in values:
            del self.partitions[database, table][tuple(one)]


class ListLogbook:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def write(self, group: str, stream: str, messages: list[str], timestamp_ms: int | None = None) -> None:
        self.lines += [(group, stream, message) for message in messages]

    def has_group(self, group: str) -> bool:
        return any(one == group for one, _, _ in self.lines)

    def has_stream(self, group: str, stream: str) -> bool:
        return any((one, other) == (group, stream) for one, other, _ in self.lines)


class ListGuard:
    """Allows everything but what begins with an entry of `denied` ("action resource")."""

    def __init__(self, denied: set[str]) -> None:
        self.denied = denied
        self.principal = SimpleNamespace(arn=USER, user_id="AROACRAWLER:AWS-Crawler")

    def require(self, action: str, resource: str, context: Any = None) -> None:
        if f"{action} {resource}".startswith(tuple(self.denied)):
            code = "AccessDenied" if action.startswith("s3:") else "AccessDeniedException"
            quote = '"' if action.startswith("s3:") else ""
            reason = f"because no identity-based policy allows the {action} action"
            raise AwsError(
                code,
                f"User: {USER} is not authorized to perform: {action} on resource: {quote}{resource}{quote} {reason}",
            )

    def require_each(self, many: Any) -> None:
        for access in map(many.access_of, many.names):
            self.require(access.action, access.resource)


USER = "arn:aws:sts::123456789012:assumed-role/bsg-glue-role/AWS-Crawler"


class Lab:
    """A crawler engine over the fakes, and short ways to use it; `denied` is what its role may not do (see ListGuard)."""

    def __init__(self, root: Path) -> None:
        self.store = FolderStore(root)
        self.documents = DictDocuments()
        self.catalog = DictCatalog()
        self.logbook = ListLogbook()
        self.roles = {ROLE}
        self.trusted = {"glue.amazonaws.com"}
        self.denied: set[str] = set()
        self.services: Any = SimpleNamespace(
            store=self.store,
            documents=self.documents,
            catalog=lambda scope: self.catalog,
            logs=lambda scope: self.logbook,
            role_credentials=self._credentials,
            role_trusts=self._trusts,
            role_guard=lambda role, session, scope: ListGuard(self.denied),
            happenings=SimpleNamespace(note=lambda *_told, **_facts: None),
            emit=lambda *_told, **_facts: None,
            clock=lambda: datetime.now(timezone.utc),
        )
        self.scope = SCOPE
        self.engine = CrawlerEngine(self.services)

    def _credentials(self, arn: str, session: str, scope: Scope) -> object:
        if arn not in self.roles:
            raise AwsError("NoSuchEntity", f"The role {arn} cannot be found.", 404)
        return object()

    def _trusts(self, arn: str, service: str, scope: Scope) -> bool:
        self._credentials(arn, "", scope)
        return service in self.trusted

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        return self.engine.routes["glue", action](Call("glue", action, params, SCOPE))

    def create(self, *paths: str, name: str = "ventas", **params: Any) -> None:
        targets = {"S3Targets": [{"Path": path} for path in paths]}
        self.call(
            "CreateCrawler", **{"Name": name, "Role": ROLE, "DatabaseName": "bsg_db", "Targets": targets, **params}
        )

    def run(self, name: str = "ventas") -> dict[str, Any]:
        """Start the crawler, wait until it is READY, return LastCrawl."""
        self.call("StartCrawler", Name=name)
        return self.wait(name)

    def wait(self, name: str = "ventas") -> dict[str, Any]:
        for _ in range(1000):
            crawler = self.call("GetCrawler", Name=name)["Crawler"]
            if crawler["State"] == "READY":
                return crawler["LastCrawl"]
            time.sleep(0.005)
        raise AssertionError("the crawl did not end")

    def crawl(self, *paths: str, **params: Any) -> dict[str, dict[str, Any]]:
        """Create a crawler for the paths, run it, expect success, return the tables by name."""
        self.create(*paths, **params)
        last = self.run()
        assert last["Status"] == "SUCCEEDED", last
        return self.tables()

    def tables(self) -> dict[str, dict[str, Any]]:
        return {name: table for (_, name), table in self.catalog.tables.items()}

    def values(self, table: str) -> list[tuple[str, ...]]:
        return list(self.catalog.partitions["bsg_db", table])

    def log_text(self) -> str:
        return "\n".join(line for _, _, line in self.logbook.lines)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)
