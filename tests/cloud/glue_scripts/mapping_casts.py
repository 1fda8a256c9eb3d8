import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])
sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

src = glueContext.create_dynamic_frame.from_options(
    connection_type="s3", connection_options={"paths": [args['source']]},
    format="csv", format_options={"withHeader": True, "separator": "|", "quoteChar": "'"})
src.printSchema()

mapped = ApplyMapping.apply(frame=src, mappings=[
    ("id", "String", "key.id", "Long"),
    ("`a.b`", "string", "`weird.name`", "string"),
    ("`unit price`", "string", "price", "decimal(12,3)"),
    ("Born", "string", "dates.born", "date"),
    ("at", "string", "dates.at", "timestamp"),
    ("flag", "string", "flag", "boolean"),
    ("flag", "string", "flag_text", "string"),
    ("n", "string", "tiny", "tinyint"),
    ("n", "string", "small", "smallint"),
    ("n", "string", "big", "bigint"),
    ("n", "string", "real", "float"),
    ("no_such_column", "string", "nope", "string"),
], transformation_ctx="mapped")
mapped.printSchema()

# and flat again: dots take apart
again = mapped.apply_mapping([
    ("key.id", "long", "id", "string"),
    ("dates.born", "date", "`born on`", "string"),
    ("`weird.name`", "string", "weird", "string"),
    ("price", "decimal(12,3)", "price", "double"),
])
again.printSchema()
glueContext.write_dynamic_frame.from_options(frame=mapped, connection_type="s3", connection_options={"path": args['target'] + "/mapped"}, format="parquet")
glueContext.write_dynamic_frame.from_options(frame=again, connection_type="s3", connection_options={"path": args['target'] + "/again"}, format="json")
job.commit()
