"""The Data Catalog as a Hive metastore: what `--enable-glue-datacatalog` gives Spark SQL.

Spark brings Hive's own client, which speaks Thrift to a metastore. On AWS that client is replaced by one that calls Glue;
here a small metastore beside the driver answers it with Glue calls of the run's own role. So everything that Spark does
with a catalog (resolution, pruning, saveAsTable, insertInto, ALTER TABLE …) is Spark's own code, as on AWS.
"""
