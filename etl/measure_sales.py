"""Notebook 8, Glue's side: adds up the units sold by channel in each sample and logs how long that took.

Argument: --samples, a JSON list of {"name", "format" ("csv" or "parquet"), "uri"}. One line `MEASURE {…}` a sample goes to the log.
A sample that stands twice in the list is measured twice: the first time Spark is still cold.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812


def measure(spark: SparkSession, sample: dict[str, str]) -> dict[str, Any]:
    """One sample: its name, seconds and units by channel."""
    began = time.perf_counter()
    read = spark.read.parquet if sample["format"] == "parquet" else spark.read.option("header", "true").csv
    sold = read(sample["uri"]).select(F.trim("canal").alias("canal"), F.col("cantidad").cast("double").alias("units"))
    totals = sold.where("units > 0").groupBy("canal").agg(F.sum("units").alias("units")).collect()
    units = {row["canal"]: row["units"] for row in totals}
    return {"sample": sample["name"], "seconds": round(time.perf_counter() - began, 4), "units": units}


def main() -> None:
    """Measure every sample of the argument."""
    samples = json.loads(getResolvedOptions(sys.argv, ["samples"])["samples"])
    spark = GlueContext(SparkContext.getOrCreate()).spark_session
    for sample in samples:
        print("MEASURE " + json.dumps(measure(spark, sample), ensure_ascii=False))


if __name__ == "__main__":
    main()
