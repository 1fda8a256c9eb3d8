import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsgluedq.transforms import EvaluateDataQuality

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

# Default ruleset used by all target nodes with data quality enabled
DEFAULT_DATA_QUALITY_RULESET = """
    Rules = [
        ColumnCount > 0
    ]
"""

# Script generated for node Amazon S3
AmazonS3_node1731000000001 = glueContext.create_dynamic_frame.from_options(format_options={"multiLine": "false"}, connection_type="s3", format="json", connection_options={"paths": [args['source']], "recurse": True}, transformation_ctx="AmazonS3_node1731000000001")

# Script generated for node Change Schema
ChangeSchema_node1731000000002 = ApplyMapping.apply(frame=AmazonS3_node1731000000001, mappings=[("user", "string", "user", "string"), ("score", "int", "score", "bigint")], transformation_ctx="ChangeSchema_node1731000000002")

# Script generated for node Amazon S3
EvaluateDataQuality().process_rows(frame=ChangeSchema_node1731000000002, ruleset=DEFAULT_DATA_QUALITY_RULESET, publishing_options={"dataQualityEvaluationContext": "EvaluateDataQuality_node1731000000000", "enableDataQualityResultsPublishing": True}, additional_options={"dataQualityResultsPublishing.strategy": "BEST_EFFORT", "observations.scope": "ALL"})
AmazonS3_node1731000000003 = glueContext.write_dynamic_frame.from_options(frame=ChangeSchema_node1731000000002, connection_type="s3", format="glueparquet", connection_options={"path": args['target'], "partitionKeys": []}, format_options={"compression": "snappy"}, transformation_ctx="AmazonS3_node1731000000003")

job.commit()
