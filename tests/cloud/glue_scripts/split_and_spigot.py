import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.job import Job


def Tidy(glueContext, dfc) -> DynamicFrameCollection:
    df = dfc.select(list(dfc.keys())[0]).toDF()
    from pyspark.sql.functions import upper, col
    young = df.filter(col("age") < 30).withColumn("name", upper(col("name")))
    return DynamicFrameCollection(
        {"young": DynamicFrame.fromDF(young, glueContext, "young"), "all": DynamicFrame.fromDF(df, glueContext, "all")},
        glueContext,
    )


args = getResolvedOptions(sys.argv, ["JOB_NAME", "base"])
glueContext = GlueContext(SparkContext())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

people = glueContext.create_dynamic_frame.from_options(
    "s3", {"paths": [args["base"] + "/people/people.json"]}, format="json"
)
print("schema fields:", [(f.name, f.dataType.typeName()) for f in people.schema()])

# fields
parts = SplitFields.apply(frame=people, paths=["name", "address.city"], name1="names", name2="rest")
print("split fields", sorted(parts.keys()), len(parts))
names = SelectFromCollection.apply(dfc=parts, key="names")
names.printSchema()
rest = parts["rest"]

# rows
rows = SplitRows.apply(
    frame=people, comparison_dict={"age": {">": "17", "<=": "65"}}, name1="working", name2="others", transformation_ctx="rows"
)
for key in rows.keys():
    print(key, rows.select(key).count())
equal = people.split_rows({"name": {"=": "Ana"}}, "ana", "not_ana")
print("ana", equal.select("ana").count(), "not_ana", equal.select("not_ana").count())

# a sample beside the flow
spied = Spigot.apply(frame=people, path=args["base"] + "/sample", options={"topk": 3, "prob": 1.0})
print("passed", spied.count())

select = SelectFields.apply(frame=people, paths=["id", "address"], transformation_ctx="select")
tidy = Tidy(glueContext, DynamicFrameCollection({"people": people}, glueContext))
print("missing key:", SelectFromCollection.apply(dfc=tidy, key="nobody").count())

frames = {
    "names": names, "rest": rest, "working": rows["working"], "others": rows["others"], "select": select,
    "young": SelectFromCollection.apply(dfc=tidy, key="young", transformation_ctx="young"),
}
for name, frame in frames.items():
    glueContext.write_dynamic_frame.from_options(
        frame=frame, connection_type="s3", connection_options={"path": args["base"] + "/out/" + name}, format="json"
    )

# every frame of a collection through one function
counted = rows.map(lambda frame, ctx: frame.select_fields(["id"]), transformation_ctx="ids")
print("mapped", sorted((k, counted.select(k).count()) for k in counted.keys()))
both = MapToCollection.apply(dfc=rows, callable=lambda frame, ctx: frame.drop_fields(["address"]))
glueContext.write_from_options(frame_or_dfc=both, connection_type="s3", connection_options={"path": args["base"] + "/collection"}, format="json")
job.commit()
