"""Names on AWS: apart for every account, region and student, and inside AWS's length limits."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import combinations

from labkit.names import Names, build_aws_names, build_dataset_names

ACCOUNT = "210987654321"
# Unique in all of AWS, in an account (IAM has no regions), and in an account's region.
BUCKETS = ("raw_bucket", "processed_bucket", "assets_bucket", "results_bucket")
ROLES = ("glue_role", "lambda_role")
REGIONAL = ("database", "raw_crawler", "processed_crawler", "job", "function", "workgroup")
LONGEST = {"glue_role": 64, "lambda_role": 64, "function": 64, "workgroup": 128, "database": 255, "job": 255}


def values(names: Names, parts: tuple[str, ...]) -> set[str]:
    return {getattr(names, part) for part in parts}


def test_two_students_of_one_account_share_no_name() -> None:
    mine, others = (build_aws_names(ACCOUNT, "us-east-1", student, {}) for student in ("ana", "benito"))
    assert not values(mine, BUCKETS + ROLES + REGIONAL) & values(others, BUCKETS + ROLES + REGIONAL)


def test_two_regions_of_one_account_share_neither_bucket_nor_role() -> None:
    one, two = (build_aws_names(ACCOUNT, region, "ana", {}) for region in ("us-east-1", "eu-south-2"))
    assert not values(one, BUCKETS + ROLES) & values(two, BUCKETS + ROLES)


def test_two_accounts_share_no_bucket() -> None:
    one, two = (build_aws_names(account, "us-east-1", "ana", {}) for account in (ACCOUNT, "111122223333"))
    assert not values(one, BUCKETS) & values(two, BUCKETS)


def test_every_name_is_one_that_aws_takes_in_its_longest_region() -> None:
    from botocore.session import Session

    regions = Session().get_available_regions("glue")
    longest = max(regions, key=len)
    assert len(longest) >= len("ap-southeast-7")
    names = build_aws_names(ACCOUNT, longest, "María-José Ñúñez y otros 40 caracteres más", {})
    for bucket in values(names, BUCKETS):
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", bucket), bucket
    # A data set of the user's own makes the names longest.
    for made in (names, build_dataset_names(names, "x" * 80)):
        for part, most in LONGEST.items():
            assert len(getattr(made, part)) <= most, (part, getattr(made, part))
        assert re.fullmatch(r"[a-z0-9_]+", made.database)


def test_no_two_resources_of_one_lab_have_one_name() -> None:
    names = build_aws_names(ACCOUNT, "us-east-1", "ana", {})
    for one, two in combinations([field.name for field in fields(Names)], 2):
        assert getattr(names, one) != getattr(names, two), (one, two)


def test_a_name_that_the_user_gave_wins() -> None:
    assert build_aws_names(ACCOUNT, "us-east-1", "ana", {"raw_bucket": "mio"}).raw_bucket == "mio"
