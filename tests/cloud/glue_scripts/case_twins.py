import sys
from awsglue.transforms import ApplyMapping, DropFields
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'base'])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
rows = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['base'] + '/in/']}, 'json')
mapped = ApplyMapping.apply(frame=rows, case_sensitive=True, mappings=[('Total', 'double', 'upper', 'double'), ('total', 'double', 'lower', 'double')])
glueContext.write_dynamic_frame.from_options(frame=mapped, connection_type='s3', connection_options={'path': args['base'] + '/mapped'}, format='json')
dropped = DropFields.apply(frame=rows, paths=['Total'])
glueContext.write_dynamic_frame.from_options(frame=dropped, connection_type='s3', connection_options={'path': args['base'] + '/dropped'}, format='json')
glueContext.write_dynamic_frame.from_options(frame=rows, connection_type='s3', connection_options={'path': args['base'] + '/copy'}, format='json')
job.commit()
