"""CSV to partitioned Parquet, the catalog kept up to date, then read back through the catalog."""
import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import col, to_date, year, month

REQUIRED = ["JOB_NAME", "db", "source", "target"]
OPTIONAL = {"predicate": "", "catalog_predicate": "", "report": ""}


def arguments():
    given = [name for name in OPTIONAL if f"--{name}" in sys.argv or any(a.startswith(f"--{name}=") for a in sys.argv)]
    return {**OPTIONAL, **getResolvedOptions(sys.argv, REQUIRED + given)}


def convert(glue_context, args):
    frame = glue_context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [args["source"]]},
        format="csv",
        format_options={"withHeader": True, "separator": ";"},
        transformation_ctx="read",
    )
    df = frame.toDF()
    df = (
        df.withColumn("day", to_date(col("day")))
        .withColumn("rides", col("rides").cast("int"))
        .withColumn("year", year("day").cast("string"))
        .withColumn("month", month("day").cast("string"))
    )
    sink = glue_context.getSink(
        connection_type="s3",
        path=args["target"],
        enableUpdateCatalog=True,
        updateBehavior="UPDATE_IN_DATABASE",
        partitionKeys=["year", "month"],
        transformation_ctx="sink",
    )
    sink.setFormat("parquet", useGlueParquetWriter=True)
    sink.setCatalogInfo(catalogDatabase=args["db"], catalogTableName="rides")
    sink.writeFrame(DynamicFrame.fromDF(df, glue_context, "df"))


def report(glue_context, args):
    options = {"catalogPartitionPredicate": args["catalog_predicate"]} if args["catalog_predicate"] else {}
    frame = glue_context.create_dynamic_frame.from_catalog(
        database=args["db"],
        table_name="rides",
        push_down_predicate=args["predicate"],
        additional_options=options,
    )
    frame.printSchema()
    frame.toDF().coalesce(1).write.mode("overwrite").json(args["report"])


def main():
    args = arguments()
    glue_context = GlueContext(SparkContext.getOrCreate())
    job = Job(glue_context)
    job.init(args["JOB_NAME"], args)
    if args["report"]:
        report(glue_context, args)
    else:
        convert(glue_context, args)
    job.commit()


if __name__ == "__main__":
    main()
