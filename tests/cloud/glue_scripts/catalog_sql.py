import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME", "db", "bucket"])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
db = args["db"]

print("databases", db in [r[0] for r in spark.sql("show databases").collect()])
spark.sql(f"use {db}")
print("tables", sorted(r.tableName for r in spark.sql("show tables").collect()))
print("describe", [(r.col_name, r.data_type) for r in spark.sql("describe sales_csv").collect()][:4])

sales = spark.sql("select shop, sum(amount) as amount, count(*) n from sales_csv where year = '2024' group by shop order by shop")
print("sales", [tuple(r) for r in sales.collect()])
pruned = spark.table(f"{db}.sales_csv").where("year = '2025'")
print("files", len(pruned.inputFiles()), pruned.count())
print("partitions", [r[0] for r in spark.sql("show partitions sales_csv").collect()])

# CTAS, saveAsTable, insertInto
spark.sql(f"drop table if exists {db}.by_shop")
spark.sql(f"""
    create table {db}.by_shop using parquet location 's3://{args['bucket']}/sql/by_shop/'
    as select shop, year, cast(sum(amount) as decimal(10,2)) amount from sales_csv group by shop, year
""")
print("ctas", [tuple(map(str, r)) for r in spark.sql("select * from by_shop order by shop, year").collect()])

df = spark.sql("select id, shop, amount, year from sales_csv")
df.write.mode("overwrite").format("parquet").option("path", f"s3://{args['bucket']}/sql/saved/").partitionBy("year").saveAsTable(f"{db}.saved")
print("saved", spark.table(f"{db}.saved").count())
spark.createDataFrame([(100, "Ñ", 1.25, "2030")], "id long, shop string, amount double, year string").write.insertInto(f"{db}.saved")
print("after insertInto", spark.table("saved").count(), [tuple(r) for r in spark.sql("select id, shop from saved where year='2030'").collect()])

spark.sql("insert into by_shop values ('extra', '2099', 3.5)")
print("after insert", spark.table("by_shop").count())
spark.sql(f"create external table if not exists {db}.plain (a int, b string) partitioned by (p string) stored as parquet location 's3://{args['bucket']}/sql/plain/'")
spark.sql("insert overwrite table plain partition (p='x') select 1, 'uno'")
spark.sql("alter table plain add if not exists partition (p='y')")
print("plain", [tuple(r) for r in spark.sql("select * from plain").collect()])
print("exists", spark.catalog.tableExists(f"{db}.plain"), spark.catalog.tableExists(f"{db}.nothing"))

# a frame from what SQL wrote
frame = glueContext.create_dynamic_frame.from_catalog(database=db, table_name="saved", push_down_predicate="year in ('2025', '2030')")
print("frame", frame.count(), sorted(f.name for f in frame.schema()))
spark.sql("drop table plain")
job.commit()
