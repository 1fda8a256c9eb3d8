# as they were written in 2018
import sys
from pyspark.sql import SQLContext, HiveContext
from pyspark.sql.types import *
from pyspark.sql.functions import *
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ['base'])
glueContext = GlueContext(SparkContext.getOrCreate())
sqlContext = SQLContext(glueContext.spark_session.sparkContext, glueContext.spark_session)
base = args['base']

df = glueContext.read.json(base + "/in/")
df.registerTempTable("t") if hasattr(df, "registerTempTable") else df.createOrReplaceTempView("t")
print("sql", glueContext.sql("select count(*) c from t").first().c, sqlContext.sql("select max(n) m from t").first().m)
made = glueContext.createDataFrame([(1, 'x')], ['a', 'b'])
print("made", made.count(), sqlContext.table("t").columns)
sqlContext.setConf("spark.sql.shuffle.partitions", "4")
print("conf", glueContext.getConf("spark.sql.shuffle.partitions"))

made.write.parquet(base + "/pq/")
old = glueContext.create_dynamic_frame.from_options(connection_type="parquet", connection_options={"path": base + "/pq/"})
print("parquet", old.count(), [f.name for f in old.schema()])
also = glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/pq/"], "mergeSchema": "true"}, format="parquet")
print("also", also.toDF().collect())
glueContext.write_dynamic_frame.from_options(frame=also, connection_type="s3", connection_options={"path": base + "/orc/"}, format="orc")
print("orc", sqlContext.read.orc(base + "/orc/").count())
x = also.toDF().withColumn("c", lit(None).cast(StringType())).withColumn("d", array(lit(1), lit(2)))
z = DynamicFrame.fromDF(x, glueContext, "z")
print("nulls", [(f.name, f.dataType.typeName()) for f in z.schema()])
