"""The tags that say whose a resource is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labkit.settings import read_settings
from labkit.steps.tags import LAB_TAG, STUDENT_TAG, as_list, build_tags, is_own


def tags(**environ: str) -> dict[str, str]:
    return build_tags(read_settings({"LABKIT_TARGET": "aws", **environ}, Path("/nowhere")))


def test_two_labs_of_one_account_have_tags_of_their_own() -> None:
    mine, others = tags(LABKIT_STUDENT="ana"), tags(LABKIT_STUDENT="benito")
    assert mine[STUDENT_TAG] == "ana"
    assert is_own(mine, mine)
    assert not is_own(others, mine)
    assert not is_own(tags(LABKIT_STUDENT="ana", AWS_REGION="eu-west-1"), mine)


def test_without_a_student_no_name_is_given_away() -> None:
    assert STUDENT_TAG not in tags()


@pytest.mark.parametrize("found", [{}, {LAB_TAG: ""}, {"Name": "bsg"}])
def test_what_has_no_tag_of_a_lab_is_nobodys(found: dict[str, str]) -> None:
    assert not is_own(found, tags())
    assert not is_own(found, {})


def test_a_students_name_is_made_into_a_value_that_every_service_takes() -> None:
    value = tags(LABKIT_STUDENT="Ana <ana@example.org>; " + "ñ" * 300)[STUDENT_TAG]
    assert len(value) == 256
    assert re.fullmatch(r"[\w .:/=+@-]+", value)


def test_the_list_is_what_s3_iam_and_athena_take() -> None:
    assert as_list({"a": "1"}) == [{"Key": "a", "Value": "1"}]
