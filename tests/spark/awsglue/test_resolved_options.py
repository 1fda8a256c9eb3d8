"""getResolvedOptions: the sentences of glue-runtime.md 8 that test_arguments.py leaves open."""

from __future__ import annotations

from typing import Any

import pytest


def resolve(words: str, *options: str) -> dict[str, Any]:
    from awsglue.utils import getResolvedOptions

    return getResolvedOptions(["job.py", *words.split()], list(options))


@pytest.fixture(autouse=True)
def on_path(runtime_on_path: None) -> None:
    """The runtime is importable."""


def test_unknown_arguments_are_ignored_and_values_are_text() -> None:
    found = resolve("--n 5 --what else --flag --x=1=2", "n", "x")
    assert (found["n"], found["x"]) == ("5", "1=2")
    assert not {"what", "flag"} & set(found)


def test_the_job_s_name_is_an_ordinary_option() -> None:
    assert resolve("--JOB_NAME nightly", "JOB_NAME")["JOB_NAME"] == "nightly"
    assert "JOB_NAME" not in resolve("--JOB_NAME nightly")


def test_names_may_be_cut_short_as_argparse_allows() -> None:
    """On in 5.1.0 (glue-runtime.md 8), off in Glue 6 main."""
    assert resolve("--inp v", "input_path")["input_path"] == "v"


def test_values_are_kept_for_the_transforms() -> None:
    from awsglue.utils import _global_args

    resolve("--TempDir s3://b/t/ --n 1", "n")
    assert (_global_args["TempDir"], _global_args["n"]) == ("s3://b/t/", "1")
    resolve("--m 2", "m")
    assert (_global_args["TempDir"], "n" in _global_args) == (None, False)


def test_what_the_runtime_is_given_is_in_the_result_unasked() -> None:
    found = resolve(
        "--JOB_ID j --JOB_RUN_ID jr --SECURITY_CONFIGURATION s --encryption-type sse-s3 --enable-data-lineage true"
    )
    assert (found["JOB_ID"], found["JOB_RUN_ID"], found["SECURITY_CONFIGURATION"]) == ("j", "jr", "s")
    assert found["job_bookmark_option"] == "job-bookmark-disable"
    assert set(found) == {
        "job_bookmark_option", "job_bookmark_from", "job_bookmark_to", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION",
        "encryption_type", "enable_data_lineage", "TempDir", "RedshiftTempDir",
    }  # fmt: skip


@pytest.mark.parametrize("words", ["--job-bookmark-option sometimes", "--x", "--x --y 1"])
def test_malformed_arguments_are_glue_argument_errors(words: str) -> None:
    from awsglue.utils import GlueArgumentError

    with pytest.raises(GlueArgumentError):
        resolve(words, "x")


def test_several_missing_arguments_are_all_named() -> None:
    from awsglue.utils import GlueArgumentError

    with pytest.raises(GlueArgumentError, match="the following arguments are required: --a, --b"):
        resolve("--c 1", "a", "b", "c")


@pytest.mark.parametrize("option", ["job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause"])
def test_bookmark_options_reach_the_result(option: str) -> None:
    assert resolve(f"--job-bookmark-option {option}")["job_bookmark_option"] == option
