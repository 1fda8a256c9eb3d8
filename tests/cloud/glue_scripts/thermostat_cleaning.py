# Cleans readings of thermostats: JSON lines, some keys are missing, some values are of the wrong type.
import sys
from awsglue.transforms import Filter, Map, DropFields, RenameField, SelectFields
from awsglue.utils import getResolvedOptions
from awsglue.context import GlueContext
from awsglue.job import Job
from pyspark.context import SparkContext

glueContext = GlueContext(SparkContext.getOrCreate())
logger = glueContext.get_logger()
job = Job(glueContext)
args = getResolvedOptions(sys.argv, ["JOB_NAME", "in", "out"])
job.init(args["JOB_NAME"], args)

readings = glueContext.create_dynamic_frame_from_options(
    "s3", {"paths": [args["in"]]}, "json"
)
logger.info("readings: %d" % readings.count())


def plausible(rec):
    # raises KeyError without a temperature, TypeError when it is a text: both rows go
    return -40 < rec["temperature"] < 60 and rec["room"]["floor"] >= 0


def tidy(rec):
    rec["fahrenheit"] = round(rec["temperature"] * 9 / 5 + 32, 1)
    rec["where"] = {"label": rec["room"]["name"].strip().title(), "level": rec["room"]["floor"]}
    rec["tags"] = sorted(rec["tags"]) if "tags" in rec and rec["tags"] else ["none"]
    rec["Zip.Code"] = rec.get("zip", "00000")
    del rec["room"]
    if "zip" in rec:
        del rec["zip"]
    return rec


good = Filter.apply(frame=readings, f=plausible, transformation_ctx="good")
print("good", good.count(), "errors", good.errorsCount())

tidied = Map.apply(frame=good, f=tidy, transformation_ctx="tidied")
print("tidied", tidied.count(), "errors", tidied.stageErrorsCount())
tidied = RenameField.apply(frame=tidied, old_name="`Zip.Code`", new_name="postcode")
tidied = DropFields.apply(frame=tidied, paths=["raw", "where.level"])
glueContext.write_dynamic_frame.from_options(
    tidied, "s3", {"path": args["out"]}, "json", {}, "sink"
)

failed = Map.apply(frame=readings, f=lambda r: {"id": r["id"], "half": r["temperature"] / 2})
print("halved", failed.count(), "failed", failed.errorsCount(), failed.stageErrorsCount())
logger.warn("done")
job.commit()
