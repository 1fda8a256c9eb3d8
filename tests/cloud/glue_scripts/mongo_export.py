import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'base'])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

docs = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['base'] + '/in/']}, 'json')
docs.printSchema()


def same(rec):
    return rec


def save(frame, name):
    glueContext.write_dynamic_frame.from_options(frame=frame, connection_type='s3', connection_options={'path': args['base'] + '/out/' + name}, format='json')


save(docs, 'as_is')
save(Map.apply(frame=docs, f=same), 'mapped')
mapped = ApplyMapping.apply(frame=docs, case_sensitive=True, mappings=[
    ('_id.$oid', 'string', 'id', 'string'),
    ('`a.b`', 'int', 'a_b', 'int'),
    ('Total', 'double', 'total', 'double'),
    ('two words', 'string', 'two_words', 'string'),
    ('deep.er.est', 'int', 'flat.value', 'int'),
])
save(mapped, 'fields')
flat = docs.unnest()
print('flat', sorted(f.name for f in flat.schema()))
renamed = docs.rename_field('_id.$oid', '_id.oid').rename_field('`a.b`', '`c.d`').drop_fields(['Total', 'deep.er', 'list'])
save(renamed, 'renamed')
job.commit()
