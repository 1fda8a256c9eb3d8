import sys
import datetime
from decimal import Decimal
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.gluetypes import *
from awsglue.utils import getResolvedOptions
from awsglue.job import Job
from pyspark.context import SparkContext
from pyspark.sql import Row
import pyspark.sql.types as T

args = getResolvedOptions(sys.argv, ["JOB_NAME", "out"])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

schema = T.StructType([
    T.StructField("id", T.LongType(), False),
    T.StructField("tags", T.ArrayType(T.StringType())),
    T.StructField("matrix", T.ArrayType(T.ArrayType(T.IntegerType()))),
    T.StructField("attrs", T.MapType(T.StringType(), T.DoubleType())),
    T.StructField("money", T.DecimalType(20, 6)),
    T.StructField("born", T.DateType()),
    T.StructField("at", T.TimestampType()),
    T.StructField("raw", T.BinaryType()),
    T.StructField("flag", T.BooleanType()),
    T.StructField("b", T.ByteType()),
    T.StructField("s", T.ShortType()),
    T.StructField("f", T.FloatType()),
    T.StructField("inner", T.StructType([
        T.StructField("x.y", T.StringType()),
        T.StructField("list", T.ArrayType(T.StructType([T.StructField("k", T.StringType()), T.StructField("v", T.DecimalType(5, 1))]))),
    ])),
    T.StructField("nothing", T.NullType()),
])
rows = [
    (1, ["a", None, "ñ"], [[1, 2], []], {"k": 1.5, "ü": None}, Decimal("12345678901234.123456"), datetime.date(2024, 2, 29),
     datetime.datetime(2024, 3, 31, 2, 30, 0, 123456), bytearray(b"\x00\xff\n"), True, -128, 32767, 1.5,
     ("dot", [("p", Decimal("1.5")), ("q", None)]), None),
    (2, None, None, None, None, None, None, None, None, None, None, None, None, None),
    (3, [], [None], {}, Decimal("-0.000001"), datetime.date(1970, 1, 1), datetime.datetime(1970, 1, 1), bytearray(b""), False, 0, 0, 0.0,
     (None, []), None),
]
df = spark.createDataFrame(rows, schema)
dyf = DynamicFrame.fromDF(df, glueContext, "odd")
dyf.printSchema()
back = dyf.toDF()
print("same rows", sorted(back.collect(), key=lambda r: r.id) == sorted(df.collect(), key=lambda r: r.id))
print("same types", [f.dataType for f in back.schema] == [f.dataType for f in df.schema])
for field in dyf.schema():
    print("type", field.name, field.dataType.typeName())

twice = DynamicFrame.fromDF(dyf.drop_fields(["nothing"]).toDF(), glueContext, "twice")
glueContext.write_dynamic_frame.from_options(twice, "s3", {"path": args["out"] + "/odd"}, "parquet")
again = glueContext.create_dynamic_frame.from_options("s3", {"paths": [args["out"] + "/odd"]}, "parquet")
print("from parquet", sorted(again.toDF().collect(), key=lambda r: r.id) == sorted(df.drop("nothing").collect(), key=lambda r: r.id))

# through a Python function every value is itself
kinds = dyf.filter(lambda r: r["id"] == 1).map(lambda r: {
    "id": r["id"], "tags": len(r["tags"]), "money": isinstance(r["money"], Decimal), "born": isinstance(r["born"], datetime.date),
    "year": r["at"].year, "raw": len(r["raw"]), "k": r["attrs"]["k"], "dot": r["inner"]["x.y"], "deep": r["inner"]["list"][0]["k"],
})
print("kinds", kinds.count(), kinds.errorsCount(), kinds.toDF().select("id", "tags", "money", "born", "year", "raw", "k", "dot", "deep").collect())

rdd = spark.sparkContext.parallelize([Row(name="Ana", n=1), Row(name="Íñigo", n=2)])
from_rdd = glueContext.create_dynamic_frame_from_rdd(rdd, "people")
print("rdd", sorted((r["n"], r["name"]) for r in from_rdd.toDF().collect()))
tuples = glueContext.create_dynamic_frame.from_rdd(spark.sparkContext.parallelize([(1, "x"), (2, None)]), "pairs", ["a", "b"])
tuples.printSchema()
tuples.show()
job.commit()
