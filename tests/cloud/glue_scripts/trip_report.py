"""Trips by hour and payment: timestamps, buckets, pivot, percentiles."""
import sys
import datetime
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import *
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME", "db", "table", "out"])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

trips = glueContext.create_dynamic_frame.from_catalog(database=args["db"], table_name=args["table"], transformation_ctx="trips")
trips.printSchema()

resolved = ResolveChoice.apply(frame=trips, specs=[("fare", "cast:double"), ("passengers", "cast:int")], transformation_ctx="resolved")
mapped = ApplyMapping.apply(
    frame=resolved,
    mappings=[
        ("pickup", "string", "pickup_at", "timestamp"),
        ("dropoff", "string", "dropoff_at", "timestamp"),
        ("payment", "string", "payment", "string"),
        ("passengers", "int", "passengers", "int"),
        ("fare", "double", "fare", "double"),
    ],
)

df = mapped.toDF().withColumn("minutes", (unix_timestamp("dropoff_at") - unix_timestamp("pickup_at")) / 60)
df = df.filter((col("minutes") > 0) & col("fare").isNotNull())

by_hour = (
    df.groupBy(date_trunc("hour", "pickup_at").alias("hour"))
    .agg(count("*").alias("trips"), round(sum("fare"), 2).alias("fares"), max("passengers").alias("most"), expr("percentile(minutes, 0.5)").alias("median_minutes"))
    .orderBy("hour")
)
by_hour = by_hour.withColumn("hour", date_format("hour", "yyyy-MM-dd'T'HH:mm"))
glueContext.write_dynamic_frame.from_options(
    frame=DynamicFrame.fromDF(by_hour.coalesce(1), glueContext, "by_hour"),
    connection_type="s3", connection_options={"path": args["out"] + "/by_hour/"}, format="csv", format_options={"separator": ","},
)

pivot = df.groupBy(dayofweek("pickup_at").alias("weekday")).pivot("payment", ["card", "cash"]).agg(count("*")).na.fill(0)
pivot.write.mode("overwrite").json(args["out"] + "/pivot/")
job.commit()
