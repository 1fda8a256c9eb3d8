import sys
import boto3
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job

## @params: [JOB_NAME]
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'bucket', 'database'])
fail_before_commit = False
if '--fail' in sys.argv:
    fail_before_commit = getResolvedOptions(sys.argv, ['fail'])['fail'].lower() == 'true'

sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

## @type: DataSource
datasource0 = glueContext.create_dynamic_frame.from_catalog(database = args['database'], table_name = "orders", transformation_ctx = "datasource0")
customers = glueContext.create_dynamic_frame.from_options("s3", {"paths": ["s3://" + args['bucket'] + "/inc/customers/"]}, "csv", {"withHeader": True})
extra = glueContext.create_dynamic_frame.from_options("s3", {"paths": ["s3://" + args['bucket'] + "/inc/extra/"], "recurse": True}, "json", transformation_ctx = "extra")

n = datasource0.count()
print("orders=%d customers=%d extra=%d" % (n, customers.count(), extra.count()))
if n == 0:
    print("nothing new")
else:
    applymapping1 = ApplyMapping.apply(frame = datasource0, mappings = [("order_id", "long", "order_id", "long"), ("customer", "string", "customer", "string"), ("total", "double", "total", "double")], transformation_ctx = "applymapping1")
    joined = applymapping1.toDF().join(customers.toDF().withColumnRenamed("id", "customer"), "customer", "left")
    joined = joined.withColumn("run_id", F.lit(args['JOB_RUN_ID']))
    out = DynamicFrame.fromDF(joined.coalesce(1), glueContext, "out")
    datasink2 = glueContext.write_dynamic_frame.from_options(frame = out, connection_type = "s3", connection_options = {"path": "s3://" + args['bucket'] + "/inc/out/"}, format = "csv", transformation_ctx = "datasink2")

if fail_before_commit:
    boto3.client('s3').put_object(Bucket=args['bucket'], Key='inc/failed_marker', Body=b'x')
    raise RuntimeError('Simulated: the warehouse said no')
job.commit()
