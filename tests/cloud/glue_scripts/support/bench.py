"""A workbench for whole Glue scripts: a bucket, a database, jobs run through StartJobRun, and what they left behind."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.cloud.glue_jobs import TRUST

Aws = Callable[[str], Any]
SCRIPTS = Path(__file__).parents[1]
ENDED = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED")
HIVE = "org.apache.hadoop.hive."
SERDES = {
    "csv": HIVE + "serde2.lazy.LazySimpleSerDe",
    "json": "org.openx.data.jsonserde.JsonSerDe",
    "parquet": HIVE + "ql.io.parquet.serde.ParquetHiveSerDe",
}


class Bench:
    """One bucket and one database of their own; every test module makes one."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.bucket = f"{name}-{uuid.uuid4().hex[:6]}"
        self.database = self.bucket.replace("-", "_")
        aws("s3").create_bucket(Bucket=self.bucket)
        aws("glue").create_database(DatabaseInput={"Name": self.database})
        role = aws("iam").create_role(RoleName=self.bucket, AssumeRolePolicyDocument=json.dumps(TRUST))
        aws("iam").attach_role_policy(RoleName=self.bucket, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        self.role = role["Role"]["Arn"]

    # --- what a script finds ---

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def put(self, key: str, body: str | bytes) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.aws("s3").put_object(Bucket=self.bucket, Key=key, Body=data)

    def put_json(self, key: str, records: Iterable[Any]) -> None:
        self.put(key, "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))

    def create_table(
        self, name: str, prefix: str, kind: str, columns: Sequence[tuple[str, str]],
        keys: Sequence[tuple[str, str]] = (), parameters: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """A table as a crawler would have written it."""
        facts = {"classification": kind, "typeOfData": "file", "compressionType": "none"}
        if kind == "csv":
            facts.update({"delimiter": ",", "skip.header.line.count": "1", "areColumnsQuoted": "false"})
        table = {
            "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": {**facts, **(parameters or {})},
            "PartitionKeys": [{"Name": key, "Type": type_} for key, type_ in keys],
            "StorageDescriptor": self.storage(prefix, kind, columns),
        }  # fmt: skip
        self.aws("glue").create_table(DatabaseName=self.database, TableInput=table)

    def storage(self, prefix: str, kind: str, columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
        return {
            "Columns": [{"Name": column, "Type": type_} for column, type_ in columns],
            "Location": self.uri(prefix),
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": HIVE + "ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": SERDES[kind], "Parameters": {"field.delim": ","}},
        }

    def add_partition(self, table: str, values: Sequence[str], prefix: str) -> None:
        found = self.table(table)["StorageDescriptor"]
        partition = {"Values": list(values), "StorageDescriptor": {**found, "Location": self.uri(prefix)}}
        self.aws("glue").create_partition(DatabaseName=self.database, TableName=table, PartitionInput=partition)

    def crawl(self, *prefixes: str) -> None:
        glue, name = self.aws("glue"), f"crawler-{uuid.uuid4().hex[:6]}"
        targets = {"S3Targets": [{"Path": self.uri(prefix)} for prefix in prefixes]}
        glue.create_crawler(Name=name, Role=self.role, DatabaseName=self.database, Targets=targets)
        glue.start_crawler(Name=name)
        for _ in range(6000):
            crawler = glue.get_crawler(Name=name)["Crawler"]
            if crawler["State"] == "READY" and "LastCrawl" in crawler:
                assert crawler["LastCrawl"]["Status"] == "SUCCEEDED", crawler["LastCrawl"]
                return
            time.sleep(0.02)
        raise AssertionError(crawler)

    # --- running ---

    def create_job(self, script: str, defaults: Mapping[str, str] | None = None, **params: Any) -> str:
        """A job of the script's file, unmodified; its name."""
        name = f"{script}-{uuid.uuid4().hex[:6]}"
        self.put(f"assets/{name}.py", (SCRIPTS / f"{script}.py").read_bytes())
        command = {"Name": "glueetl", "ScriptLocation": self.uri(f"assets/{name}.py"), "PythonVersion": "3"}
        given = {"GlueVersion": "5.1", "Command": command, "DefaultArguments": dict(defaults or {}), **params}
        self.aws("glue").create_job(Name=name, Role=self.role, **given)
        return name

    def run_job(self, name: str, arguments: Mapping[str, str] | None = None) -> dict[str, Any]:
        glue = self.aws("glue")
        run_id = glue.start_job_run(JobName=name, Arguments=dict(arguments or {}))["JobRunId"]
        for _ in range(18000):
            run: dict[str, Any] = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
            if run["JobRunState"] in ENDED:
                return run
            time.sleep(0.02)
        raise AssertionError(run)

    def run(self, script: str, arguments: Mapping[str, str] | None = None, **params: Any) -> str:
        """Run a script that must succeed; what it printed."""
        return self.printed(self.succeed(self.create_job(script, None, **params), arguments))

    def succeed(self, name: str, arguments: Mapping[str, str] | None = None) -> dict[str, Any]:
        run = self.run_job(name, arguments)
        assert run["JobRunState"] == "SUCCEEDED", f"{run.get('ErrorMessage')}\n{self.printed(run, 'error')[-3000:]}"
        return run

    def printed(self, run: Mapping[str, Any], stream: str = "output") -> str:
        """A run's log of one kind, as text."""
        reply = self.aws("logs").get_log_events(
            logGroupName=f"/aws-glue/jobs/{stream}", logStreamName=run["Id"], startFromHead=True
        )
        return "\n".join(event["message"].rstrip("\n") for event in reply["events"])

    # --- what a script left ---

    def table(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.aws("glue").get_table(DatabaseName=self.database, Name=name)["Table"]
        return found

    def columns(self, table: str) -> list[tuple[str, str]]:
        return [(one["Name"], one["Type"]) for one in self.table(table)["StorageDescriptor"]["Columns"]]

    def partitions(self, table: str) -> list[tuple[str, ...]]:
        reply = self.aws("glue").get_partitions(DatabaseName=self.database, TableName=table)
        return sorted(tuple(one["Values"]) for one in reply["Partitions"])

    def keys(self, prefix: str) -> list[str]:
        pages = self.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return sorted(one["Key"] for page in pages for one in page.get("Contents", ()))

    def files(self, prefix: str) -> list[tuple[str, bytes]]:
        """Data objects below a prefix: not hidden ones, not folder marks."""
        names = [key for key in self.keys(prefix) if key.rsplit("/", 1)[1][:1] not in ("", "_", ".")]
        names = [key for key in names if not key.endswith("_$folder$")]
        s3 = self.aws("s3")
        return [(key, s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()) for key in names]

    def rows(self, prefix: str, kind: str) -> list[dict[str, Any]]:
        """All records below a prefix, partition values included, in an order of their own."""
        rows = [
            {**record, **_folders(key.removeprefix(prefix))}
            for key, data in self.files(prefix)
            for record in READERS[kind](_plain(key, data))
        ]
        return sorted(rows, key=_order)


def ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in the order `Bench.rows` gives them."""
    return sorted(rows, key=_order)


def _order(row: dict[str, Any]) -> str:
    return repr(sorted(row.items(), key=lambda item: item[0]))


def _folders(key: str) -> dict[str, str]:
    pairs = [part.split("=", 1) for part in key.split("/")[:-1] if "=" in part]
    return {unquote(name): unquote(value) for name, value in pairs}


def _plain(key: str, data: bytes) -> bytes:
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    return bz2.decompress(data) if data[:3] == b"BZh" else data


def read_csv(data: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def read_json(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.decode().split("\n") if line]


def read_parquet(data: bytes) -> list[dict[str, Any]]:
    import pyarrow.parquet

    rows: list[dict[str, Any]] = pyarrow.parquet.ParquetFile(io.BytesIO(data)).read().to_pylist()
    return rows


def read_orc(data: bytes) -> list[dict[str, Any]]:
    import pyarrow.orc

    rows: list[dict[str, Any]] = pyarrow.orc.ORCFile(io.BytesIO(data)).read().to_pylist()
    return rows


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "csv": read_csv,
    "json": read_json,
    "parquet": read_parquet,
    "orc": read_orc,
}
