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
    assert "--extra-jars" in run_arguments({"--extra-jars": "s3://b/x.jar"}, "j", "jr_1").refused
    assert run_arguments({"--extra-py-files": "s3://b/x.py"}, "j", "jr_1").refused == ""


def test_what_is_accepted_and_not_carried_out_is_said() -> None:
    assert "--enable-glue-datacatalog" in run_arguments({"--enable-glue-datacatalog": "true"}, "j", "jr_1").note
    assert run_arguments({"--a": "1"}, "j", "jr_1").note == ""
