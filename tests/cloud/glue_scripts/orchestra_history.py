import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME", "TempDir", "source_db", "target"])

glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

# data from the catalog, as the crawler found it
musicians = glueContext.create_dynamic_frame.from_catalog(database=args["source_db"], table_name="musicians")
print("Count:", musicians.count())
musicians.printSchema()

engagements = glueContext.create_dynamic_frame.from_catalog(database=args["source_db"], table_name="engagements")
print("Count:", engagements.count())
engagements.printSchema()

ensembles = glueContext.create_dynamic_frame.from_catalog(database=args["source_db"], table_name="ensembles")
ensembles.printSchema()

ensembles = (
    ensembles.drop_fields(["former_names", "not_there"])
    .rename_field("id", "ens_id")
    .rename_field("name", "ens_name")
)
ensembles.toDF().show()

engagements.select_fields(["ensemble_id"]).toDF().distinct().show()

history = Join.apply(
    ensembles, Join.apply(musicians, engagements, "id", "musician_id"), "ens_id", "ensemble_id"
).drop_fields(["musician_id", "ens_id"])
print("Count:", history.count())
history.printSchema()

# parquet has no type for a field that is null everywhere
history = DropNullFields.apply(frame=history, transformation_ctx="dropnullfields")

# one wide table in parquet
glueContext.write_dynamic_frame.from_options(
    frame=history.select_fields(["id", "name", "ens_name", "part", "since"]),
    connection_type="s3",
    connection_options={"path": args["target"] + "/history"},
    format="parquet",
)

# and by ensemble, through Spark
s_history = history.select_fields(["id", "ens_name", "part"]).toDF().repartition(1)
s_history.write.parquet(args["target"] + "/by_part", partitionBy=["part"])

dfc = history.relationalize("hist_root", args["TempDir"])
print("tables", sorted(dfc.keys()))
dfc.select("hist_root_contacts").printSchema()
dfc.select("hist_root").toDF().where("contacts = 1 or contacts = 2").show()

for df_name in dfc.keys():
    m_df = dfc.select(df_name)
    print("Writing to table: ", df_name)
    glueContext.write_dynamic_frame.from_options(
        frame=m_df,
        connection_type="s3",
        connection_options={"path": args["target"] + "/relational/" + df_name},
        format="parquet",
    )

job.commit()
