import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
job = Job(glueContext)
args = getResolvedOptions(sys.argv, ["JOB_NAME", "base"])
job.init(args["JOB_NAME"], args)
base = args["base"].rstrip("/")

source = glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/current/"]}, "json", transformation_ctx="src")
stage = glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/changes/"]}, "json", transformation_ctx="stg")

merged = source.mergeDynamicFrame(stage, ["sku", "shop"], transformation_ctx="merge")
merged.printSchema()
print("merged", merged.count())
glueContext.write_dynamic_frame.from_options(merged, "s3", {"path": base + "/merged"}, "json")

glueContext.write_dynamic_frame.from_options(source.union(stage), "s3", {"path": base + "/union"}, "json")
job.commit()
