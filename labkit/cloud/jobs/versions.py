"""What differs between the Glue version that a job asks for and the engine that runs it here."""

from __future__ import annotations

# The local engine is Spark 3.5.6, the upstream version of Glue 5.1 (docs.aws.amazon.com/glue, release notes; see C1 of the facts).
_DIFFERENCES = {
    "4.0": "Glue 4.0 has Spark 3.3.0, Python 3.10 and Java 8",
    "5.0": "Glue 5.0 has Spark 3.5.4 and Python 3.11",
    "5.1": "",
    "6.0": "Glue 6.0 has Spark 4.1.1 with ANSI mode on: a bad cast is an error there and NULL here",
}


def version_note(glue_version: str, python_version: str) -> str:
    """A line for the log and for GetJobRun; empty when nothing differs that is known."""
    difference = _DIFFERENCES.get(glue_version, "")
    if not difference and python_version == "3.11":
        return ""
    told = difference or f"Glue {glue_version} has Python 3.11"
    return f"{told}; this run uses Spark 3.5.6, Python {python_version} and Java 17."


def refusal(glue_version: str) -> str:
    """Why a version cannot be run, empty when it can."""
    if glue_version in _DIFFERENCES:
        return ""
    known = ", ".join(sorted(_DIFFERENCES))
    return f"GlueVersion {glue_version} is not run by the local cloud, whose engine is Spark 3.5.6. Use one of {known}."
