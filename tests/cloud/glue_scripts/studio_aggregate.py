import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.gluetypes import *
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue import DynamicFrame
from pyspark.sql import functions as SqlFuncs
import re


def sparkAggregate(glueContext, parentFrame, groups, aggs, transformation_ctx) -> DynamicFrame:
    functions = [getattr(SqlFuncs, func)(column) for column, func in aggs]
    df = parentFrame.toDF()
    result = df.groupBy(*groups).agg(*functions) if len(groups) > 0 else df.agg(*functions)
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)


def sparkUnion(glueContext, unionType, mapping, transformation_ctx) -> DynamicFrame:
    for alias, frame in mapping.items():
        frame.toDF().createOrReplaceTempView(alias)
    result = spark.sql("(select * from source1) UNION " + unionType + " (select * from source2)")
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)


def empty_columns(schema, path, found, texts, numbers, frame):
    if isinstance(schema, StructType):
        for field in schema:
            new_path = path + "." if path != "" else path
            found = empty_columns(field.dataType, new_path + field.name, found, texts, numbers, frame)
    elif isinstance(schema, ArrayType):
        if isinstance(schema.elementType, StructType):
            found = empty_columns(schema.elementType, path, found, texts, numbers, frame)
    elif isinstance(schema, NullType):
        found.append(path)
    else:
        values = set()
        for row in frame.toDF().select(path).distinct().collect():
            value = row[path.split('.')[-1]]
            values.add(value.strip() if isinstance(value, str) else value)
        if isinstance(schema, StringType) and values.issubset(texts):
            found.append(path)
        elif isinstance(schema, (IntegerType, LongType, DoubleType)) and values.issubset(numbers):
            found.append(path)
    return found


def drop_nulls(glueContext, frame, nullStringSet, nullIntegerSet, transformation_ctx) -> DynamicFrame:
    columns = empty_columns(frame.schema(), "", [], nullStringSet, nullIntegerSet, frame)
    print("dropping", columns)
    return DropFields.apply(frame=frame, paths=columns, transformation_ctx=transformation_ctx)


# Script generated for node Custom Transform
def MyTransform(glueContext, dfc) -> DynamicFrameCollection:
    import pyspark.sql.functions as F
    frames = {}
    for key in dfc.keys():
        df = dfc.select(key).toDF().withColumn("source", F.lit(key))
        frames[key] = DynamicFrame.fromDF(df, glueContext, key)
    return DynamicFrameCollection(frames, glueContext)


args = getResolvedOptions(sys.argv, ['JOB_NAME', 'base'])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
base = args['base']

Online_node1 = glueContext.create_dynamic_frame.from_options(format_options={"multiline": False}, connection_type="s3", format="json", connection_options={"paths": [base + "/online/"], "recurse": True}, transformation_ctx="Online_node1")
Shop_node2 = glueContext.create_dynamic_frame.from_options(format_options={"multiline": False}, connection_type="s3", format="json", connection_options={"paths": [base + "/shop/"], "recurse": True}, transformation_ctx="Shop_node2")
Clients_node3 = glueContext.create_dynamic_frame.from_options(format_options={"quoteChar": -1, "withHeader": True, "separator": ";"}, connection_type="s3", format="csv", connection_options={"paths": [base + "/clients/"]}, transformation_ctx="Clients_node3")

# Script generated for node Drop Null Fields
DropNull_node4 = drop_nulls(glueContext, frame=Online_node1, nullStringSet={"", "null"}, nullIntegerSet={-1}, transformation_ctx="DropNull_node4")

# Script generated for node Union
Union_node5 = sparkUnion(glueContext, unionType="ALL", mapping={"source1": DropNull_node4, "source2": Shop_node2}, transformation_ctx="Union_node5")
Distinct_node6 = sparkUnion(glueContext, unionType="DISTINCT", mapping={"source1": DropNull_node4, "source2": Shop_node2}, transformation_ctx="Distinct_node6")

# Script generated for node Aggregate
Aggregate_node7 = sparkAggregate(glueContext, parentFrame=Union_node5, groups=["client"], aggs=[["amount", "sum"], ["amount", "max"], ["order", "count"]], transformation_ctx="Aggregate_node7")
Aggregate_node7.printSchema()

# Script generated for node Renamed keys for Join
Renamed_node8 = ApplyMapping.apply(frame=Clients_node3, mappings=[("id", "string", "`(right) client`", "string"), ("full name", "string", "`full name`", "string")], transformation_ctx="Renamed_node8")

# Script generated for node Join
Join_node9 = Join.apply(frame1=Aggregate_node7, frame2=Renamed_node8, keys1=["client"], keys2=["`(right) client`"], transformation_ctx="Join_node9")

# Script generated for node Rename Field
Rename_node10 = RenameField.apply(frame=Join_node9, old_name="`sum(amount)`", new_name="total", transformation_ctx="Rename_node10")

# Script generated for node Change Schema
Change_node11 = ApplyMapping.apply(frame=Rename_node10, mappings=[("client", "string", "client", "string"), ("`full name`", "string", "name", "string"), ("total", "double", "total", "double"), ("`max(amount)`", "double", "biggest", "decimal(10,1)"), ("`count(order)`", "long", "orders", "int")], transformation_ctx="Change_node11")

Custom_node12 = MyTransform(glueContext, DynamicFrameCollection({"Change_node11": Change_node11}, glueContext))
Select_node13 = SelectFromCollection.apply(dfc=Custom_node12, key=list(Custom_node12.keys())[0], transformation_ctx="Select_node13")

glueContext.write_dynamic_frame.from_options(frame=Select_node13, connection_type="s3", format="json", connection_options={"path": base + "/out/totals/", "partitionKeys": []}, transformation_ctx="S3_node14")
glueContext.write_dynamic_frame.from_options(frame=Distinct_node6, connection_type="s3", format="csv", connection_options={"path": base + "/out/distinct/", "partitionKeys": ["client"]}, transformation_ctx="S3_node15")
# Script generated for node Dynamic Transform: everything of one client
Filter_node16 = Filter.apply(frame=Union_node5, f=lambda row: (bool(re.match("^ñ.*$", row["client"])) and row["amount"] >= 2), transformation_ctx="Filter_node16")
print("filtered", Filter_node16.count())
job.commit()
