import sys
from awsglue import DynamicFrame
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import *
from awsglue.transforms import *

args = getResolvedOptions(sys.argv, ["JOB_NAME", "db", "base"])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
base = args["base"]

# a DataFrame straight from the catalog, read by Spark
cities = glueContext.create_data_frame.from_catalog(database=args["db"], table_name="cities", additional_options={"useSparkDataSource": True, "useCatalogSchema": True})
print("cities", cities.count(), cities.columns)
plain = glueContext.create_data_frame.from_catalog(database=args["db"], table_name="cities")
print("plain", plain.count(), plain.dtypes)

# source objects of the first years
source = glueContext.getSource("s3", format="json", transformation_ctx="s", paths=[base + "/people/"])
people = source.getFrame()
print("people", people.count())
source2 = glueContext.getSource("s3", paths=[base + "/people/"])
source2.setFormat("json")
print("people again", source2.getFrame().count())
sample = glueContext.create_sample_dynamic_frame_from_options("s3", {"paths": [base + "/people/"]}, 2, format="json")
print("sample", sample.count())

# rdd, toDF, partitions
pairs = people.toDF().rdd.map(lambda r: (r["city"], 1)).reduceByKey(lambda a, b: a + b)
counts = pairs.toDF(["city", "n"])
joined = counts.join(plain, counts.city == plain.name, "left_outer").select("city", "n", coalesce(col("population"), lit(-1)).alias("population"))
frame = DynamicFrame.fromDF(joined.repartition(3), glueContext, "joined")
print("parts", frame.getNumPartitions(), Repartition.apply(frame=frame, num_partitions=5).getNumPartitions(), frame.coalesce(1).getNumPartitions(), Coalesce.apply(frame=frame, num_partitions=2).getNumPartitions())
frame.coalesce(1).write(connection_type="s3", connection_options={"path": base + "/out/joined"}, format="json")

both = Union.apply(frame1=people, frame2=people.select_fields(["id"]))
print("union", both.count())

schema = glueContext.get_catalog_schema_as_spark_schema(database=args["db"], table_name="cities")
print("schema", schema.simpleString())
glueContext.write_data_frame.from_catalog(frame=joined.withColumnRenamed("city", "name").select("name", "population").where("population = -1"), database=args["db"], table_name="cities")
print("cities now", glueContext.create_data_frame.from_catalog(database=args["db"], table_name="cities").count())

people.show(2)
print("repr", type(people).__name__, people.name)
print(people.schema())
with_schema = people.apply_mapping([("id", "int", "id", "string")]).toDF()
with_schema.write.format("csv").mode("append").option("sep", "\t").save(base + "/out/ids")
job.commit()
