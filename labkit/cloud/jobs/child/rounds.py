"""What a driver does while it waits: the kind of work that jobs do, on work files that nobody sees, until the JVM is quick at it."""

from __future__ import annotations


class Rounds:
    """Small steps in one context, each cut short by an order; the first ones are slow because everything is new to the JVM."""

    def __init__(self, folder):
        self._folder = folder
        self._context = None
        self._spark = None

    def steps(self, rounds):
        """All steps, in the order of what most jobs use; none for no rounds."""
        if not rounds:
            return []
        return [self.begin, self.write_input, self.write_parts, *[self.clean, self.frame, self.files] * rounds]

    def begin(self):
        """A context and a session."""
        from awsglue.context import GlueContext
        from pyspark.context import SparkContext

        self._context = GlueContext(SparkContext())
        self._spark = self._context.spark_session

    def write_input(self):
        """Two rows of CSV."""
        rows = self._spark.range(2).selectExpr("concat('2024-0', id + 1, '-01') AS fecha", "string(id) AS cantidad")
        rows.write.mode("overwrite").option("header", True).csv(self._folder + "/in")

    def write_parts(self):
        """CSV to partitioned Parquet, the job that everybody writes first."""
        read = self._spark.read.option("header", True).schema("fecha string, cantidad string").csv(self._folder + "/in")
        kept = read.filter("cast(cantidad AS bigint) > 0").selectExpr("*", "year(fecha) AS a", "month(fecha) AS m")
        kept.write.mode("overwrite").partitionBy("a", "m").parquet(self._folder + "/out")

    def clean(self):
        """Read, judge, count on the way, write in partitions."""
        from pyspark.sql import Observation
        from pyspark.sql import functions as f

        reader = self._spark.read.schema("fecha string, cantidad string, linea string")
        reader = reader.options(
            header=True, escape='"', ignoreLeadingWhiteSpace=True, columnNameOfCorruptRecord="linea"
        )
        read = reader.csv(self._folder + "/in").withColumn("x", f.lit("x"))
        plain = f.regexp_replace("cantidad", ",", ".").cast("double")
        motive = f.when(plain.isNull(), "vacia").when(plain <= 0, "cero").otherwise(f.lit(None).cast("string"))
        judged = read.withColumn("motivo", motive).withColumn("t", f.to_timestamp("fecha"))
        seen = Observation()
        watched = judged.observe(seen, f.count(f.lit(1)).alias("n"), f.count("motivo").alias("bad"))
        good = watched.filter(f.col("motivo").isNull()).withColumn("a", f.year("t")).withColumn("m", f.month("t"))
        good.drop("linea").write.mode("overwrite").partitionBy("x", "a", "m").parquet(self._folder + "/clean")
        if seen.get["n"] != 2:
            raise RuntimeError(f"a warm-up that reads {seen.get['n']} of 2 rows warms nothing")

    def frame(self):
        """Parquet through a DynamicFrame, and a count."""
        from awsglue.dynamicframe import DynamicFrame

        read = self._spark.read.parquet(self._folder + "/clean")
        DynamicFrame.fromDF(read, self._context, "frame").toDF().groupBy("a").count().collect()

    def files(self):
        """List, read, write and rename as scripts do through the JVM."""
        hadoop = self._spark._jvm.org.apache.hadoop.fs
        place, other = hadoop.Path(self._folder + "/note.txt"), hadoop.Path(self._folder + "/other.txt")
        system = place.getFileSystem(self._spark._jsc.hadoopConfiguration())
        stream = system.create(place, True)
        stream.write(b"hola")
        stream.close()
        stream = system.open(place)
        bytes(stream.readNBytes(4))
        stream.close()
        system.rename(place, other)
        for status in system.listStatus(hadoop.Path(self._folder)):
            status.getPath().toString(), status.getLen(), status.getModificationTime()
        system.delete(other, True)

    def end(self):
        """Stop the context: the script makes its own."""
        if self._spark is not None:
            self._spark.stop()
