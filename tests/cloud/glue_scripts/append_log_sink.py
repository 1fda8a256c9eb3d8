import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME", "db", "source", "path", "behavior", "keys", "table"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
frame = glueContext.create_dynamic_frame.from_options("s3", {"paths": [args["source"]]}, "json")
keys = [k for k in args["keys"].split(",") if k]

sink = glueContext.getSink(
    connection_type="s3", path=args["path"], enableUpdateCatalog=True, updateBehavior=args["behavior"], partitionKeys=keys
)
sink.setFormat("json")
sink.setCatalogInfo(catalogDatabase=args["db"], catalogTableName=args["table"])
sink.writeFrame(frame)
job.commit()
