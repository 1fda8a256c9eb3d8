import sys
from awsglue.utils import getResolvedOptions
from awsglue.context import GlueContext
from awsglue.job import Job
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "path", "days"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
logger = glueContext.get_logger()

spark = glueContext.spark_session
rows = [(d, "día %s" % d) for d in args["days"].split(",")]
df = spark.createDataFrame(rows, ["day", "label"])

from awsglue.dynamicframe import DynamicFrame

dyf = DynamicFrame.fromDF(df, glueContext, "days")

# the default keeps what is younger than a week: nothing goes
glueContext.purge_s3_path(args["path"] + "/kept/", transformation_ctx="purge_default")
# this one empties the folder
glueContext.purge_s3_path(args["path"] + "/fresh/", {"retentionPeriod": 0}, "purge_all")
glueContext.purge_s3_path(args["path"] + "/never_written/", options={"retentionPeriod": 0})

for name in ("kept", "fresh"):
    glueContext.write_dynamic_frame.from_options(
        frame=dyf.coalesce(1),
        connection_type="s3",
        connection_options={"path": args["path"] + "/" + name},
        format="csv",
        format_options={"writeHeader": True},
    )
logger.info("written")
job.commit()
