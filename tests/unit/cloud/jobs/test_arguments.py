from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.jobs.arguments import merge_arguments, run_arguments

JOB = {"Name": "j", "DefaultArguments": {"--a": "1", "--b": "2"}, "NonOverridableArguments": {"--fixed": "x"}}


def test_the_run_overrides_defaults_and_cannot_override_what_is_fixed() -> None:
    assert merge_arguments(JOB, {"--b": "3"}) == {"--a": "1", "--b": "3", "--fixed": "x"}
    with pytest.raises(AwsError, match="--fixed of job j cannot be overridden"):
        merge_arguments(JOB, {"--fixed": "y"})


def test_argv_holds_every_argument_and_what_glue_adds() -> None:
    argv = run_arguments({"--a": "x y", "--empty": ""}, "j", "jr_1").argv
    assert argv[:4] == ["--a", "x y", "--empty", ""]
    assert argv[argv.index("--JOB_NAME") + 1] == "j"
    assert argv[argv.index("--JOB_RUN_ID") + 1] == "jr_1"


def test_conf_may_hold_several_settings() -> None:
    conf = "spark.sql.ansi.enabled=true --conf spark.sql.shuffle.partitions=4"
    settings = run_arguments({"--conf": conf}, "j", "jr_1").spark_settings
    assert settings == {"spark.sql.ansi.enabled": "true", "spark.sql.shuffle.partitions": "4"}


def test_what_cannot_be_honoured_is_refused_by_name() -> None:
    assert "--datalake-formats" in run_arguments({"--datalake-formats": "iceberg"}, "j", "jr_1").refused
    assert run_arguments({"--extra-py-files": "s3://b/x.py", "--job-language": "python"}, "j", "jr_1").refused == ""


def test_the_catalog_is_asked_for_by_name_alone_or_with_true() -> None:
    for value, wanted in (("true", True), ("", True), ("false", False)):
        assert run_arguments({"--enable-glue-datacatalog": value}, "j", "jr_1").catalog is wanted


def test_scala_is_refused_and_a_class_alone_is_not() -> None:
    """DG etl-glue-arguments, --class: "applies only if your --job-language is set to scala"."""
    assert "Scala" in run_arguments({"--job-language": "scala"}, "j", "jr_1").refused
    assert "Scala" in run_arguments({}, "j", "jr_1", "s3://b/x.scala").refused
    given = run_arguments({"--class": "GlueApp", "--job-language": "python"}, "j", "jr_1")
    assert (given.refused, "--class" in given.notes[0]) == ("", True)


def test_what_is_accepted_and_not_carried_out_is_said() -> None:
    given = {"--enable-data-lineage": "", "--enable-spark-ui": "true", "--enable-job-insights": "false", "--a": "1"}
    (note,) = run_arguments(given, "j", "jr_1").notes
    assert ("--enable-data-lineage" in note, "--enable-spark-ui" in note, "--enable-job-insights" in note) == (
        True,
        True,
        False,
    )
    assert run_arguments({"--a": "1"}, "j", "jr_1").notes == []


def test_a_run_is_measured_when_it_asks_for_it() -> None:
    asked = run_arguments({"--enable-metrics": "", "--enable-observability-metrics": "true"}, "j", "jr_1")
    assert (asked.metrics.job, asked.metrics.observability, asked.notes) == (True, True, [])
    refused = run_arguments({"--enable-metrics": "false"}, "j", "jr_1").metrics
    assert (refused.job, refused.observability, refused.any) == (False, False, False)


@pytest.mark.parametrize(
    ("conf", "settings", "noted"),
    [
        ("spark.a=x=y --conf spark.b=1 2", {"spark.a": "x=y", "spark.b": "1 2"}, ""),
        ("--conf spark.a=1 --conf=spark.b=2", {"spark.a": "1", "spark.b": "2"}, ""),
        ('spark.a="q"', {"spark.a": "q"}, ""),
        ("user.dir=/tmp", {}, "user.dir"),
        ("spark.master=yarn --conf spark.a=1", {"spark.a": "1"}, "spark.master"),
        ("spark.hadoop.fs.s3a.impl=x", {}, "fs.s3a.impl"),
        ("spark.driver.memory=4g", {"spark.driver.memory": "4g"}, "spark.driver.memory"),
        ("nonsense", {}, "nonsense"),
        ("", {}, ""),
    ],
)
def test_settings_of_conf(conf: str, settings: dict[str, str], noted: str) -> None:
    given = run_arguments({"--conf": conf}, "j", "jr_1")
    assert given.spark_settings == settings
    assert noted in " ".join(given.notes)
    assert bool(given.notes) is bool(noted)


def test_modules_are_split_at_the_commas_between_them() -> None:
    given = {
        "--additional-python-modules": "a==1.0, b[x,y]>=2,<3,s3://b/w-1-py3-none-any.whl",
        "--python-modules-installer-option": "--no-index --find-links '/a b'",
    }
    arguments = run_arguments(given, "j", "jr_1")
    assert arguments.modules == ["a==1.0", "b[x,y]>=2,<3", "s3://b/w-1-py3-none-any.whl"]
    assert arguments.pip_options == ["--no-index", "--find-links", "/a b"]


def test_a_script_location_among_the_arguments_replaces_the_jobs() -> None:
    """Glue API Job, DefaultArguments: --scriptLocation "overrides a script location set in the JobCommand object"."""
    assert run_arguments({"--scriptLocation": "s3://b/x.py"}, "j", "jr_1", "s3://b/y.py").script == "s3://b/x.py"
    assert run_arguments({}, "j", "jr_1", "s3://b/y.py").script == "s3://b/y.py"


def test_log_streams_that_a_run_asks_for() -> None:
    """DG monitor-continuous-logging: custom prefixes, and logs-v2 with its driver stream."""
    assert run_arguments({}, "j", "jr_1").streams.places("output", "jr_1") == [("/aws-glue/jobs/output", "jr_1")]
    custom = {"--custom-logGroup-prefix": "/mine/", "--custom-logStream-prefix": "p"}
    assert run_arguments(custom, "j", "jr_1").streams.places("error", "jr_1") == [("/mine/error", "p-driver")]
    continuous = {"--enable-continuous-cloudwatch-log": "true"}
    places = run_arguments(continuous, "j", "jr_1").streams.places("error", "jr_1")
    assert places[1] == ("/aws-glue/jobs/logs-v2", "jr_1-driver")
    named = {**continuous, "--continuous-log-logGroup": "/g", "--continuous-log-logStreamPrefix": "s"}
    assert run_arguments(named, "j", "jr_1").streams.places("error", "jr_1")[1] == ("/g", "s-driver")
