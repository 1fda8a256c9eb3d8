# The lab's first Glue job, kept as its author wrote it: steps 4 and 5 are about what it does not do. It has no Job and no bookmark, so a
# second run writes every row again; it drops rows without a trace; it fails where `cantidad` is text. etl/sales_etl.py is its grown-up.
# Only the continuation lines are indented as Python wants them.
from awsglue.context import GlueContext
from pyspark.context import SparkContext
from awsglue.dynamicframe import DynamicFrame

sc = SparkContext()
glueContext = GlueContext(sc)

source = glueContext.create_dynamic_frame.from_catalog(
    database="bsg_db",
    table_name="raw_sales"
)

# Convertir a DataFrame para mejorar el rendimiento
df = source.toDF()

# Ejemplos de transformaciones
df_clean = df.filter(df["cantidad"] > 0)

# Agregar columnas de partición
from pyspark.sql.functions import year, month

df_final = df_clean \
    .withColumn("año", year("fecha")) \
    .withColumn("mes", month("fecha"))

final_dyf = DynamicFrame.fromDF(df_final, glueContext, "final_dyf")

glueContext.write_dynamic_frame.from_options(
    frame=final_dyf,
    connection_type="s3",
    connection_options={
        "path": "s3://bsg-data-processed/",
        "partitionKeys": ["año", "mes"]
    },
    format="parquet"
)
