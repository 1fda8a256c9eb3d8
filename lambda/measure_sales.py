"""Notebook 8, Lambda's side: adds up the units sold by channel in each sample and says how long that took.

Event: {"samples": [{"name", "format", "bucket", "keys"}]}. AWS's Python image has no pandas, so this reads CSV with the standard
library, one object after another, whole objects in memory. The answer is [{"sample", "seconds", "units"}], and each is logged too.
"""

from __future__ import annotations

import csv
import json
import logging
import time
from collections import defaultdict

import boto3

log = logging.getLogger()
log.setLevel(logging.INFO)

s3 = boto3.client("s3")


def lambda_handler(event, context):  # noqa: ARG001
    """What AWS Lambda calls."""
    measured = [measure(sample) for sample in event["samples"]]
    for line in measured:
        log.info("MEASURE %s", json.dumps(line, ensure_ascii=False))
    return measured


def measure(sample):
    """One sample: its name, seconds and units by channel."""
    if sample["format"] != "csv":
        raise ValueError(f"{sample['name']} is {sample['format']}: without a layer this function reads CSV only")
    began = time.perf_counter()
    units = defaultdict(float)
    for key in sample["keys"]:
        body = s3.get_object(Bucket=sample["bucket"], Key=key)["Body"].read().decode("utf-8")
        add_units(units, body.splitlines())
    return {"sample": sample["name"], "seconds": round(time.perf_counter() - began, 4), "units": dict(units)}


def add_units(units, lines):
    """Add each row's quantity to its channel; what is no number above 0 is no sale."""
    rows = csv.reader(lines)
    header = next(rows)
    channel, quantity = header.index("canal"), header.index("cantidad")
    for row in rows:
        try:
            sold = float(row[quantity])
        except ValueError:
            continue
        if sold > 0:
            units[row[channel].strip()] += sold
