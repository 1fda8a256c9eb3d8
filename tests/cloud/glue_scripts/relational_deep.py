import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'base', 'TempDir'])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
base = args['base']

games = glueContext.create_dynamic_frame.from_options('s3', {'paths': [base + '/in/']}, format='json')
relationalized = games.relationalize('games', args['TempDir'])
names = sorted(relationalized.keys())
print('names', names)

root = relationalized.select('games').toDF()
root.createOrReplaceTempView('games')
for name in names[1:]:
    relationalized.select(name).toDF().createOrReplaceTempView(name.replace('.', '_'))

sql = """
select g.id, t.index as team_no, t.`teams.val.name` as team, p.index as player_no, p.`teams.val.players.val.nick` as nick,
       p.`teams.val.players.val.stats.goals` as goals
from games g join games_teams t on g.teams = t.id
left join games_teams_val_players p on t.`teams.val.players` = p.id
"""
result = spark.sql(sql)
glueContext.write_dynamic_frame.from_options(
    frame=DynamicFrame.fromDF(result, glueContext, 'result'), connection_type='s3', connection_options={'path': base + '/out/players'}, format='json')

tags = spark.sql("select g.id, x.index as n, x.`meta.tags.val` as tag from games g join `games_meta_tags` x on g.`meta.tags` = x.id")
glueContext.write_dynamic_frame.from_options(
    frame=DynamicFrame.fromDF(tags, glueContext, 'tags'), connection_type='s3', connection_options={'path': base + '/out/tags'}, format='json')
for name in names:
    glueContext.write_dynamic_frame.from_options(
        frame=relationalized.select(name), connection_type='s3', connection_options={'path': base + '/csv/' + name}, format='csv')
    print(name, relationalized[name].count())
job.commit()
