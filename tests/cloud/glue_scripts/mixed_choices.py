import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, ResolveOption
from awsglue.gluetypes import *
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "base"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

def save(frame, name):
    glueContext.write_dynamic_frame.from_options(frame=frame, connection_type="s3", connection_options={"path": args["base"] + "/" + name}, format="json")

items = glueContext.create_dynamic_frame.from_options("s3", {"paths": [args["base"] + "/in"]}, "json")
items.printSchema()
print("choice:", isinstance(items.schema().field_map["price"].dataType if hasattr(items.schema(), "field_map") else None, ChoiceType))

df = items.toDF()
print("toDF", sorted(f.name for f in df.schema["price"].dataType.fields))
save(DynamicFrame.fromDF(df.selectExpr("id", "price.int as i", "price.double as d", "price.string as s"), glueContext, "x"), "unpacked")

kept = items.toDF([ResolveOption("price", "Project", DoubleType()), ResolveOption("stamp", "KeepAsStruct")])
print("projected", dict(kept.dtypes)["price"])

save(items.resolveChoice(specs=[("price", "cast:double"), ("stamp", "cast:long"), ("lines[].qty", "cast:int")]), "cast")
save(items.resolveChoice(specs=[("price", "make_cols"), ("stamp", "make_struct"), ("lines[].qty", "cast:string")]), "cols")
save(items.resolveChoice(choice="cast:string"), "strings")
save(items.resolveChoice(specs=[("stamp", "project:long")]).select_fields(["id", "stamp"]), "project")

try:
    items.resolveChoice(specs=[("price", "cast:int")], choice="make_cols")
    print("both accepted")
except Exception as e:
    print("both refused")

flat = items.resolveChoice(choice="make_cols").drop_fields(["lines"])
names = sorted(f.name for f in flat.schema())
print("flat", names)

big = Filter.apply(frame=items, f=lambda x: isinstance(x["price"], str))
print("text prices", big.count())
save(big, "texts")
job.commit()
