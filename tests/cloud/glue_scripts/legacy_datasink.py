import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

## @params: [TempDir, JOB_NAME]
args = getResolvedOptions(sys.argv, ['TempDir','JOB_NAME','db','out'])

sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
## @type: DataSource
## @args: [database = "db", table_name = "tickets", transformation_ctx = "datasource0"]
## @return: datasource0
## @inputs: []
datasource0 = glueContext.create_dynamic_frame.from_catalog(database = args['db'], table_name = "tickets", transformation_ctx = "datasource0")
## @type: ApplyMapping
## @args: [mapping = [...], transformation_ctx = "applymapping1"]
applymapping1 = ApplyMapping.apply(frame = datasource0, mappings = [("ticket no", "long", "ticket_no", "long"), ("opened", "string", "opened", "timestamp"), ("severity", "long", "severity", "string"), ("título", "string", "title", "string"), ("cost", "double", "cost", "double"), ("closed", "string", "closed", "string"), ("partition_0", "string", "region", "string")], transformation_ctx = "applymapping1")
## @type: SelectFields
selectfields2 = SelectFields.apply(frame = applymapping1, paths = ["ticket_no", "opened", "severity", "title", "cost", "region"], transformation_ctx = "selectfields2")
## @type: ResolveChoice
resolvechoice3 = ResolveChoice.apply(frame = selectfields2, choice = "MATCH_CATALOG", database = args['db'], table_name = "tickets_out", transformation_ctx = "resolvechoice3")
resolvechoice4 = ResolveChoice.apply(frame = resolvechoice3, choice = "make_struct", transformation_ctx = "resolvechoice4")
dropnullfields5 = DropNullFields.apply(frame = resolvechoice4, transformation_ctx = "dropnullfields5")
## @type: DataSink
datasink5 = glueContext.write_dynamic_frame.from_catalog(frame = dropnullfields5, database = args['db'], table_name = "tickets_out", transformation_ctx = "datasink5")
## and a copy as the console wrote it in 2018
resolvechoice2 = ResolveChoice.apply(frame = applymapping1, choice = "make_struct", transformation_ctx = "resolvechoice2")
dropnullfields3 = DropNullFields.apply(frame = resolvechoice2, transformation_ctx = "dropnullfields3")
datasink4 = glueContext.write_dynamic_frame.from_options(frame = dropnullfields3, connection_type = "s3", connection_options = {"path": args['out']}, format = "parquet", transformation_ctx = "datasink4")
job.commit()
