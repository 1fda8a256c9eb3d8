"""Every step of a nightly job on a night without data."""
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "base", "db", "TempDir"])
base = args["base"]
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

none = glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/empty/"]}, "json")
some = glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/some/"]}, "json")
mapped = ApplyMapping.apply(frame=none, mappings=[("id", "int", "id", "int"), ("a.b", "string", "b", "string")])


def sink(frame):
    target = glueContext.getSink("s3", path=base + "/out/sink/", enableUpdateCatalog=True, partitionKeys=["day"])
    target.setFormat("json")
    target.setCatalogInfo(catalogDatabase=args["db"], catalogTableName="never_made")
    target.writeFrame(frame)


steps = {
    "count": lambda: none.count(),
    "toDF": lambda: none.toDF().count(),
    "mapped": lambda: mapped.count(),
    "filter": lambda: none.filter(lambda r: r["id"] > 1).count(),
    "map": lambda: none.map(lambda r: r).count(),
    "rename": lambda: none.rename_field("id", "key").count(),
    "drop": lambda: none.drop_fields(["id", "a.b"]).count(),
    "select": lambda: none.select_fields(["id"]).count(),
    "split_fields": lambda: none.split_fields(["id"], "x", "y").select("x").count(),
    "split_rows": lambda: none.split_rows({"id": {">": 1}}, "x", "y").select("y").count(),
    "choice": lambda: none.resolveChoice(choice="make_struct").count(),
    "specs": lambda: none.resolveChoice(specs=[("id", "cast:long")]).count(),
    "nulls": lambda: DropNullFields.apply(frame=none).count(),
    "unnest": lambda: none.unnest().count(),
    "unbox": lambda: none.unbox("payload", "json").count(),
    "relationalize": lambda: none.relationalize("root", args["TempDir"]).select("root").count(),
    "join_left": lambda: Join.apply(none, some, ["id"], ["id"]).count(),
    "join_right": lambda: Join.apply(some, none, ["id"], ["id"]).count(),
    "merge_into": lambda: none.mergeDynamicFrame(some, ["id"]).count() - 2,
    "merge_none": lambda: some.mergeDynamicFrame(none, ["id"]).count() - 2,
    "union": lambda: none.union(some).count() - 2,
    "repartition": lambda: none.repartition(2).count(),
    "errors": lambda: none.errorsCount() + none.errorsAsDynamicFrame().count(),
    "spigot": lambda: none.spigot(base + "/out/spigot").count(),
    "write": lambda: glueContext.write_dynamic_frame.from_options(none, "s3", {"path": base + "/out/write"}, "parquet") and 0,
    "write_keys": lambda: glueContext.write_dynamic_frame.from_options(none, "s3", {"path": base + "/out/keys", "partitionKeys": ["day"]}, "json") and 0,
    "sink": lambda: sink(none),
    "schema": lambda: len(list(none.schema())),
    "show": lambda: none.show(),
    "collection": lambda: DynamicFrameCollection({"x": none}, glueContext).map(lambda f, ctx: f).select("x").count(),
}
for name, step in steps.items():
    try:
        found = step()
        print("step", name, "ok" if found in (0, None) or not isinstance(found, int) else found)
    except Exception as e:
        print("step", name, type(e).__name__, str(e)[:150].replace("\n", " "))
job.commit()
