import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'db', 'out'])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

datasource0 = glueContext.create_dynamic_frame.from_catalog(database=args['db'], table_name="clicks", transformation_ctx="datasource0", additional_options={"mergeSchema": "true"})
pages = glueContext.create_dynamic_frame.from_catalog(database=args['db'], table_name="pages")
applymapping1 = ApplyMapping.apply(frame=datasource0, mappings=[("page", "string", "page_id", "string"), ("ms", "long", "ms", "int"), ("day", "string", "day", "string")], transformation_ctx="applymapping1")
joined = Join.apply(applymapping1, pages, ["page_id"], ["id"], transformation_ctx="joined")
dropped = DropFields.apply(frame=joined, paths=["id"], transformation_ctx="dropped")
resolved = ResolveChoice.apply(frame=dropped, choice="make_struct", transformation_ctx="resolved")
nonull = DropNullFields.apply(frame=resolved, transformation_ctx="nonull")
kept = Filter.apply(frame=nonull, f=lambda x: x["ms"] is not None and x["ms"] > 0, transformation_ctx="kept")
print("rows", kept.count())

sink = glueContext.getSink(connection_type="s3", path=args['out'], enableUpdateCatalog=True, partitionKeys=["day"], transformation_ctx="sink")
sink.setCatalogInfo(catalogDatabase=args['db'], catalogTableName="clicks_out")
sink.setFormat("glueparquet")
sink.writeFrame(kept)
job.commit()
