"""Step 1: the buckets, and the sample CSV files in the raw one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.s3 import bucket_exists, read_bucket_tags
from labkit.aws.session import Clients
from labkit.steps.lab import Lab, Upload
from labkit.steps.tags import LAB_TAG, as_list
from labkit.steps.uploads import plan_upload
from labkit.steps.workgroup import plan_workgroup


@dataclass(frozen=True)
class Bucket:
    """A bucket and its region."""

    name: str
    region: str


@dataclass(frozen=True)
class WantedStorage:
    """The buckets, and the sample files in the raw one."""

    buckets: tuple[Bucket, ...]
    samples: tuple[Upload, ...]


def build_wanted(lab: Lab) -> WantedStorage:
    """Raw and processed for the data; one bucket for Glue's scripts and one for Athena's answers, named as AWS names its own."""
    names = lab.names
    wanted = (names.raw_bucket, names.processed_bucket, names.assets_bucket, names.results_bucket)
    return WantedStorage(tuple(Bucket(name, lab.region) for name in wanted), lab.samples)


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The buckets that are missing, Athena's workgroup, and the samples that are missing or have other content."""
    wanted = build_wanted(lab)
    calls: list[AwsCall] = []
    for bucket in wanted.buckets:
        if not bucket_exists(clients.s3, bucket.name):
            calls += [_build_create(bucket), *_build_tagging(bucket, lab.tags)]
        else:
            calls += _plan_lost_tags(clients, bucket, lab)
    calls += plan_workgroup(clients, lab)
    for sample in wanted.samples:
        calls += plan_upload(clients, sample)
    return calls


def _build_create(bucket: Bucket) -> AwsCall:
    params: dict[str, Any] = {"Bucket": bucket.name}
    if bucket.region != "us-east-1":  # S3 refuses a LocationConstraint that names its first region
        params["CreateBucketConfiguration"] = {"LocationConstraint": bucket.region}
    return AwsCall("s3", "create_bucket", params, "create", "s3-bucket", bucket.name, reason="plan.reason.missing")


def _plan_lost_tags(clients: Clients, bucket: Bucket, lab: Lab) -> list[AwsCall]:
    """On AWS: the tags of a bucket that was made just before labkit was cut off. One of another lab's keeps its own.

    (Apply has asked before whether the bucket is ours; in the local cloud a bucket of the student's own making stays as it is.)
    """
    if not clients.target.charges:
        return []
    present = read_bucket_tags(clients.s3, bucket.name)
    # PutBucketTagging replaces the whole set.
    return [] if present.get(LAB_TAG) else _build_tagging(bucket, {**present, **lab.tags} if lab.tags else {})


def _build_tagging(bucket: Bucket, tags: Mapping[str, str]) -> list[AwsCall]:
    if not tags:
        return []
    params = {"Bucket": bucket.name, "Tagging": {"TagSet": as_list(tags)}}
    name = f"{bucket.name}/tags"
    return [AwsCall("s3", "put_bucket_tagging", params, "create", "s3-bucket-tags", name, reason="plan.reason.tags")]
