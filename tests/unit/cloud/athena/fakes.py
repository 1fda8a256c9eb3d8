"""Store, catalog and documents in memory and in a folder, for the engine under test."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from labkit.cloud.athena.engine import AthenaEngine
from labkit.cloud.call import AwsError, Call, Scope

SCOPE = Scope("123456789012", "us-east-1")


@dataclass(frozen=True)
class FakeObject:
    bucket: str
    key: str
    size_bytes: int
    etag: str
    last_modified: datetime
    path: Path
    storage_class: str = "STANDARD"


class FakeStore:
    """Objects as files under a folder; names without an extension, as in the real store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._objects: dict[str, dict[str, FakeObject]] = {}
        self._made = 0

    def create_bucket(self, name: str) -> None:
        self._objects.setdefault(name, {})

    def _bucket(self, name: str) -> dict[str, FakeObject]:
        if name not in self._objects:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
        return self._objects[name]

    def has_bucket(self, bucket: str) -> bool:
        return bucket in self._objects

    def list(self, bucket: str, prefix: str = "") -> list[FakeObject]:
        return [one for key, one in sorted(self._bucket(bucket).items()) if key.startswith(prefix)]

    def find(self, bucket: str, key: str) -> FakeObject | None:
        return self._bucket(bucket).get(key)

    def put(self, bucket: str, key: str, body: bytes | Path, content_type: str | None = None) -> FakeObject:
        objects = self._bucket(bucket)
        self._made += 1
        path = self._folder / f"o{self._made}"
        if isinstance(body, Path):
            shutil.move(str(body), path)
        else:
            path.write_bytes(body)
        data = path.read_bytes()
        objects[key] = FakeObject(
            bucket, key, len(data), hashlib.md5(data).hexdigest(), datetime.now(timezone.utc), path
        )
        return objects[key]

    def empty(self, bucket: str) -> None:
        self._objects[bucket] = {}

    def delete(self, bucket: str, keys: Any) -> None:
        for key in keys:
            self._bucket(bucket).pop(key, None)


class FakeCatalog:
    """Databases, tables and partitions as Glue's documents."""

    def __init__(self) -> None:
        self.databases: dict[str, dict[str, Any]] = {}
        self.tables: dict[tuple[str, str], dict[str, Any]] = {}
        self.partitions: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def clear(self) -> None:
        self.databases, self.tables, self.partitions = {}, {}, {}

    def find_database(self, name: str) -> dict[str, Any] | None:
        return self.databases.get(name.lower())

    def list_databases(self) -> list[dict[str, Any]]:
        return list(self.databases.values())

    def create_database(self, database_input: dict[str, Any]) -> None:
        self.databases[database_input["Name"]] = dict(database_input)

    def update_database(self, name: str, database_input: dict[str, Any]) -> None:
        self.databases[name] = dict(database_input)

    def delete_database(self, name: str) -> None:
        del self.databases[name]
        self.tables = {key: table for key, table in self.tables.items() if key[0] != name}

    def find_table(self, database: str, name: str) -> dict[str, Any] | None:
        found = self.tables.get((database.lower(), name.lower()))
        return dict(found) if found else None

    def list_tables(self, database: str) -> list[dict[str, Any]]:
        return [table for (owner, _), table in self.tables.items() if owner == database]

    def create_table(self, database: str, table_input: dict[str, Any]) -> None:
        self.tables[database, table_input["Name"]] = {**table_input, "DatabaseName": database}

    def update_table(self, database: str, table_input: dict[str, Any]) -> None:
        assert "DatabaseName" not in table_input  # the real API refuses read-only keys
        self.tables[database, table_input["Name"]] = {**table_input, "DatabaseName": database}

    def delete_table(self, database: str, name: str) -> None:
        del self.tables[database, name]
        self.partitions.pop((database, name), None)

    def list_partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        return list(self.partitions.get((database, table), []))

    def create_partitions(self, database: str, table: str, partition_inputs: list[dict[str, Any]]) -> None:
        self.partitions.setdefault((database, table), []).extend(partition_inputs)

    def update_partition(self, database: str, table: str, values: list[str], partition_input: dict[str, Any]) -> None:
        listed = self.partitions[database, table]
        listed[[list(one["Values"]) for one in listed].index(values)] = partition_input

    def delete_partitions(self, database: str, table: str, values: list[list[str]]) -> None:
        kept = [one for one in self.list_partitions(database, table) if list(one["Values"]) not in values]
        self.partitions[database, table] = kept


