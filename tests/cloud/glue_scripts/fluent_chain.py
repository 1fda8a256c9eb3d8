import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "db", "table", "target"])
gc = GlueContext(SparkContext.getOrCreate())
job = Job(gc)
job.init(args["JOB_NAME"], args)

frame = gc.create_dynamic_frame.from_catalog(name_space=args["db"], table_name=args["table"], transformation_ctx="in")


def only_known(record):
    return record.kind in ("a", "b") and record["place"]["city"] is not None


def shape(record):
    record["place"]["city"] = record["place"]["city"].upper()
    record["new"] = {"list": [1, {"x": record["n"]}], "none": None}
    if record["n"] == 13:
        raise ValueError("unlucky: %s" % record["kind"])
    return record if record["n"] != 14 else None


result = (
    frame.filter(only_known)
    .map(shape)
    .unnest()
    .rename_field("`place.city`", "city")
    .drop_fields(["`place.zip`", "`new.none`"])
    .apply_mapping([("n", "int", "n", "long"), ("city", "string", "town", "string"), ("kind", "string", "kind", "string")])
)
print("errors", result.errorsCount(), "rows", result.count())
result.show(1)
gc.write_dynamic_frame.from_catalog(
    frame=result, database=args["db"], table_name=args["target"],
    additional_options={"partitionKeys": ["kind"], "enableUpdateCatalog": True}, transformation_ctx="out",
)
job.commit()
sys.exit()
