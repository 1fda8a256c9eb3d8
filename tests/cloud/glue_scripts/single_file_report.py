"""One CSV with a name of its own, an Avro archive, and what pandas makes of it."""
import sys
import json
import boto3
from datetime import datetime, timezone
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import Map, Filter
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import col, from_unixtime, to_timestamp, regexp_replace, when, trim, lower, explode, split, concat_ws, collect_list, sort_array

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'bucket'])
bucket = args['bucket']
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
logger = glueContext.get_logger()

events = glueContext.create_dynamic_frame.from_options(
    connection_type="s3", format="json", connection_options={"paths": [f"s3a://{bucket}/single/events/"]})


def enrich(rec):
    rec["device"] = rec["device"] or {}
    rec["device"]["kind"] = rec["device"].get("kind", "unknown").lower()
    rec["steps"] = [{"n": i, "name": s} for i, s in enumerate(rec["steps"])] if rec.get("steps") else []
    rec["when"] = datetime.fromtimestamp(rec["ts"] / 1000, tz=timezone.utc).isoformat()
    rec["size"] = len(json.dumps(rec["steps"]))
    rec.pop("secret", None)
    return rec


events = Map.apply(frame=events, f=enrich)
events.printSchema()
logger.info("enriched " + str(events.count()))
assert events.errorsCount() == 0, events.errorsAsDynamicFrame().toDF().first()

df = events.toDF()
df = df.withColumn("at", from_unixtime(col("ts") / 1000, "yyyy-MM-dd HH:mm:ss")).withColumn("mail", lower(trim(regexp_replace("mail", r"\s+", ""))))
df = df.withColumn("level", when(col("device.kind") == "phone", "A").when(col("device.kind").isNull(), "?").otherwise("B"))
flat = df.select("id", "mail", "at", "when", "level", explode("steps").alias("step")).select("id", "mail", "at", "when", "level", col("step.n").alias("n"), col("step.name").alias("name"))
paths = flat.groupBy("id").agg(concat_ws(">", sort_array(collect_list(concat_ws(":", "n", "name")))).alias("path"))
report = df.drop("steps", "device").join(paths, "id", "left").select("id", "mail", "at", "when", "level", "path").orderBy("id")

out = DynamicFrame.fromDF(report, glueContext, "report").repartition(1)
glueContext.write_dynamic_frame.from_options(out, connection_type="s3", connection_options={"path": f"s3://{bucket}/single/tmp"}, format="csv", format_options={"separator": ";", "quoteChar": '"'})

s3 = boto3.client("s3")
listed = s3.list_objects_v2(Bucket=bucket, Prefix="single/tmp/")["Contents"]
assert len(listed) == 1, [o["Key"] for o in listed]
s3.copy_object(Bucket=bucket, CopySource={"Bucket": bucket, "Key": listed[0]["Key"]}, Key="single/report final.csv")
s3.delete_object(Bucket=bucket, Key=listed[0]["Key"])

glueContext.write_dynamic_frame.from_options(frame=events.drop_fields(["device"]), connection_type="s3", connection_options={"path": f"s3://{bucket}/single/avro/"}, format="avro")
back = glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"s3://{bucket}/single/avro/"]}, format="avro")
back.printSchema()
print("avro", sorted((r["id"], r["size"], len(r["steps"])) for r in back.toDF().collect()))

pdf = report.toPandas()
print("pandas", len(pdf), sorted(pdf["level"].tolist()))
again = spark.createDataFrame(pdf[["id", "level"]])
again.coalesce(1).write.mode("overwrite").option("header", True).csv(f"s3a://{bucket}/single/levels", compression="gzip")
job.commit()
