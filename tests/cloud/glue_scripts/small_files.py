import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'bucket', 'database'])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
base = "s3://{}/logs".format(args['bucket'])

grouped = glueContext.create_dynamic_frame_from_options(
    connection_type="s3",
    connection_options={
        'paths': [base + '/app/'],
        'recurse': True,
        'groupFiles': 'inPartition',
        'groupSize': '1048576',
        'exclusions': "[\"**.tmp\", \"**/skip/**\", \"**/_SUCCESS\"]",
    },
    format="json",
)
flat = glueContext.create_dynamic_frame_from_options("s3", {'paths': [base + '/app']}, format="json")
one = glueContext.create_dynamic_frame_from_options("s3", {'paths': [base + '/app/2024/a.json.gz', base + '/app/b.json']}, format="json")
zipped = glueContext.create_dynamic_frame_from_options("s3", {'paths': [base + '/noext/'], 'compressionType': 'gzip'}, format="csv", format_options={'withHeader': True, 'separator': '\t'})
table = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='app_logs')
bounded = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='app_logs', additional_options={'boundedFiles': '2'})

for name, frame in [('grouped', grouped), ('flat', flat), ('one', one), ('zipped', zipped), ('table', table)]:
    print(name, frame.count())
    glueContext.write_dynamic_frame.from_options(frame=frame.repartition(1), connection_type="s3", connection_options={"path": base + "/out/" + name, "compression": "gzip"}, format="json")
print("bounded", bounded.count())
job.commit()
