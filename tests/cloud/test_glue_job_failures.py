"""What a failing Spark job says: the line of the script and the error, as Glue words it (ErrorMessage of JobRun)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.cloud.glue_jobs import GLUE, SPARK, GlueJobs


@pytest.fixture(scope="module")
def jobs(aws: Callable[[str], Any]) -> GlueJobs:
    return GlueJobs(aws)


def failed(jobs: GlueJobs, script: str, arguments: dict[str, str] | None = None) -> str:
    run = jobs.once(script, arguments)
    assert run["JobRunState"] == "FAILED", run
    message: str = run["ErrorMessage"]
    assert "\tat " not in message
    assert message.splitlines()[0] in jobs.errors(run)
    return message


@pytest.mark.quick
@pytest.mark.slow
def test_a_query_that_names_no_column(jobs: GlueJobs) -> None:
    """A real run of Glue 5.0 says "QUERY_ERROR; Failed Line Number: 84; AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION]"."""
    message = failed(jobs, SPARK + "df = spark.range(3)\n\ndf.select('nada').show()\n")
    assert message.startswith(
        "Error Category: QUERY_ERROR; Failed Line Number: 8; AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION]"
    )


def test_a_python_udf_that_fails_names_its_own_line_and_its_error(jobs: GlueJobs) -> None:
    script = SPARK + (
        "@f.udf('double')\ndef price(text):\n    return float(text)\n\n"
        "df = spark.createDataFrame([('1.5',), ('n/a',)], 's string').select(price('s'))\n"
        "df.collect()\n"
    )
    message = failed(jobs, script)
    assert message == (
        "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 8; PythonException: "
        "ValueError: could not convert string to float: 'n/a' (in price, which Spark ran for line 11)"
    )


def test_a_function_of_an_rdd_that_fails(jobs: GlueJobs) -> None:
    script = SPARK + "def inverse(n):\n    return 1 / n\n\nprint(sc.parallelize([1, 0]).map(inverse).collect())\n"
    message = failed(jobs, script)
    assert "Failed Line Number: 7; PythonException: ZeroDivisionError: division by zero (in inverse" in message
    assert "line 9)" in message


def test_a_function_from_a_module_that_came_along(jobs: GlueJobs) -> None:
    location = jobs.put("lib/ayuda.py", "\n\ndef mal(n):\n    raise KeyError('ñ')\n")
    script = SPARK + "import ayuda\nsc.parallelize([1]).map(lambda n: ayuda.mal(n)).count()\n"
    message = failed(jobs, script, {"--extra-py-files": location})
    assert "Failed Line Number: 7; PythonException: KeyError: 'ñ' (ayuda.py, line 4)" in message


def test_map_with_a_threshold(jobs: GlueJobs) -> None:
    """DG dynamic-frame, stageThreshold: "the number of errors ... at which the process should error out"."""
    script = GLUE + (
        "from awsglue.dynamicframe import DynamicFrame\n"
        "def clean(rec):\n    rec['n'] = int(rec['s'])\n    return rec\n"
        "frame = DynamicFrame.fromDF(spark.createDataFrame([('x',)], 's string'), glueContext, 'in')\n"
        "out = frame.map(clean, stageThreshold=0, totalThreshold=0)\n"
        "print(out.errorsCount(), out.errorsAsDynamicFrame().toDF().select('error.msg').first()[0])\n"
        "def broken(rec):\n    return 1 / 0\n"
        "two = frame.union(frame)\n"
        "two.map(broken, stageThreshold=1).count()\n"
    )
    run = jobs.once(script)
    assert "invalid literal for int() with base 10: 'x'" in jobs.log(run)[0]
    assert "Failed Line Number: 22; Exception: Error threshold exceeded: 2 error records" in run["ErrorMessage"]


def test_a_module_missing_in_a_worker_is_explained(jobs: GlueJobs) -> None:
    script = SPARK + "def load(n):\n    import nosuchmodule\n    return n\nsc.parallelize([1]).map(load).count()\n"
    message = failed(jobs, script)
    assert "Failed Line Number: 7; PythonException: ModuleNotFoundError: No module named 'nosuchmodule'" in message
    assert "--additional-python-modules" in message


def test_an_error_of_java_is_worded_as_glue_does(jobs: GlueJobs) -> None:
    """Real runs: "An error occurred while calling o178.parquet. No such file or directory ..."."""
    script = SPARK + f"spark.range(1).write.option('compression', 'nada').parquet('s3://{jobs.bucket}/x/')\n"
    message = failed(jobs, script)
    assert "Failed Line Number: 6; " in message
    assert "nada" in message


def test_the_traceback_in_the_log_shows_the_script(jobs: GlueJobs) -> None:
    run = jobs.once(SPARK + "def inner():\n    spark.table('nada').count()\n\ninner()\n")
    log = jobs.errors(run)
    assert "line 9, in <module>" in log
    assert "line 7, in inner" in log
    assert "spark.table('nada').count()" in log
    assert "child/main.py" not in log


def test_a_killed_jvm_is_said(jobs: GlueJobs) -> None:
    script = SPARK + (
        "import os, signal\npid = sc._jvm.java.lang.ProcessHandle.current().pid()\n"
        "os.kill(pid, signal.SIGKILL)\nspark.range(5).count()\n"
    )
    message = failed(jobs, script)
    assert "Spark's JVM ended while the script was running (killed by signal 9)" in message
    assert "Failed Line Number: 9; " in message


def test_the_driver_out_of_java_memory(jobs: GlueJobs) -> None:
    script = SPARK + "\n\nsc._jvm.java.nio.LongBuffer.allocate(2_000_000_000)\n"
    message = failed(jobs, script)
    assert "OUT_OF_MEMORY_ERROR; Failed Line Number: 8; " in message
    assert "Java heap space" in message


def test_a_driver_killed_from_outside(jobs: GlueJobs) -> None:
    name = jobs.create(SPARK + "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(100)\n")
    run = jobs.wait(name, jobs.start(name), "RUNNING")
    while not jobs.log(run):
        pass
    os.kill(int(jobs.log(run)[0]), signal.SIGKILL)
    run = jobs.wait(name, run["Id"])
    assert (run["JobRunState"], "killed by signal 9" in run["ErrorMessage"]) == ("FAILED", True)
    assert run["ErrorMessage"] in jobs.errors(run)
