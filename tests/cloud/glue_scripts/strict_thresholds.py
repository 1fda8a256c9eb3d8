import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'base', 'threshold'])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

source = glueContext.create_dynamic_frame.from_options(connection_type='s3', connection_options={'paths': [args['base'] + '/in/']}, format='json')


def ratio(rec):
    rec['ratio'] = rec['good'] / rec['all']
    return rec


mapped = source.map(f=ratio, transformation_ctx='ratios', info='ratio of good')
print('count', mapped.count(), 'errors', mapped.errorsCount(), 'stage', mapped.stageErrorsCount())
shorter = mapped.drop_fields(['all'])
print('after', shorter.errorsCount(), shorter.stageErrorsCount())

errors = mapped.errorsAsDynamicFrame()
errors.printSchema()
rows = errors.toDF().select('error.msg', 'error.dynamicRecord').collect()
print('error rows', len(rows), all('ZeroDivision' in r[0] or 'KeyError' in r[0] or 'TypeError' in r[0] for r in rows))
also = ErrorsAsDynamicFrame.apply(mapped)
glueContext.write_dynamic_frame.from_options(frame=also, connection_type='s3', connection_options={'path': args['base'] + '/errors'}, format='json')

strict = Map.apply(frame=source, f=ratio, transformation_ctx='strict', stageThreshold=int(args['threshold']))
glueContext.write_dynamic_frame.from_options(frame=strict, connection_type='s3', connection_options={'path': args['base'] + '/out'}, format='json')
job.commit()
