import sys
from itertools import product
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import ApplyMapping
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "in", "out"])
sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
out = args["out"].rstrip("/")

raw = glueContext.create_dynamic_frame.from_options(
    format_options={"quoteChar": '"', "withHeader": True, "separator": ","},
    connection_type="s3", format="csv", connection_options={"paths": [args["in"]], "recurse": True},
)
typed = ApplyMapping.apply(frame=raw, mappings=[
    ("id", "string", "id", "int"),
    ("text", "string", "text", "string"),
    ("country", "string", "country", "string"),
    ("value", "string", "value", "double"),
    ("day", "string", "day", "date"),
])

sinks = {
    "csv_plain": ("csv", {}, {}),
    "csv_gzip": ("csv", {"compression": "gzip"}, {"separator": "|", "quoteChar": "'"}),
    "csv_nohead": ("csv", {"compression": "bzip2"}, {"writeHeader": False, "quoteChar": -1, "separator": "\t"}),
    "json_parts": ("json", {"partitionKeys": ["country", "day"]}, {}),
    "json_bzip2": ("json", {"compression": "bzip2"}, {}),
    "parquet_snappy": ("parquet", {}, {}),
    "parquet_gzip": ("parquet", {"compression": "gzip", "partitionKeys": ["country"]}, {}),
    "gp_default": ("glueparquet", {"partitionKeys": ["country"]}, {}),
    "gp_none": ("glueparquet", {}, {"compression": "uncompressed", "blockSize": 134217728, "pageSize": 1048576}),
    "orc": ("orc", {"partitionKeys": []}, {}),
}
for name, (fmt, conn, opts) in sinks.items():
    glueContext.write_dynamic_frame.from_options(
        frame=typed, connection_type="s3", connection_options={"path": f"{out}/{name}", **conn},
        format=fmt, format_options=opts, transformation_ctx=name,
    )

# read all of them back
def read(fmt, name, conn=None, opts=None):
    return glueContext.create_dynamic_frame.from_options(
        "s3", {"paths": [f"{out}/{name}/"], **(conn or {})}, fmt, opts or {}
    )

back = {
    "csv_plain": read("csv", "csv_plain", opts={"withHeader": True}),
    "csv_gzip": read("csv", "csv_gzip", opts={"withHeader": True, "separator": "|", "quoteChar": "'"}),
    "csv_nohead": read("csv", "csv_nohead", opts={"separator": "\t", "quoteChar": -1}),
    "json_parts": read("json", "json_parts", {"recurse": True}),
    "json_bzip2": read("json", "json_bzip2"),
    "parquet_snappy": read("parquet", "parquet_snappy"),
    "parquet_gzip": read("parquet", "parquet_gzip"),
    "orc": read("orc", "orc"),
}
for name, frame in back.items():
    print(name, frame.count(), sorted((f.name, f.dataType.typeName()) for f in frame.schema()))
job.commit()