class FakeDocuments:
    """Documents in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, Scope, str], dict[str, Any]] = {}

    def put(self, kind: str, scope: Scope, name: str, document: dict[str, Any]) -> None:
        self.kept[kind, scope, name] = document

    def find(self, kind: str, scope: Scope, name: str) -> dict[str, Any] | None:
        return self.kept.get((kind, scope, name))

    def list(self, kind: str, scope: Scope | None = None) -> list[tuple[Scope, str, dict[str, Any]]]:
        return [(s, n, d) for (k, s, n), d in self.kept.items() if k == kind and scope in (None, s)]

    def delete(self, kind: str, scope: Scope, name: str) -> bool:
        return self.kept.pop((kind, scope, name), None) is not None


class FakeGuard:
    """Allows everything but what `denied` says: the beginnings of `action resource`. `asked` is what was asked for."""

    def __init__(self, denied: set[str], asked: list[tuple[str, str, dict[str, tuple[str, ...]]]]) -> None:
        self.denied = denied
        self.asked = asked
        self.principal = SimpleNamespace(arn=USER, user_id="AROAANALISTA:ana")

    def require(self, action: str, resource: str, context: Any = None) -> None:
        self.asked.append((action, resource, dict(context or {})))
        if f"{action} {resource}".startswith(tuple(self.denied)):
            code = "AccessDenied" if action.startswith("s3:") else "AccessDeniedException"
            quote = '"' if action.startswith("s3:") else ""
            message = (
                f"User: {USER} is not authorized to perform: {action} on resource: {quote}{resource}{quote} because no"
            )
            raise AwsError(code, f"{message} identity-based policy allows the {action} action", 403)

    def require_each(self, many: Any) -> None:
        for access in map(many.access_of, many.names):
            carried = {key: access.context[key] for key in ("s3:prefix",) if key in access.context}
            self.require(access.action, access.resource, carried)


USER = "arn:aws:sts::123456789012:assumed-role/analista/ana"


class FakeServices:
    """What AthenaEngine is built with; `denied` is what callers may not do (see FakeGuard)."""

    def __init__(self, folder: Path) -> None:
        self.store = FakeStore(folder / "objects ñ")
        self.documents = FakeDocuments()
        self.state_dir = folder / "state ñ"
        self.glue = FakeCatalog()
        self.happenings = SimpleNamespace(note=lambda *_told, **_facts: None)
        self.emit = lambda *_told, **_facts: None
        self.measured: list[tuple[Any, ...]] = []
        self.denied: set[str] = set()
        self.asked: list[tuple[str, str, dict[str, tuple[str, ...]]]] = []
        self.store.create_bucket("results")
        self.store.create_bucket("data")
        self.glue.create_database({"Name": "db"})

    def guard(self, access_key: str | None, scope: Scope, service: str | None) -> FakeGuard:
        assert service == "athena.amazonaws.com"
        return FakeGuard(self.denied, self.asked)

    def catalog(self, scope: Scope) -> FakeCatalog:
        return self.glue

    def metrics(self, scope: Scope) -> Any:
        return SimpleNamespace(record=lambda *told: self.measured.append(told))

    def clock(self) -> datetime:
        return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Answer:
    """How one query ended: rows without the header line."""

    id: str
    state: str
    reason: str
    rows: list[list[str | None]]
    columns: list[dict[str, Any]]
    execution: dict[str, Any]

    @property
    def scanned_bytes(self) -> int:
        return int(self.execution["Statistics"]["DataScannedInBytes"])


class Athena:
    """The engine with the calls a test makes."""

    def __init__(self, services: FakeServices) -> None:
        self.services = services
        # No spare sessions: on two cores, what is made in the background is taken from the test.
        self.engine = AthenaEngine(services, spare_sessions=0)

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        return self.engine.routes["athena", action](Call("athena", action, params, SCOPE, None, ""))

    def start(self, sql: str, **params: Any) -> str:
        given = {
            "QueryExecutionContext": {"Database": "db"},
            "ResultConfiguration": {"OutputLocation": "s3://results/q/"},
            **params,
        }
        return str(self.call("StartQueryExecution", QueryString=sql, **given)["QueryExecutionId"])

    def wait(self, name: str) -> dict[str, Any]:
        import time

        for _ in range(6000):
            found = self.call("GetQueryExecution", QueryExecutionId=name)["QueryExecution"]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return dict(found)
            time.sleep(0.002)
        raise AssertionError(f"{name} did not end")

    def run(self, sql: str, **params: Any) -> Answer:
        """Start, wait, read every page."""
        name = self.start(sql, **params)
        execution = self.wait(name)
        status = execution["Status"]
        rows: list[list[str | None]] = []
        columns: list[dict[str, Any]] = []
        if status["State"] == "SUCCEEDED":
            rows, columns = self.rows(name)
            if execution["ResultConfiguration"]["OutputLocation"].endswith(".csv"):
                rows = rows[1:]
        return Answer(name, status["State"], status.get("StateChangeReason", ""), rows, columns, execution)

    def rows(self, name: str, **params: Any) -> tuple[list[list[str | None]], list[dict[str, Any]]]:
        rows: list[list[str | None]] = []
        token: dict[str, str] = {}
        while True:
            page = self.call("GetQueryResults", QueryExecutionId=name, **params, **token)
            rows += [[cell.get("VarCharValue") for cell in row["Data"]] for row in page["ResultSet"]["Rows"]]
            if "NextToken" not in page:
                return rows, page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            token = {"NextToken": page["NextToken"]}

    def ok(self, sql: str, **params: Any) -> list[list[str | None]]:
        """The rows of a query that must succeed."""
        answer = self.run(sql, **params)
        assert answer.state == "SUCCEEDED", answer.reason
        return answer.rows

    def fails(self, sql: str, **params: Any) -> str:
        """The reason of a query that must fail, whether at its start or later."""
        try:
            answer = self.run(sql, **params)
        except AwsError as failure:
            if failure.code != "InvalidRequestException":
                raise
            return failure.message
        assert answer.state == "FAILED", (answer.state, answer.rows)
        return answer.reason

    def put(self, key: str, body: bytes | str, bucket: str = "data") -> None:
        self.services.store.put(bucket, key, body.encode() if isinstance(body, str) else body)
