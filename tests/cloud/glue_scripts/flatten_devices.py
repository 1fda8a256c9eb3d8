import sys
from pyspark.context import SparkContext
from pyspark.sql import DataFrame
from pyspark.sql.functions import explode, explode_outer, col, size
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import UnnestFrame, Unbox, Relationalize
from awsglue.job import Job
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["JOB_NAME", "TempDir", "base"])
glueContext = GlueContext(SparkContext())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
base = args["base"]

devices = glueContext.create_dynamic_frame.from_options(
    "s3", {"paths": [base + "/devices/"]}, format="json", format_options={"multiLine": True, "jsonPath": "$.export.devices[*]"}
)
print("devices", devices.count())

unnested = UnnestFrame.apply(frame=devices)
unnested.printSchema()
glueContext.write_dynamic_frame.from_options(unnested, "s3", {"path": base + "/out/unnested"}, "json")

boxed = Unbox.apply(frame=devices.select_fields(["serial", "payload"]), path="payload", format="json")
boxed.printSchema()
print("boxed", boxed.count(), "bad", boxed.errorsCount())
glueContext.write_dynamic_frame.from_options(boxed, "s3", {"path": base + "/out/boxed"}, "json")

df: DataFrame = devices.toDF()
long = (
    df.select("serial", col("site.name").alias("site"), explode_outer("ports").alias("port"))
    .select("serial", "site", col("port.no").alias("no"), explode_outer("port.vlans").alias("vlan"))
)
print("long", long.count())
glueContext.write_dynamic_frame.from_options(
    frame=DynamicFrame.fromDF(long.repartition(1), glueContext, "long"),
    connection_type="s3", connection_options={"path": base + "/out/long", "partitionKeys": ["site"]}, format="glueparquet",
    format_options={"compression": "gzip"},
)

dfc = Relationalize.apply(frame=devices.drop_fields(["payload"]), staging_path=args["TempDir"], name="devices", transformation_ctx="dfc")
for name in dfc.keys():
    table = dfc.select(name)
    glueContext.write_dynamic_frame.from_options(table, "s3", {"path": base + "/out/rel/" + name}, "json")
    print("table", name, table.count())
job.commit()
