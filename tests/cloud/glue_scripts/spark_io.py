import sys
import os
from collections import namedtuple
from dataclasses import dataclass
from operator import add
from pyspark.context import SparkContext
from pyspark.sql import Row, SparkSession
from pyspark.sql.utils import AnalysisException
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["base"])
base = args["base"]
sc = SparkContext.getOrCreate()
spark = GlueContext(sc).spark_session
sc.setLogLevel("ERROR")
sc.setJobGroup("io", "reads and writes")

Line = namedtuple("Line", ["level", "size"])


@dataclass
class Parsed:
    level: str
    message: str

    def to_row(self):
        return Row(level=self.level, size=len(self.message), message=self.message)


class Parser:
    SEPARATOR = " - "

    def __call__(self, text):
        level, message = text.split(self.SEPARATOR, 1)
        return Parsed(level, message)


lines = sc.textFile(base + "/logs/*/*.log*")
parsed = lines.filter(lambda x: x.strip()).map(Parser())
print("lines", parsed.count(), sorted(parsed.map(lambda p: (p.level, 1)).reduceByKey(add).collect()))
print("tuples", sorted(parsed.map(lambda p: Line(p.level, len(p.message))).map(lambda t: t.size).collect()))
df = spark.createDataFrame(parsed.map(lambda p: p.to_row()))

df.write.mode("error").parquet(base + "/out/levels")
try:
    df.write.parquet(base + "/out/levels")
    print("written twice")
except AnalysisException as e:
    print("exists already")
df.write.mode("ignore").parquet(base + "/out/levels")
df.write.mode("append").parquet(base + "/out/levels")
print("appended", spark.read.parquet(base + "/out/levels").count())

parsed.map(lambda p: p.level).distinct().coalesce(1).saveAsTextFile(base + "/out/text")
whole = sc.wholeTextFiles(base + "/logs/a/").mapValues(len).collect()
print("whole", sorted((os.path.basename(k), v) for k, v in whole))

globbed = spark.read.json([base + "/json/{x,y}/*.json", base + "/json/z.json"])
print("globbed", globbed.count(), sorted(globbed.columns))
parts = spark.read.option("basePath", base + "/parts/").csv(base + "/parts/k=1/", header=True, inferSchema=True)
print("parts", parts.dtypes, parts.count())
dated = spark.read.option("recursiveFileLookup", "true").option("pathGlobFilter", "*.csv").csv(base + "/parts/", header=True)
print("recursive", dated.count())
text = spark.read.text(base + "/logs/a/one.log", wholetext=True).first()[0]
print("text", len(text))
from pyspark.sql.functions import input_file_name, regexp_extract
names = spark.read.text(base + "/logs/a/").select(regexp_extract(input_file_name(), "([^/]+)$", 1).alias("f")).distinct().collect()
print("names", sorted(r.f for r in names))

path = sc._jvm.org.apache.hadoop.fs.Path(base + "/out/levels")
fs = path.getFileSystem(sc._jsc.hadoopConfiguration())
print("fs", fs.exists(path), fs.exists(sc._jvm.org.apache.hadoop.fs.Path(base + "/nothing")))
try:
    spark.read.parquet(base + "/nothing/here")
except AnalysisException as e:
    print("missing", "PATH_NOT_FOUND" in str(e) or "Path does not exist" in str(e))
