#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""A job of a project: its code comes in a zip, its settings in a file."""
import json
import logging
import os
import sys

from pyspark.context import SparkContext
from pyspark.sql import functions as F
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions

from pricing.rules import with_tax
import single_module

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
LOG = logging.getLogger(__name__)


def get_arg(name, default=None):
    if "--{}".format(name) in sys.argv:
        return getResolvedOptions(sys.argv, [name])[name]
    return default


class Runner:
    def __init__(self):
        self.args = getResolvedOptions(sys.argv, ["JOB_NAME", "target-path"])
        self.gc = GlueContext(SparkContext.getOrCreate())
        self.spark = self.gc.spark_session
        self.settings = json.load(open("settings.json", encoding="utf-8"))

    def run(self):
        env = get_arg("env", "dev")
        LOG.info("environment %s", env)
        rate = float(self.settings["rates"][env])
        df = self.spark.createDataFrame([(1, 10.0), (2, 0.0)], "id int, net double")
        df = df.withColumn("gross", with_tax(F.col("net"), rate)).withColumn("label", single_module.label_udf("id"))
        df.write.mode("append").json(self.args["target_path"])
        print("shuffle", self.spark.conf.get("spark.sql.shuffle.partitions"), "codec", self.spark.conf.get("spark.sql.parquet.compression.codec"))
        print("missing", get_arg("nothing"), "main", __name__, os.path.basename(sys.argv[0]).endswith(".py"))


if __name__ == "__main__":
    runner = Runner()
    job = Job(runner.gc)
    job.init(runner.args["JOB_NAME"], runner.args)
    runner.run()
    job.commit()
