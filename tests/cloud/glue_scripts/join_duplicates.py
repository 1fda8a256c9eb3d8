import sys
from awsglue.transforms import Join, DropFields, SelectFields, RenameField
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'base'])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
base = args['base']


def load(name):
    return glueContext.create_dynamic_frame.from_options('s3', {'paths': [base + '/' + name + '/']}, 'json', transformation_ctx=name)


def save(frame, name):
    glueContext.write_dynamic_frame.from_options(frame=frame, connection_type='s3', connection_options={'path': base + '/out/' + name}, format='json')


users, orders, cities = load('users'), load('orders'), load('cities')

both = Join.apply(users, orders, ['id', 'zone'], ['user', 'zone'], transformation_ctx='both')
both.printSchema()
print('fields', sorted(f.name for f in both.schema()))
save(DropFields.apply(frame=both, paths=['`.zone`', 'user', '`.note`', 'note']), 'two_keys')

chain = users.join(['id'], ['user'], orders.drop_fields(['zone', 'note'])).drop_fields(['user'])
chain = chain.join(['zone'], ['zone'], cities).drop_fields(['`.zone`'])
save(chain.select_fields(['id', 'city', 'total']), 'three')

nested = Join.apply(frame1=orders, frame2=users, keys1=['buyer.id'], keys2=['id'])
print('nested', nested.count())
save(nested.select_fields(['total', 'name']), 'nested')

df = both.toDF()
u, o = users.toDF(), orders.toDF()
print('left', u.join(o, u['id'] == o['user'], 'left_anti').count())
print('select', df.select('`.zone`').distinct().count())
job.commit()
