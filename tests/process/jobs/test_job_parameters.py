"""Parameters of Python shell jobs, and names of ours that may not stand in a script's way. Source: DG add-job-python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from labkit.cloud.call import AwsError

if TYPE_CHECKING:
    from tests.process.jobs.conftest import Jobs


def test_argv_of_a_python_shell_job(jobs: Jobs) -> None:
    script = (
        "import sys, json\nfrom awsglue.utils import getResolvedOptions\n"
        "print(json.dumps(getResolvedOptions(sys.argv, ['año', 'n', 'largo'])))\nprint(len(sys.argv[0]) > 0)"
    )
    arguments = {"--año": "dos mil ☃", "--n": "-1", "--largo": "y" * 100_000, "--extra": ""}
    jobs.create("a", script, DefaultArguments=arguments)
    run = jobs.wait("a", run_id := jobs.start("a"))
    assert run.get("ErrorMessage") is None
    told = json.loads(jobs.log("output", run_id)[0])
    assert (told["año"], told["n"], len(told["largo"])) == ("dos mil ☃", "-1", 100_000)


def test_a_value_that_looks_like_a_name_is_none(jobs: Jobs) -> None:
    """getResolvedOptions takes `-5` as a value and `--y` not (glue-runtime, section 8)."""
    script = "import sys\nfrom awsglue.utils import getResolvedOptions\ngetResolvedOptions(sys.argv, ['x'])"
    jobs.create("a", script, DefaultArguments={"--x": "--y"})
    message = jobs.wait("a", jobs.start("a"))["ErrorMessage"]
    assert message == (
        "Error Category: INVALID_ARGUMENT_ERROR; Failed Line Number: 3; GlueArgumentError: argument --x: expected one argument"
    )


def test_the_job_name_is_its_own_whatever_the_arguments_say(jobs: Jobs) -> None:
    script = "import sys\nfrom awsglue.utils import getResolvedOptions\nprint(getResolvedOptions(sys.argv, ['JOB_NAME'])['JOB_NAME'])"
    jobs.create("real", script, DefaultArguments={"--JOB_NAME": "other"})
    jobs.wait("real", run_id := jobs.start("real"))
    assert jobs.log("output", run_id) == ["real"]


@pytest.mark.parametrize("version", ["3.6", "3.9"])
def test_another_python_is_told(jobs: Jobs, version: str) -> None:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/a.py", "PythonVersion": version}
    jobs.create("a", "print(1)", Command=command)
    run = jobs.wait("a", run_id := jobs.start("a"))
    assert f"The job asks for Python {version}; this run uses Python 3." in run["StateDetail"]
    assert any(f"asks for Python {version}" in line for line in jobs.log("error", run_id))


def test_python_2_is_refused(jobs: Jobs) -> None:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/a.py", "PythonVersion": "2"}
    jobs.create("a", "print(1)", Command=command)
    with pytest.raises(AwsError, match="InvalidInputException: PythonVersion 2"):
        jobs.start("a")


def test_modules_of_a_script_may_have_the_names_of_our_files(jobs: Jobs) -> None:
    files = []
    for name in ("failures", "progress", "rounds", "main"):
        jobs.services.store.put("scripts", f"lib/{name}.py", f"n = '{name} of the script'\n".encode())
        files.append(f"s3://scripts/lib/{name}.py")
    script = "import failures, progress, rounds, main\nfor m in (failures, progress, rounds, main): print(m.n)"
    jobs.create("a", script, DefaultArguments={"--extra-py-files": ",".join(files)})
    jobs.wait("a", run_id := jobs.start("a"))
    assert jobs.log("output", run_id) == [
        f"{name} of the script" for name in ("failures", "progress", "rounds", "main")
    ]


def test_the_script_location_of_the_arguments_is_run(jobs: Jobs) -> None:
    jobs.services.store.put("scripts", "other.py", b"print('other')")
    jobs.create("a", "print('a')")
    jobs.wait("a", run_id := jobs.start("a", Arguments={"--scriptLocation": "s3://scripts/other.py"}))
    assert jobs.log("output", run_id) == ["other"]


def test_definitions_hide_what_is_ours_and_know_the_versions(jobs: Jobs) -> None:
    jobs.create("a", "", GlueVersion=None)
    job = jobs.call("GetJob", JobName="a")["Job"]
    assert job["GlueVersion"] == "6.0"
    for shown in (job, *jobs.call("GetJobs")["Jobs"], *jobs.call("BatchGetJobs", JobNames=["a"])["Jobs"]):
        assert not [name for name in shown if name.startswith("_")]
    with pytest.raises(AwsError, match=r"InvalidInputException: Given GlueVersion \[9.9\] is not valid"):
        jobs.create("b", "", GlueVersion="9.9")
    with pytest.raises(AwsError, match=r"Given GlueVersion \[x\] is not valid"):
        jobs.call("UpdateJob", JobName="a", JobUpdate={**job, "GlueVersion": "x"})


def test_continuous_logging_of_a_python_shell_job(jobs: Jobs) -> None:
    from tests.process.jobs.conftest import SCOPE

    jobs.create("a", "print('uno')", DefaultArguments={"--enable-continuous-cloudwatch-log": "true"})
    jobs.wait("a", run_id := jobs.start("a"))
    assert jobs.services.logs(SCOPE).lines("/aws-glue/jobs/logs-v2", f"{run_id}-driver")[-1] == "uno"
