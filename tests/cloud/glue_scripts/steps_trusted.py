import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
import re

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "db"])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

# Script generated for node Customer Landing
CustomerLanding_node1 = glueContext.create_dynamic_frame.from_catalog(
    database=args["db"],
    table_name="customer_landing",
    transformation_ctx="CustomerLanding_node1",
)

# Script generated for node Privacy Filter
PrivacyFilter_node2 = Filter.apply(
    frame=CustomerLanding_node1,
    f=lambda row: (not (row["shareWithResearchAsOfDate"] == 0)),
    transformation_ctx="PrivacyFilter_node2",
)

# Script generated for node Customer Trusted
CustomerTrusted_node3 = glueContext.write_dynamic_frame.from_options(
    frame=PrivacyFilter_node2,
    connection_type="s3",
    format="json",
    connection_options={"path": f"s3://{args['bucket']}/customer/trusted/", "partitionKeys": []},
    transformation_ctx="CustomerTrusted_node3",
)

# Script generated for node Walker Landing
WalkerLanding_node4 = glueContext.create_dynamic_frame.from_options(
    format_options={"multiline": False},
    connection_type="s3",
    format="json",
    connection_options={"paths": [f"s3://{args['bucket']}/walker/landing/"], "recurse": True},
    transformation_ctx="WalkerLanding_node4",
)

# Script generated for node Join
Join_node5 = Join.apply(
    frame1=WalkerLanding_node4,
    frame2=PrivacyFilter_node2,
    keys1=["user"],
    keys2=["email"],
    transformation_ctx="Join_node5",
)

# Script generated for node Drop Fields
DropFields_node6 = DropFields.apply(
    frame=Join_node5,
    paths=[
        "email",
        "phone",
        "`.timeStamp`",
        "timeStamp",
        "customerName",
        "birthDay",
        "shareWithResearchAsOfDate",
        "registrationDate",
        "lastUpdateDate",
        "`.user`",
        "home.street",
    ],
    transformation_ctx="DropFields_node6",
)

# Script generated for node Walker Trusted
WalkerTrusted_node7 = glueContext.getSink(
    path=f"s3://{args['bucket']}/walker/trusted/",
    connection_type="s3",
    updateBehavior="UPDATE_IN_DATABASE",
    partitionKeys=[],
    enableUpdateCatalog=True,
    transformation_ctx="WalkerTrusted_node7",
)
WalkerTrusted_node7.setCatalogInfo(catalogDatabase=args["db"], catalogTableName="walker_trusted")
WalkerTrusted_node7.setFormat("json")
WalkerTrusted_node7.writeFrame(DropFields_node6)

# Script generated for node Customers Curated: only those with steps
CustomersCurated = Join.apply(
    frame1=PrivacyFilter_node2, frame2=WalkerLanding_node4.select_fields(["user"]), keys1=["email"], keys2=["user"],
    transformation_ctx="CustomersCurated",
)
CustomersCurated = DropFields.apply(frame=CustomersCurated, paths=["user"], transformation_ctx="DropUser")
distinct = CustomersCurated.toDF().dropDuplicates(["email"])
distinct.select("email", "serialNumber").write.mode("overwrite").csv(f"s3://{args['bucket']}/customer/curated", header=True)

job.commit()
