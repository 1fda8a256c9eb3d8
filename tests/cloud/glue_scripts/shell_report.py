import sys
import io
import csv
import boto3
import pandas as pd
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["bucket", "prefix"])
limit = 10
if "--limit" in sys.argv:
    limit = int(getResolvedOptions(sys.argv, ["limit"])["limit"])

s3 = boto3.client("s3")
frames = []
for page in s3.get_paginator("list_objects_v2").paginate(Bucket=args["bucket"], Prefix=args["prefix"]):
    for item in page.get("Contents", []):
        if item["Key"].endswith(".csv"):
            body = s3.get_object(Bucket=args["bucket"], Key=item["Key"])["Body"].read()
            frames.append(pd.read_csv(io.BytesIO(body), dtype={"code": str}))

data = pd.concat(frames, ignore_index=True)
data["amount"] = pd.to_numeric(data["amount"], errors="coerce")
report = data.dropna(subset=["amount"]).groupby("code", as_index=False)["amount"].sum().sort_values("code").head(limit)

out = io.StringIO()
report.to_csv(out, index=False, quoting=csv.QUOTE_MINIMAL)
s3.put_object(Bucket=args["bucket"], Key="shell/report.csv", Body=out.getvalue().encode("utf-8"))
print(f"{len(report)} códigos")
glue = boto3.client("glue")
print("jobs", sum(1 for name in glue.list_jobs()["JobNames"] if name.startswith("shell_report")))
if report.empty:
    sys.exit(1)
