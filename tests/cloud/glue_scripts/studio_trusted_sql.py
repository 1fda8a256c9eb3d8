import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue import DynamicFrame

def sparkSqlQuery(glueContext, query, mapping, transformation_ctx) -> DynamicFrame:
    for alias, frame in mapping.items():
        frame.toDF().createOrReplaceTempView(alias)
    result = spark.sql(query)
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'LANDING', 'CURATED', 'DB'])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

# Script generated for node Orders Landing
OrdersLanding_node1718000000001 = glueContext.create_dynamic_frame.from_options(format_options={"quoteChar": "\"", "withHeader": True, "separator": ",", "multiline": True, "optimizePerformance": False}, connection_type="s3", format="csv", connection_options={"paths": [args['LANDING'] + "/orders/"], "recurse": True}, transformation_ctx="OrdersLanding_node1718000000001")

# Script generated for node Shops
Shops_node1718000000002 = glueContext.create_dynamic_frame.from_catalog(database=args['DB'], table_name="shops", transformation_ctx="Shops_node1718000000002")

# Script generated for node SQL Query
SqlQuery0 = '''
select o.order_id
     , s.name as shop
     , cast(o.amount as decimal(10,2)) as amount
     , o.comment
     , rank() over (partition by o.shop_id order by cast(o.amount as double) desc, o.order_id) as place
from   orders o
join   Shops s on s.ID = o.SHOP_ID
where  o.status <> 'void' -- nothing void
'''
SQLQuery_node1718000000003 = sparkSqlQuery(glueContext, query = SqlQuery0, mapping = {"orders":OrdersLanding_node1718000000001, "shops":Shops_node1718000000002}, transformation_ctx = "SQLQuery_node1718000000003")

# Script generated for node Drop Duplicates
DropDuplicates_node1718000000004 =  DynamicFrame.fromDF(SQLQuery_node1718000000003.toDF().dropDuplicates(["order_id"]), glueContext, "DropDuplicates_node1718000000004")

# Script generated for node Amazon S3
AmazonS3_node1718000000005 = glueContext.getSink(path=args['CURATED'] + "/ranked/", connection_type="s3", updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["shop"], enableUpdateCatalog=True, transformation_ctx="AmazonS3_node1718000000005")
AmazonS3_node1718000000005.setCatalogInfo(catalogDatabase=args['DB'],catalogTableName="ranked")
AmazonS3_node1718000000005.setFormat("glueparquet", compression="snappy")
AmazonS3_node1718000000005.writeFrame(DropDuplicates_node1718000000004)
job.commit()
