"""Where the tasks of notebook 04 leave what they make: prefixes of the processed bucket, one job, and its script."""

from __future__ import annotations

from labkit.names import Names

FOLDER = "step_4/"
CLEAN = "step_4/clean/"
REJECTED = "step_4/rejected/"
JOB = "step_4/job/"
TWICE = "step_4/twice/"
MONTHLY = "step_4/monthly/"
SUMMARY = "step_4/summary/"
MANY = "step_4/many/"
FEW = "step_4/few/"


def build_job_name(names: Names) -> str:
    """The job of tasks 4.3 and 4.4; the notebook builds the same name."""
    return f"{names.job}-step-4"


def build_script_key(names: Names) -> str:
    """Where its script lies in the assets bucket."""
    return f"scripts/{build_job_name(names)}.py"


def build_uri(names: Names, prefix: str) -> str:
    """The address of a prefix of the processed bucket."""
    return f"s3://{names.processed_bucket}/{prefix}"
