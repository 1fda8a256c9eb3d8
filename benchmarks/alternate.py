"""The Spark process of `bigfile.gateway_ratio`: the same work on local files and on `s3://`, taking turns; prints the times as JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from labkit.cloud.jobs.java import find_java
from labkit.cloud.jobs.spark import SparkSetup, find_spark_home


def open_session(port: int, folder: str) -> Any:
    """A Spark session with the settings of a job of the cloud at that port."""
    from pyspark.sql import SparkSession

    setup = SparkSetup(find_java(None), find_spark_home(), port)
    builder = SparkSession.builder.config("spark.driver.memory", "2g")
    for name, value in setup.settings(Path(folder)).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def main(port: int, folder: str, schema: str, rounds: int) -> None:
    """Time the two ways in turn, in one session, and print the seconds as JSON."""
    from pyspark.sql import functions as f

    spark = open_session(port, folder)
    places = {
        "local": (f"file://{folder}/transactions.csv", f"file://{folder}/out"),
        "s3": ("s3://bench-big/in/transactions.csv", "s3://bench-big/out"),
    }
    times: dict[str, list[float]] = {name: [] for name in places}
    for number in range(rounds + 1):
        for name, (source, target) in places.items():
            begun = time.perf_counter()
            rows = spark.read.schema(schema).option("header", True).csv(source).filter(f.col("quantity") > 0)
            parted = rows.withColumn("año", f.year("transaction_timestamp")).withColumn(
                "mes", f.month("transaction_timestamp")
            )
            parted.write.mode("overwrite").partitionBy("año", "mes").parquet(f"{target}/{number}")
            if number:  # the first round warms both sides up
                times[name].append(time.perf_counter() - begun)
    spark.stop()
    print(json.dumps(times))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
