import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "base"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

cases = {
    "escaper": ("csv", {"withHeader": True, "escaper": "\\", "quoteChar": '"'}),
    "multiline": ("csv", {"withHeader": True, "multiLine": True}),
    "noheader": ("csv", {"withHeader": False, "separator": "\t"}),
    "skip": ("csv", {"skipFirst": True}),
    "noquotes": ("csv", {"withHeader": "true", "quoteChar": -1, "separator": "|"}),
    "fast": ("csv", {"withHeader": True, "optimizePerformance": True}),
    "semicolon": ("csv", {"withHeader": True, "separator": ";", "quoteChar": "'"}),
    "multijson": ("json", {"multiLine": True}),
    "pathjson": ("json", {"jsonPath": "$.items[*]", "multiLine": True}),
    "badjson": ("json", {}),
}
for name, (fmt, options) in cases.items():
    frame = glueContext.create_dynamic_frame.from_options(
        connection_type="s3", connection_options={"paths": [f"{args['base']}/{name}/"]}, format=fmt, format_options=options
    )
    print(name, frame.count(), frame.errorsCount())
    glueContext.write_dynamic_frame.from_options(frame=frame, connection_type="s3", connection_options={"path": f"{args['base']}/out/{name}/"}, format="json")
job.commit()
