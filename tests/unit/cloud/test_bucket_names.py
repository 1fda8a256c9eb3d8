from __future__ import annotations

import pytest

from labkit.cloud.bucket_names import require_bucket_name
from labkit.cloud.call import AwsError


@pytest.mark.parametrize("name", ["abc", "bsg-data-raw", "a.b-c.1", "1" * 63, "aws-glue-assets-123456789012-us-east-1"])
def test_names_that_s3_gives(name: str) -> None:
    require_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "1" * 64,
        "Datos",
        "a_b",
        "-ab",
        "ab-",
        ".ab",
        "a..b",
        "192.168.0.1",
        "año",
        "xn--abc",
        "lab-s3alias",
        "lab--x-s3",
        "",
    ],
)
def test_names_that_it_does_not(name: str) -> None:
    with pytest.raises(AwsError, match="InvalidBucketName"):
        require_bucket_name(name)
