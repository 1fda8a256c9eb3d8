import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsgluedq.transforms import EvaluateDataQuality

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'base', 'strict'])
sc = SparkContext()
glueContext = GlueContext(sc)
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

source = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['base'] + '/in/']}, 'csv', {'withHeader': True})
typed = ApplyMapping.apply(frame=source, mappings=[('id', 'string', 'id', 'int'), ('name', 'string', 'name', 'string'), ('country', 'string', 'country', 'string'), ('score', 'string', 'score', 'double')])

ruleset = """
    # what a loan needs
    Rules = [
        RowCount > 3,
        ColumnCount = 4,
        IsComplete "id",
        IsUnique "id",
        IsComplete "score",
        Completeness "score" >= 0.5,
        ColumnValues "country" in ["ES", "PT"],
        ColumnValues "score" between 0 and 100,
        ColumnExists "name"
    ]
"""
results = EvaluateDataQuality().process_rows(frame=typed, ruleset=ruleset, publishing_options={"dataQualityEvaluationContext": "ctx", "enableDataQualityCloudWatchMetrics": False, "enableDataQualityResultsPublishing": False}, additional_options={"performanceTuning.caching": "CACHE_NOTHING"})
print("keys", sorted(results.keys()))
outcomes = SelectFromCollection.apply(dfc=results, key="ruleOutcomes", transformation_ctx="ruleOutcomes")
for row in sorted(outcomes.toDF().select("Rule", "Outcome").collect()):
    print("rule", row[0], "->", row[1])
rows = SelectFromCollection.apply(dfc=results, key="rowLevelOutcomes", transformation_ctx="rowLevelOutcomes").toDF()
good = rows.filter(rows.DataQualityEvaluationResult == "Passed")
good.select("id", "name", "country", "score").write.mode("overwrite").json(args['base'] + '/good/')
print("rows", rows.count(), "good", good.count())

only = EvaluateDataQuality.apply(frame=typed, ruleset='Rules = [ IsUnique "name" ]', publishing_options={"dataQualityEvaluationContext": "only"})
print("only", [(r["Rule"], r["Outcome"]) for r in only.toDF().collect()])
if args['strict'] == 'yes':
    assert outcomes.filter(lambda x: x["Outcome"] == "Failed").count() == 0, "The job failed due to failing DQ rules for node: typed"
job.commit()
