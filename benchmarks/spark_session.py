"""`labkit.spark()` in a Python of its own, as a kernel has it: until the session is there, and until its first answer from `s3://`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.clouds import client, running_cloud, wait_warm
from benchmarks.measure import Number, median

_PROGRAM = """
import time
began = time.monotonic()
import labkit
spark = labkit.spark()
print(time.monotonic() - began)
assert spark.read.csv("s3://bench-spark/", header=True).count() == 2
print(time.monotonic() - began)
assert labkit.spark() is spark
"""
_ROUNDS = 5


def session() -> list[Number]:
    """The class-data archive is there, as it is from a cloud's first minute on."""
    with running_cloud() as cloud, tempfile.TemporaryDirectory() as folder:
        wait_warm(cloud)
        s3 = client(cloud, "s3")
        s3.create_bucket(Bucket="bench-spark")
        s3.put_object(Bucket="bench-spark", Key="a.csv", Body=b"n\n1\n2\n")
        environment = {**os.environ, "LABKIT_STATE": str(cloud.state_dir)}
        command = [sys.executable, "-c", _PROGRAM]
        times = []
        for _ in range(_ROUNDS):
            done = subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True, text=True)
            times.append([float(line) for line in done.stdout.split()])
    return [
        median("labkit.spark() until the session is there", [began for began, _ in times], "s", 5.0),
        median("… until its first count over s3://", [answered for _, answered in times], "s", None),
    ]
