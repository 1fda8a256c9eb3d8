import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import ApplyMapping, ResolveChoice
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import udf, col
from pyspark.sql.types import StringType

args = getResolvedOptions(sys.argv, ["JOB_NAME", "database", "output_bucket"])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

OUT = f"s3://{args['output_bucket']}/clean"

visits = glueContext.create_dynamic_frame.from_catalog(
    database=args["database"], table_name="visits", transformation_ctx="visits"
)
visits.printSchema()

# four ways out of a choice
cast = visits.resolveChoice(specs=[("clinic id", "cast:long")])
cast.printSchema()
print("not castable:", cast.toDF().where("`clinic id` is null").count())

cols = ResolveChoice.apply(frame=visits, choice="make_cols", transformation_ctx="cols")
cols.printSchema()
cols.toDF().createOrReplaceTempView("cols")
spark.sql("select count(*) n from cols where `clinic id_string` is not null").show()

struct = visits.resolveChoice(choice="make_struct")
struct.toDF().select(col("clinic id").getField("string").alias("bad")).where("bad is not null").orderBy("bad").show()

project = visits.resolveChoice(specs=[("clinic id", "project:string")])
project.printSchema()

for name, frame in (("cast", cast), ("cols", cols), ("struct", struct)):
    glueContext.write_dynamic_frame.from_options(
        frame=frame, connection_type="s3", connection_options={"path": f"{OUT}/{name}"}, format="json"
    )

# money comes as "$1,234.50"
chop = udf(lambda text: text.replace("$", "").replace(",", "") if text else None, StringType())
df = cast.toDF().where("`clinic id` is not null").withColumn("charge", chop(col("average charge")))
tidy = DynamicFrame.fromDF(df, glueContext, "tidy")
tidy = ApplyMapping.apply(
    frame=tidy,
    mappings=[
        ("clinic name", "string", "clinic.name", "string"),
        ("clinic id", "long", "clinic.id", "long"),
        ("clinic city", "string", "clinic.address.city", "string"),
        ("charge", "string", "charge", "double"),
        ("seen", "string", "seen_on", "date"),
    ],
)
tidy.printSchema()
glueContext.write_dynamic_frame.from_options(
    frame=tidy, connection_type="s3", connection_options={"path": f"{OUT}/tidy"}, format="parquet"
)
job.commit()
