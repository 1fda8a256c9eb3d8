import sys
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, lit
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["JOB_NAME", "db", "root"])
spark = (
    SparkSession.builder.appName("hive")
    .config("hive.metastore.client.factory.class", "com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory")
    .config("spark.sql.catalogImplementation", "hive")
    .config("hive.exec.dynamic.partition", "true")
    .config("hive.exec.dynamic.partition.mode", "nonstrict")
    .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
    .enableHiveSupport()
    .getOrCreate()
)
glueContext = GlueContext(spark.sparkContext)
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
db, root = args["db"], args["root"]

spark.sql(f"create database if not exists {db} location '{root}/'")
spark.catalog.setCurrentDatabase(db)
spark.sql(f"""
    CREATE EXTERNAL TABLE IF NOT EXISTS visits (id INT, who STRING, spent DECIMAL(8,2))
    PARTITIONED BY (country STRING, day STRING)
    STORED AS PARQUET LOCATION '{root}/visits/'
    TBLPROPERTIES ('parquet.compression'='SNAPPY')
""")
df = spark.createDataFrame([(1, "Ana", "1.50", "ES", "d1"), (2, "Bo", "2.25", "PT", "d1"), (3, "Ñu", None, "ES", "d2")], "id int, who string, spent string, country string, day string")
df = df.withColumn("spent", col("spent").cast("decimal(8,2)"))
df.createOrReplaceTempView("incoming")
spark.sql("INSERT OVERWRITE TABLE visits PARTITION (country, day) SELECT id, who, spent, country, day FROM incoming")
print("first", [tuple(map(str, r)) for r in spark.sql("select * from visits order by id").collect()])

spark.sql("INSERT INTO visits PARTITION (country='ES', day='d1') VALUES (4, 'Cy', 4.0)")
df.where("id = 2").withColumn("who", lit("Bob")).select("id", "who", "spent", "country", "day").write.insertInto("visits", overwrite=True)
print("second", [(r.id, r.who) for r in spark.table("visits").orderBy("id").collect()])
print("parts", sorted(r[0] for r in spark.sql("show partitions visits").collect()))

spark.createDataFrame([(9, "late", 9)], "id int, who string, spent int").selectExpr("id", "who", "cast(spent as decimal(8,2)) spent").write.parquet(f"{root}/visits/country=FR/day=d9")
print("before repair", spark.table("visits").where("country = 'FR'").count())
spark.sql("MSCK REPAIR TABLE visits")
print("after repair", spark.table("visits").where("country = 'FR'").count())
spark.sql("ALTER TABLE visits DROP IF EXISTS PARTITION (country='PT', day='d1')")
print("dropped", spark.table("visits").where("country = 'PT'").count())
spark.sql("ALTER TABLE visits ADD COLUMNS (note STRING COMMENT 'ñ')")
print("columns", spark.table("visits").columns)
spark.sql("create or replace view big_visits as select id from visits where spent > 2")
print("view", [r.id for r in spark.table("big_visits").orderBy("id").collect()])
print("list", sorted(t.name for t in spark.catalog.listTables(db) if not t.isTemporary))
print("ddl", "PARTITIONED BY (country" in spark.sql("show create table visits").first()[0])
spark.sql("drop view big_visits")
job.commit()
