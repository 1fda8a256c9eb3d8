import sys
from awsglue.utils import getResolvedOptions, GlueArgumentError
from awsglue.context import GlueContext
from awsglue.transforms import *
from pyspark.context import SparkContext

glueContext = GlueContext(SparkContext.getOrCreate())
args = getResolvedOptions(sys.argv, ["JOB_NAME", "case", "base", "db"])
case = args["case"]
base = args["base"]


def in_a_function(frame):
    return frame.toDF().selectExpr("no_such_column + 1")


if case == "missing_argument":
    getResolvedOptions(sys.argv, ["not_given"])
elif case == "missing_table":
    glueContext.create_dynamic_frame.from_catalog(database=args["db"], table_name="no_such_table")
elif case == "missing_database":
    glueContext.create_dynamic_frame.from_catalog(database="no_such_db", table_name="t")
elif case == "missing_path":
    print("count", glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/no/such/folder/"]}, "json").count())
elif case == "missing_bucket":
    print("count", glueContext.create_dynamic_frame.from_options("s3", {"paths": ["s3://no-such-bucket-really/x/"]}, "json").count())
elif case == "unknown_format":
    glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/in/"]}, "excel")
elif case == "column":
    in_a_function(glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/in/"]}, "json"))
elif case == "exit_zero":
    print("leaving")
    sys.exit(0)
elif case == "exit_three":
    sys.exit(3)
elif case == "exit_text":
    sys.exit("nothing to do")
elif case == "executor":
    glueContext.spark_session.sparkContext.parallelize([1, 0]).map(lambda x: 1 // x).collect()
elif case == "no_paths":
    glueContext.create_dynamic_frame.from_options("s3", {}, "json")
elif case == "jdbc":
    frame = glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/in/"]}, "json")
    glueContext.write_dynamic_frame.from_jdbc_conf(frame=frame, catalog_connection="redshift_prod", connection_options={"dbtable": "t", "database": "d"}, redshift_tmp_dir=base + "/tmp")
elif case == "wrong_key":
    frame = glueContext.create_dynamic_frame.from_options("s3", {"paths": [base + "/in/"]}, "json")
    glueContext.write_dynamic_frame.from_options(frame, "s3", {"path": base + "/out", "partitionKeys": ["nope"]}, "json")
else:
    raise ValueError(f"no case {case!r}")
