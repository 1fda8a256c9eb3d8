from pyspark.sql import SparkSession
from pyspark.context import SparkContext
from pyspark.conf import SparkConf
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
import sys

way = getResolvedOptions(sys.argv, ["way"])["way"]

if way == "nothing":
    glueContext = GlueContext()
elif way == "session":
    spark = SparkSession.builder.appName("mine").config("spark.sql.shuffle.partitions", "3").enableHiveSupport().getOrCreate()
    glueContext = GlueContext(spark)
elif way == "context_of_session":
    spark = SparkSession.builder.getOrCreate()
    glueContext = GlueContext(spark.sparkContext)
elif way == "conf":
    conf = SparkConf()
    conf.set("spark.sql.session.timeZone", "Asia/Tokyo").set("spark.sql.legacy.timeParserPolicy", "LEGACY")
    sc = SparkContext(conf=conf)
    glueContext = GlueContext(sc)
elif way == "get_or_create_conf":
    conf = SparkConf().set("spark.sql.session.timeZone", "Asia/Tokyo")
    sc = SparkContext.getOrCreate(conf=conf)
    glueContext = GlueContext(sc)
elif way == "twice":
    sc = SparkContext()
    GlueContext(sc)
    glueContext = GlueContext(SparkContext.getOrCreate())
else:
    raise ValueError(way)

spark = glueContext.spark_session
assert isinstance(spark, SparkSession)
df = glueContext.sql("select 1 as one, 'ñ' as text") if way != "conf" else spark.sql("select 1 as one, 'ñ' as text")
dyf = DynamicFrame.fromDF(df, glueContext)
print(way, dyf.count(), [f.name for f in dyf.schema()])
print("zone", spark.conf.get("spark.sql.session.timeZone"))
print("partitions", spark.conf.get("spark.sql.shuffle.partitions"))
print("midnight", spark.sql("select unix_timestamp('2024-01-01 00:00:00')").first()[0])
job = Job(glueContext) if way != "session" else Job(spark)
job.init("a name of its own")
print("initialized", job.isInitialized())
job.commit()
