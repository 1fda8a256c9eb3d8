import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME", "db", "out", "tables"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
for table in args["tables"].split(","):
    frame = glueContext.create_dynamic_frame_from_catalog(args["db"], table, transformation_ctx="src_" + table)
    print(table, frame.count(), [(f.name, f.dataType.typeName()) for f in frame.schema()])
    glueContext.write_dynamic_frame_from_options(
        frame=frame, connection_type="s3", connection_options={"path": args["out"] + "/" + table}, format="json"
    )
job.commit()
