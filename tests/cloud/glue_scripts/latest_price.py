# Keeps the latest version of every product and overwrites the partitioned copy with plain Spark.
import sys
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from awsglue.job import Job
from pyspark.sql import SparkSession, Window, functions as F
from pyspark.sql.types import StructType, StructField, StringType, TimestampType, DecimalType

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'cutoff'])

spark = SparkSession.builder.appName(args['JOB_NAME']).config("spark.sql.sources.partitionOverwriteMode", "dynamic").getOrCreate()
glueContext = GlueContext(spark.sparkContext)
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
spark.conf.set("spark.sql.session.timeZone", "America/Bogota")

schema = StructType([
    StructField("sku", StringType()),
    StructField("price", DecimalType(9, 2)),
    StructField("changed_at", TimestampType()),
    StructField("who", StringType()),
])
df = spark.read.option("header", "true").option("multiLine", "true").option("escape", '"').schema(schema).csv(args['source'])

w = Window.partitionBy("sku").orderBy(F.col("changed_at").desc(), F.col("who").asc_nulls_last())
latest = (
    df.filter(F.col("changed_at") >= F.lit(args['cutoff']).cast("timestamp"))
    .withColumn("n", F.row_number().over(w))
    .filter("n = 1")
    .drop("n")
    .withColumn("day", F.to_date("changed_at"))
    .withColumn("hour", F.hour("changed_at"))
)
latest.write.mode("overwrite").partitionBy("day").parquet(args['target'])
print("written:", latest.count())
spark.read.parquet(args['target']).orderBy("sku").show(truncate=False)
job.commit()
