"""What a driver does while it waits: the kind of work that jobs do, on work files that nobody sees, until the JVM is quick at it."""

from __future__ import annotations


def first_round(folder):
    """The least that makes a driver usable: a context, a CSV read and a partitioned write through the gateway."""
    from pyspark.context import SparkContext
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as f

    spark = SparkSession(SparkContext())
    rows = spark.createDataFrame([("2024-01-01", "1"), ("2024-02-01", "0")], "fecha string, cantidad string")
    rows.write.mode("overwrite").option("header", True).csv(folder + "/in")
    read = spark.read.option("header", True).schema("fecha string, cantidad string").csv(folder + "/in")
    kept = read.filter(f.col("cantidad").cast("bigint") > 0)
    final = kept.withColumn("a", f.year(f.to_date("fecha"))).withColumn("m", f.month(f.to_date("fecha")))
    final.write.mode("overwrite").partitionBy("a", "m").parquet(folder + "/out")
    spark.read.parquet(folder + "/out").groupBy("a").agg(f.sum("m"), f.count("*")).collect()
    end(spark)


def further_round(folder):
    """Broader: cleaning expressions, observed counts, bad lines, a DynamicFrame, and Hadoop's own file calls."""
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame
    from pyspark.context import SparkContext
    from pyspark.sql import Observation
    from pyspark.sql import functions as f

    context = GlueContext(SparkContext())
    spark = context.spark_session
    text = "fecha string, cantidad string, linea string"
    reader = spark.read.schema(text).options(header=True, escape='"', ignoreLeadingWhiteSpace=True)
    read = reader.option("columnNameOfCorruptRecord", "linea").csv(folder + "/in").withColumn("x", f.lit("x"))
    plain = f.regexp_replace("cantidad", ",", ".").cast("double")
    motive = f.when(plain.isNull(), "vacia").when(plain <= 0, "cero").otherwise(f.lit(None).cast("string"))
    judged = read.withColumn("motivo", motive).withColumn("t", f.to_timestamp("fecha"))
    seen = Observation()
    watched = judged.observe(seen, f.count(f.lit(1)).alias("n"), f.count("motivo").alias("bad"))
    good = watched.filter(f.col("motivo").isNull()).withColumn("a", f.year("t")).withColumn("m", f.month("t"))
    good.drop("linea").write.mode("overwrite").partitionBy("x", "a", "m").parquet(folder + "/clean")
    assert seen.get["n"] == 2  # a warm-up that reads nothing warms nothing
    frame = DynamicFrame.fromDF(spark.read.parquet(folder + "/clean"), context, "frame")
    frame.toDF().groupBy("a").count().collect()
    touch_files(spark, folder)
    end(spark)


def touch_files(spark, folder):
    """List, read, write and rename as scripts do through the JVM."""
    hadoop = spark._jvm.org.apache.hadoop.fs
    place = hadoop.Path(folder + "/note.txt")
    system = place.getFileSystem(spark._jsc.hadoopConfiguration())
    stream = system.create(place, True)
    stream.write(b"hola")
    stream.close()
    bytes(system.open(place).readNBytes(4))
    system.rename(place, hadoop.Path(folder + "/other.txt"))
    for status in system.listStatus(hadoop.Path(folder)):
        status.getPath().toString(), status.getLen(), status.getModificationTime()
    system.delete(hadoop.Path(folder + "/other.txt"), True)


def end(spark):
    """Stop the context: the script makes its own."""
    spark.stop()
