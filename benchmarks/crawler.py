"""Crawls through the API: many partitions, and files too big to be read. Bounds are those of issue 4."""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psutil

from benchmarks.clouds import client, make_role, running_cloud
from benchmarks.measure import Number, median
from labkit.cloud.info import CloudInfo

_BUCKET, _DATABASE = "bench-crawler", "bench"
_PARTITIONS, _ROUNDS = 2000, 5
_GIGABYTE = 1 << 30
_ROWS = b"id_venta,fecha,cantidad,precio,cliente\n" + b"".join(
    b"%d,2024-01-%02d,%d,%d.%02d,cliente %d\n" % (n, n % 28 + 1, n % 9, n % 500, n % 100, n % 977)
    for n in range(20_000)
)
_SMALL = b"id,total,nota\n1,2.5,a\n2,3.5,b\n3,4.5,c\n"


def partitions() -> list[Number]:
    """2,000 Hive partitions of one small CSV each: the first crawl, and one that finds nothing new."""
    with _lab() as (cloud, glue, s3):
        keys = [f"ventas/año={2000 + n // 12}/mes={n % 12 + 1}/a.csv" for n in range(_PARTITIONS)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: s3.put_object(Bucket=_BUCKET, Key=key, Body=_SMALL), keys))
        first = [_crawl(glue, "ventas/", f"p{n}", fresh=True) for n in range(_ROUNDS)]
        again = [_crawl(glue, "ventas/", f"p{_ROUNDS - 1}") for _ in range(_ROUNDS)]
        memory = _resident_mb(cloud)
    return [
        median("crawl of 2,000 partitions, first", first, "s", 3.0),
        median("crawl of 2,000 partitions, nothing new", again, "s", 3.0),
        Number("server after those crawls, resident", memory, "MB"),
    ]


def big_files() -> list[Number]:
    """A 1 GB CSV and a gzip of 1 GB: sampled, not read; and what that does to the server's memory."""
    with tempfile.TemporaryDirectory(prefix="labkit-crawl-") as folder, _lab() as (cloud, glue, s3):
        plain, packed = Path(folder) / "big.csv", Path(folder) / "big.csv.gz"
        with plain.open("wb") as file:
            _write(file)
        with gzip.open(packed, "wb", compresslevel=1) as file:
            _write(file)
        for path in (plain, packed):
            s3.upload_file(str(path), _BUCKET, f"{path.suffix[1:]}/{path.name}")
        before = _resident_mb(cloud)
        csv = [_crawl(glue, "csv/", f"c{n}", fresh=True) for n in range(_ROUNDS)]
        gz = [_crawl(glue, "gz/", f"g{n}", fresh=True) for n in range(_ROUNDS)]
        grown = _resident_mb(cloud) - before
    return [
        median("crawl of a 1 GB CSV", csv, "s", 1.0),
        median("crawl of a gzip of 1 GB", gz, "s", 1.0),
        Number("memory that those crawls left in use", grown, "MB", 64.0),
    ]


@contextmanager
def _lab() -> Iterator[tuple[CloudInfo, Any, Any]]:
    with running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
        make_role(cloud)
        s3 = client(cloud, "s3")
        s3.create_bucket(Bucket=_BUCKET)
        yield cloud, client(cloud, "glue"), s3


def _crawl(glue: Any, path: str, name: str, *, fresh: bool = False) -> float:
    """Seconds from StartCrawler to READY, asked every 5 ms; ``fresh``: a new crawler and database."""
    if fresh:
        targets = {"S3Targets": [{"Path": f"s3://{_BUCKET}/{path}"}]}
        glue.create_crawler(Name=name, Role="bench", DatabaseName=f"{_DATABASE}_{name}", Targets=targets)
    begun = time.perf_counter()
    glue.start_crawler(Name=name)
    while True:
        crawler = glue.get_crawler(Name=name)["Crawler"]
        if crawler["State"] == "READY":
            break
        time.sleep(0.005)
    if crawler["LastCrawl"]["Status"] != "SUCCEEDED":
        raise RuntimeError(str(crawler["LastCrawl"]))
    return time.perf_counter() - begun


def _write(file: IO[bytes]) -> None:
    for _ in range(_GIGABYTE // len(_ROWS) + 1):
        file.write(_ROWS)


def _resident_mb(cloud: CloudInfo) -> float:
    return float(psutil.Process(cloud.pid).memory_info().rss) / (1 << 20)
