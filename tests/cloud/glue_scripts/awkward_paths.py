import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "out"])
bucket, out = args["bucket"], args["out"]
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)


def read(fmt, paths, options=None, **more):
    return glueContext.create_dynamic_frame.from_options("s3", {"paths": paths, **more}, fmt, options or {})


frames = {
    "root": read("json", [f"s3://{bucket}"]),
    "rootslash": read("json", [f"s3://{bucket}/"]),
    "blank": read("json", [f"s3://{bucket}/año 2024/ventas + más/50% off/"]),
    "console": read("csv", [f"s3://{bucket}/console/"], {"withHeader": True}),
    "headers": read("csv", [f"s3://{bucket}/headers/"], {"withHeader": True}),
    "mixed": read("csv", [f"s3://{bucket}/mixed"], {"withHeader": True}),
    "parquet": read("parquet", [f"s3://{bucket}/pq/"]),
    "twice": read("json", [f"s3://{bucket}/año 2024/ventas + más/50% off/a.json", f"s3://{bucket}/top.json"]),
}
for name, frame in frames.items():
    print(name, frame.count())
    glueContext.write_dynamic_frame.from_options(frame, "s3", {"path": f"s3://{out}/{name}"}, "json")

# the root of a bucket as a target
spark_df = spark.createDataFrame([(1, "a b"), (2, "ñ/+%")], "n int, k string")
glueContext.write_dynamic_frame.from_options(DynamicFrame.fromDF(spark_df, glueContext, "x"), "s3", {"path": f"s3://{out}/with blank/ñ", "partitionKeys": ["k"]}, "json")
print("empty", len(frames["root"].toDF().head(1)) == 0, frames["root"].toDF().rdd.isEmpty(), spark_df.isEmpty())
nothing = DynamicFrame.fromDF(spark_df.where("n > 9"), glueContext, "nothing")
for fmt in ("json", "csv", "parquet", "glueparquet", "orc"):
    glueContext.write_dynamic_frame.from_options(nothing, "s3", {"path": f"s3://{out}/nothing/{fmt}"}, fmt)
job.commit()
