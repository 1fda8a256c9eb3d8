"""The tags that say whose a resource is: teardown finds what is ours by them when the ledger is lost."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.names import build_student_mark
from labkit.settings import Settings

LAB_TAG = "labkit:lab"
STUDENT_TAG = "labkit:student"
MAKER_TAG = "labkit:made-by"
# What an export made belongs to its stack or its state file: only that may delete it, so it does not carry the lab's own tag.
EXPORT_TAG = "labkit:export"


def build_tags(settings: Settings) -> dict[str, str]:
    """The tags of one student's lab in one region of an account: no other lab has the same `labkit:lab`."""
    mark = build_student_mark(settings.student)
    tags = {LAB_TAG: f"bsg-{settings.target.region}" + (f"-{mark}" if mark else ""), MAKER_TAG: "labkit"}
    return {**tags, STUDENT_TAG: _as_tag_value(settings.student)} if settings.student else tags


def is_own(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """True if a resource with these tags belongs to the lab that puts `wanted` on its own."""
    return bool(tags.get(LAB_TAG)) and tags.get(LAB_TAG) == wanted.get(LAB_TAG)


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """The spelling that S3, IAM and Athena take."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _as_tag_value(text: str) -> str:
    """What every service takes: letters, digits, spaces and + - = . _ : / @, 256 characters at most."""
    return "".join(sign if sign.isalnum() or sign in " +-=._:/@" else "_" for sign in text)[:256]
