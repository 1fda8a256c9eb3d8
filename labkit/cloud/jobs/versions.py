"""What differs between the Glue version that a job asks for and the engine that runs it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError

# The local engine is Spark 3.5.6, the upstream version of Glue 5.1 (docs.aws.amazon.com/glue, release notes; see C1 of the facts).
_DIFFERENCES = {
    "4.0": "Glue 4.0 has Spark 3.3.0, Python 3.10 and Java 8",
    "5.0": "Glue 5.0 has Spark 3.5.4 and Python 3.11",
    "5.1": "",
    "6.0": "Glue 6.0 has Spark 4.1.1 with ANSI mode on: a bad cast is an error there and NULL here",
}


# Every version that AWS has had; a definition may name any of them.
KNOWN_VERSIONS = ("0.9", "1.0", "2.0", "3.0", *sorted(_DIFFERENCES))
# "Currently, the default is 6.0" (botocore 1.44 service model, CreateJobRequest.GlueVersion).
DEFAULT_VERSION = "6.0"


def version_note(glue_version: str, python_version: str) -> str:
    """A line for the log and for GetJobRun; empty when nothing differs that is known."""
    difference = _DIFFERENCES.get(glue_version, "")
    if not difference and python_version == "3.11":
        return ""
    told = difference or f"Glue {glue_version} has Python 3.11"
    return f"{told}; this run uses Spark 3.5.6, Python {python_version} and Java 17."


def run_note(job: Mapping[str, Any], python_version: str) -> str:
    """What a run of this job should know about versions; empty when nothing differs that is known."""
    command = job["Command"]
    if command["Name"] == "pythonshell":
        asked = command.get("PythonVersion", "3")
        if asked in ("3", python_version):
            return ""
        return f"The job asks for Python {asked}; this run uses Python {python_version}."
    note = version_note(job["GlueVersion"], python_version)
    if not job.get("_VersionChosen"):
        return note
    return f"The job names no GlueVersion, so it is Glue's default, {DEFAULT_VERSION}. {note}".strip()


def check_version(glue_version: str) -> None:
    """AwsError InvalidInputException, as AWS words it, for a version that there is not."""
    if glue_version not in KNOWN_VERSIONS:
        known = ", ".join(KNOWN_VERSIONS)
        message = f"Given GlueVersion [{glue_version}] is not valid. The versions are {known}."
        raise AwsError("InvalidInputException", message)


def refusal(glue_version: str) -> str:
    """Why a version cannot be run, empty when it can."""
    if glue_version in _DIFFERENCES:
        return ""
    known = ", ".join(sorted(_DIFFERENCES))
    return (
        f"Given GlueVersion [{glue_version}] is not valid here: GlueVersion {glue_version} is not run by the local cloud, "
        f"whose engine is Spark 3.5.6. Use one of {known}."
    )
