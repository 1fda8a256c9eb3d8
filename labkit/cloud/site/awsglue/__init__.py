"""Local Glue runtime: the public surface of AWS's `awsglue` package, run on plain Spark.

On the path of job processes only. What is not there yet raises `NotAvailableLocally`, naming the call.
"""

from __future__ import annotations

from .dynamicframe import DynamicFrame

__all__ = ["DynamicFrame"]
