"""What a Spark job brings along: modules, Python files, files, jars, settings. Source: DG aws-glue-programming-etl-glue-arguments."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.glue_jobs import GLUE, SPARK, GlueJobs
from tests.process.jobs.wheels import archive, wheel

TWICE = "doble = f.udf(lambda n: {module}.doble(n), 'long')\nprint([r[0] for r in spark.range(3).select(doble('id')).collect()])\n"


@pytest.fixture(scope="module")
def jobs(aws: Callable[[str], Any]) -> GlueJobs:
    return GlueJobs(aws)


def output(jobs: GlueJobs, script: str, arguments: dict[str, str]) -> list[str]:
    run = jobs.once(script, arguments)
    assert run.get("ErrorMessage") is None
    return jobs.log(run)


def test_installed_modules_reach_the_driver_udfs_and_map(jobs: GlueJobs) -> None:
    name = f"cuentas{uuid.uuid4().hex[:6]}"
    body = wheel(name, "1.0", {f"{name}.py": "def doble(n): return 2 * n\n"})
    location = jobs.put(f"w/{name}-1.0-py3-none-any.whl", body)
    arguments = {"--additional-python-modules": location, "--python-modules-installer-option": "--no-index"}
    script = GLUE + (
        f"import {name}\nfrom awsglue.dynamicframe import DynamicFrame\nfrom pyspark.sql import functions as f\n"
        f"print({name}.doble(4))\n{TWICE.format(module=name)}"
        f"def twice(rec):\n    rec['d'] = {name}.doble(rec['n'])\n    return rec\n"
        "frame = DynamicFrame.fromDF(spark.createDataFrame([(5,)], 'n long'), glueContext, 'in')\n"
        "print(frame.map(twice).toDF().first()['d'])\n"
    )
    run = jobs.once(script, arguments)
    assert run.get("ErrorMessage") is None
    assert jobs.log(run) == ["8", "[0, 2, 4]", "10"]
    assert f"installed by pip: {name} 1.0" in jobs.errors(run)


def test_a_newer_version_of_a_module_that_is_loaded_wins_in_driver_and_workers(jobs: GlueJobs) -> None:
    """DG python-libraries: "to add a new module or change the version of an existing module"."""
    import six

    body = wheel("six", "9.9", {"six.py": Path(six.__file__).read_text(encoding="utf-8") + "\n__version__ = '9.9'\n"})
    arguments = {
        "--additional-python-modules": jobs.put("w/six-9.9-py3-none-any.whl", body),
        "--python-modules-installer-option": "--no-index",
    }
    script = SPARK + (
        "import six\nprint(six.__version__)\n"
        "def version(_):\n    import six\n    return six.__version__\n"
        "print(sc.parallelize([1]).map(version).first())\n"
    )
    assert output(jobs, script, arguments) == ["9.9", "9.9"]


def test_a_module_that_breaks_what_a_driver_needs_is_named(jobs: GlueJobs) -> None:
    arguments = {
        "--additional-python-modules": jobs.put(
            "w/six-8.8-py3-none-any.whl", wheel("six", "8.8", {"six.py": "x = 1\n"})
        ),
        "--python-modules-installer-option": "--no-index",
    }
    run = jobs.once("print(1)", arguments)
    assert "cannot import name 'string_types' from 'six'" in run["ErrorMessage"]
    assert "--additional-python-modules" in run["ErrorMessage"]


def test_python_files_of_every_kind_reach_the_workers(jobs: GlueJobs) -> None:
    text = "def doble(n): return 2 * n\n"
    files = [
        jobs.put("p/uno.py", text),
        jobs.put("p/lib.zip", archive({"dos/__init__.py": "from .m import doble\n", "dos/m.py": text})),
        jobs.put("p/tres.egg", archive({"tres.py": text})),
        jobs.put("p/cuatro-1-py3-none-any.whl", wheel("cuatro", "1", {"cuatro/__init__.py": text})),
    ]
    script = (
        SPARK
        + "import uno, dos, tres, cuatro\n"
        + "".join(TWICE.format(module=m) for m in ("uno", "dos", "tres", "cuatro"))
    )
    assert output(jobs, script, {"--extra-py-files": ",".join(files)}) == ["[0, 2, 4]"] * 4


def test_extra_files_are_readable_by_name_in_driver_and_workers(jobs: GlueJobs) -> None:
    location = jobs.put("f/nota.txt", "hola")
    script = SPARK + (
        "from pyspark import SparkFiles\n"
        "print(open('nota.txt').read(), open(SparkFiles.get('nota.txt')).read())\n"
        "print(sc.parallelize([1]).map(lambda _: open('nota.txt').read()).first())\n"
        "print(sc.parallelize([1]).map(lambda _: open(SparkFiles.get('nota.txt')).read()).first())\n"
    )
    assert output(jobs, script, {"--extra-files": location}) == ["hola hola", "hola", "hola"]


def test_extra_jars_are_on_the_class_path_in_the_order_that_was_asked_for(jobs: GlueJobs) -> None:
    """DG etl-glue-arguments, --extra-jars and --user-jars-first."""
    theirs = "org/apache/spark/log4j2-defaults.properties"
    jar = jobs.put("j/mine.jar", archive({"mine/note.txt": "hola", theirs: "# mine\n"}))
    script = SPARK + (
        "loader = sc._jvm.java.lang.ClassLoader.getSystemClassLoader()\n"
        "print(bytes(loader.getResourceAsStream('mine/note.txt').readAllBytes()).decode())\n"
        f"print(bytes(loader.getResourceAsStream('{theirs}').readAllBytes()).decode().startswith('# mine'))\n"
        "print(spark.range(10).count())\n"
    )
    assert output(jobs, script, {"--extra-jars": jar}) == ["hola", "False", "10"]
    assert output(jobs, script, {"--extra-jars": jar, "--user-jars-first": "true"}) == ["hola", "True", "10"]


@pytest.mark.quick
@pytest.mark.slow
def test_settings_and_odd_arguments_arrive_whole(jobs: GlueJobs) -> None:
    long = "x" * 50_000
    script = SPARK + (
        "import sys\nfrom awsglue.utils import getResolvedOptions\n"
        "print(spark.conf.get('spark.sql.shuffle.partitions'), spark.conf.get('spark.sql.ansi.enabled'))\n"
        "a = getResolvedOptions(sys.argv, ['name', 'long', 'number', 'empty', 'json'])\n"
        "print(a['name'], len(a['long']), a['number'], repr(a['empty']), a['json'])\n"
        "print(a['TempDir'], '--unknown-thing' in sys.argv)\n"
    )
    arguments = {
        "--conf": "spark.sql.shuffle.partitions=7 --conf spark.sql.ansi.enabled=true --conf spark.master=yarn",
        "--name": "año nuevo 🐍", "--long": long, "--number": "-5", "--empty": "", "--json": '{"a": "b c"}',
        "--TempDir": "s3://b/tmp/", "--unknown-thing": "1", "--enable-data-lineage": "true", "--job-language": "python",
    }  # fmt: skip
    run = jobs.once(script, arguments)
    assert run.get("ErrorMessage") is None
    expected = ["7 true", 'año nuevo 🐍 50000 -5 \'\' {"a": "b c"}', "s3://b/tmp/ True"]
    assert jobs.log(run) == expected
    errors = jobs.errors(run)
    assert "spark.master: not carried out" in errors
    assert "--enable-data-lineage (data lineage)" in errors


def test_where_lines_go(jobs: GlueJobs) -> None:
    """DG monitor-continuous-logging: print to output; logging, GlueLogger and what workers print to error; logs-v2 when continuous."""
    script = GLUE + (
        "import logging\nprint('printed')\nlogging.warning('logged')\nglueContext.get_logger().info('glue logged')\n"
        "print('to stderr', file=sys.stderr)\n"
        "spark.sparkContext.parallelize([1]).foreach(lambda n: print('from a worker'))\n"
    )
    run = jobs.once(script, {"--enable-continuous-cloudwatch-log": "true"})
    assert run.get("ErrorMessage") is None
    assert jobs.log(run) == ["printed"]
    errors = jobs.errors(run)
    for text in ("logged", "INFO GlueLogger: glue logged", "to stderr", "from a worker"):
        assert text in errors
    continuous = "\n".join(jobs.log(run, "/aws-glue/jobs/logs-v2", f"{run['Id']}-driver"))
    for text in ("printed", "glue logged", "to stderr"):
        assert text in continuous


def test_custom_log_groups(jobs: GlueJobs) -> None:
    group = f"/mine/{uuid.uuid4().hex[:6]}"
    run = jobs.once("print('aquí')", {"--custom-logGroup-prefix": group, "--custom-logStream-prefix": "etl"})
    assert jobs.log(run, f"{group}/output", "etl-driver") == ["aquí"]


def test_versions_are_told_and_old_ones_refused(jobs: GlueJobs) -> None:
    invalid = jobs.glue.exceptions.InvalidInputException
    for version, told in (("4.0", "Spark 3.3.0"), ("5.0", "Spark 3.5.4"), ("6.0", "ANSI mode on")):
        run = jobs.once("print(1)", GlueVersion=version)
        assert told in run["StateDetail"]
        assert told in jobs.errors(run)
    for version in ("3.0", "2.0", "1.0", "0.9"):
        name = jobs.create("print(1)", GlueVersion=version)
        with pytest.raises(
            invalid, match=rf"Given GlueVersion \[{version}\] is not valid.* Use one of 4.0, 5.0, 5.1, 6.0"
        ):
            jobs.start(name)
        assert jobs.glue.get_job_runs(JobName=name)["JobRuns"] == []
    with pytest.raises(invalid, match=r"Given GlueVersion \[7.1\] is not valid"):
        jobs.create("print(1)", GlueVersion="7.1")


def test_a_missing_version_is_explained(jobs: GlueJobs) -> None:
    name = f"sin-version-{uuid.uuid4().hex[:6]}"
    command = {"Name": "glueetl", "ScriptLocation": jobs.put("scripts/v.py", "print(1)")}
    jobs.glue.create_job(Name=name, Role=jobs.role, Command=command)
    assert jobs.glue.get_job(JobName=name)["Job"]["GlueVersion"] == "6.0"
    run = jobs.run(name)
    assert "names no GlueVersion, so it is Glue's default, 6.0" in run["StateDetail"]
    assert "names no GlueVersion" in jobs.errors(run)


@pytest.mark.quick
def test_names_that_cannot_be_overridden_are_refused_at_start(jobs: GlueJobs) -> None:
    name = jobs.create("print(1)", NonOverridableArguments={"--level": "1"})
    with pytest.raises(jobs.glue.exceptions.InvalidInputException, match="--level"):
        jobs.start(name, level="2")
    command = {"Name": "gluestreaming", "ScriptLocation": jobs.put("scripts/s.py", "")}
    streaming = jobs.create("", Command=command)
    with pytest.raises(jobs.glue.exceptions.InvalidInputException, match="gluestreaming"):
        jobs.start(streaming)


@pytest.mark.quick
def test_scala_is_refused(jobs: GlueJobs) -> None:
    run = jobs.once("object GlueApp {}", {"--job-language": "scala", "--class": "GlueApp"})
    assert (run["JobRunState"], "Scala" in run["ErrorMessage"]) == ("FAILED", True)


def test_a_warm_driver_is_left_for_the_next_run(jobs: GlueJobs) -> None:
    """A run with jars has a driver of its own; the next plain run is not slower for it."""
    jar = jobs.put("j/empty.jar", archive({"x.txt": ""}))
    output(jobs, "print(1)", {"--extra-jars": jar})
    begun = time.monotonic()
    assert output(jobs, "print(2)", {}) == ["2"]
    assert time.monotonic() - begun < 60
