"""getResolvedOptions. Sources: glue-runtime.md section 8, which was verified by running AWS's own module."""

from __future__ import annotations

import argparse
from typing import Any

import pytest


def resolve(words: list[str], options: list[str]) -> dict[str, Any]:
    from awsglue.utils import getResolvedOptions

    return getResolvedOptions(["script.py", *words], options)


@pytest.mark.parametrize(
    "words", [["--name", "v"], ["--name=v"], ["--name", "old", "--name", "v"], ["--other", "x", "--name", "v"]]
)
def test_a_value_may_follow_a_blank_or_an_equals_sign_and_the_last_wins(words: list[str]) -> None:
    assert resolve(words, ["name"])["name"] == "v"


def test_the_first_word_is_the_script() -> None:
    from awsglue.utils import getResolvedOptions

    assert getResolvedOptions(["--JOB_NAME=wrong", "--JOB_NAME", "right"], ["JOB_NAME"])["JOB_NAME"] == "right"


def test_a_missing_argument_is_a_glue_argument_error() -> None:
    from awsglue.utils import GlueArgumentError

    with pytest.raises(GlueArgumentError, match="the following arguments are required: --x"):
        resolve([], ["x"])


def test_a_negative_number_is_a_value_and_an_option_is_not() -> None:
    from awsglue.utils import GlueArgumentError

    assert resolve(["--n", "-5"], ["n"])["n"] == "-5"
    with pytest.raises(GlueArgumentError):
        resolve(["--n", "--y"], ["n"])


def test_hyphens_become_underscores_in_the_key() -> None:
    assert resolve(["--my-name", "v"], ["my-name"])["my_name"] == "v"


@pytest.mark.parametrize("name", ["job-bookmark-option", "continuation-option", "job-bookmark-from", "job-bookmark-to"])
def test_reserved_names_cannot_be_asked_for(name: str) -> None:
    with pytest.raises(RuntimeError, match="Using reserved arguments"):
        resolve([], [name])


@pytest.mark.parametrize(
    "name", ["JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "encryption-type", "enable-data-lineage"]
)
def test_names_of_the_runtime_conflict(name: str) -> None:
    with pytest.raises(argparse.ArgumentError):
        resolve([], [name])


def test_the_result_always_has_the_names_of_the_runtime() -> None:
    assert resolve([], []) == {
        "job_bookmark_option": "job-bookmark-disable", "job_bookmark_from": None, "job_bookmark_to": None, "JOB_ID": None,
        "JOB_RUN_ID": None, "SECURITY_CONFIGURATION": None, "encryption_type": None, "enable_data_lineage": None,
        "TempDir": None, "RedshiftTempDir": None,
    }  # fmt: skip


def test_tempdir_is_optional_even_when_asked_for_and_is_mirrored() -> None:
    from awsglue import utils

    assert resolve([], ["TempDir"])["TempDir"] is None
    assert resolve(["--TempDir", "s3://b/t/"], [])["RedshiftTempDir"] == "s3://b/t/"
    assert utils._global_args["TempDir"] == "s3://b/t/"


def test_the_old_continuation_option_is_translated() -> None:
    assert (
        resolve(["--continuation-option", "continuation-enabled"], [])["job_bookmark_option"] == "job-bookmark-enable"
    )


def test_a_bookmark_range_needs_both_ends_and_pause() -> None:
    both = ["--job-bookmark-from", "a", "--job-bookmark-to", "b"]
    assert resolve([*both, "--job-bookmark-option", "job-bookmark-pause"], [])["job_bookmark_to"] == "b"
    for words in (both[:2], both[2:], both):
        with pytest.raises(RuntimeError):
            resolve(words, [])
