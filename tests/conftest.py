"""No test reaches a real AWS account: the variables go before anything is imported, and the keys are fake."""

from __future__ import annotations

import os
from pathlib import Path

NOWHERE = str(Path(__file__).parent / "no-such-aws-file")

FAKE_AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": NOWHERE,
    "AWS_SHARED_CREDENTIALS_FILE": NOWHERE,
}


def pytest_configure() -> None:
    """Takes away what a teacher's shell may hold, for this process and every child of it."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "LABKIT_"))]:
        del os.environ[name]
    os.environ.update(FAKE_AWS)
    # As README advises for tests: without Java's second compiler, which pays for itself in long jobs only.
    os.environ["LABKIT_SHORT_JOBS"] = "1"
