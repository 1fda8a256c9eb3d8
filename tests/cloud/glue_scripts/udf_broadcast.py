import sys
import re
import json
import concurrent.futures
import boto3
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import broadcast, pandas_udf, udf, col, input_file_name, monotonically_increasing_id, sha2
from pyspark.sql.types import ArrayType, StringType, StructField, StructType, IntegerType
from pyspark.storagelevel import StorageLevel
import pandas as pd

args = getResolvedOptions(sys.argv, ["JOB_NAME", "BUCKET"])
BUCKET = args["BUCKET"]
sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
logger = glueContext.get_logger()
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

s3 = boto3.client("s3", region_name="us-east-1")
config = json.loads(s3.get_object(Bucket=BUCKET, Key="udf/config.json")["Body"].read())
stop = sc.broadcast(set(config["stop_words"]))
seen = sc.accumulator(0)


def words(text):
    seen.add(1)
    return [w for w in re.findall(r"\w+", text.lower()) if w not in stop.value] if text else []


words_udf = udf(words, ArrayType(StringType()))

@udf(returnType=StructType([StructField("n", IntegerType()), StructField("longest", StringType())]))
def summary(ws):
    return (len(ws), max(ws, key=len) if ws else None)

@pandas_udf("double")
def share(n: pd.Series, total: pd.Series) -> pd.Series:
    return (n / total).fillna(0.0)


docs = glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"s3://{BUCKET}/udf/docs/"]}, "json").toDF()
langs = spark.createDataFrame([("es", "Español"), ("en", "English")], ["code", "language"])
joined = docs.join(broadcast(langs), docs.lang == langs.code, "left").drop("code")
joined = joined.withColumn("ws", words_udf("text")).withColumn("s", summary("ws")).persist(StorageLevel.MEMORY_AND_DISK)
total = joined.selectExpr("sum(s.n)").first()[0]
logger.info(f"total words {total}")
spark.udf.register("first_word", lambda ws: ws[0] if ws else None)
joined.createOrReplaceTempView("j")
result = spark.sql("select id, language, s.n as n, s.longest as longest, first_word(ws) as first from j")
from pyspark.sql.functions import lit
result = result.withColumn("share", share(col("n"), lit(total))).withColumn("digest", sha2(col("id").cast("string"), 256))
result.cache()


def save(lang):
    part = result.where(col("language") == lang)
    frame = DynamicFrame.fromDF(part.coalesce(1), glueContext, f"part_{lang}")
    glueContext.write_dynamic_frame.from_options(
        frame=frame, connection_type="s3", connection_options={"path": f"s3://{BUCKET}/udf/out/{lang}"}, format="json"
    )
    return lang, part.count()


with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
    counts = dict(pool.map(save, ["Español", "English"]))
print("counts", json.dumps(counts, ensure_ascii=False, sort_keys=True))

body = json.dumps({"job": args["JOB_NAME"], "counts": counts}, ensure_ascii=False)
boto3.resource("s3").Object(BUCKET, "udf/report.json").put(Body=body.encode("utf-8"))
print("accumulated", seen.value >= 4)
job.commit()
