"""A small lab as AWS would get it, and clients by hand: nothing here opens a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labkit import i18n
from labkit.names import build_aws_names
from labkit.settings import Credentials, Target
from labkit.steps.lab import Lab, Upload
from labkit.steps.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = "123456789012"


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    i18n.use_language("es")
    yield
    i18n.use_language("es")


@pytest.fixture
def target() -> Target:
    """A rehearsal whose endpoint nobody listens at."""
    endpoint = "http://127.0.0.1:9"
    return Target("aws", "us-east-1", ACCOUNT, endpoint, Credentials("test", "test"), ACCOUNT, rehearsal=True)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    names = build_aws_names(ACCOUNT, "us-east-1", "ana", {})
    samples = []
    for month in range(1, 12):
        sample = tmp_path / f"ventas_2024_{month:02}.csv"
        sample.write_bytes(b"x" * 50_000)
        samples.append(Upload(sample, names.raw_bucket, f"{names.raw_prefix}{sample.name}"))
    script, handler = tmp_path / "sales_etl.py", tmp_path / "start_glue_job.py"
    script.write_text("print('etl')\n", encoding="utf-8")
    handler.write_text("def lambda_handler(event, context):\n    return {}\n", encoding="utf-8")
    tags = {"labkit:lab": "bsg-us-east-1-24d4b9", "labkit:made-by": "labkit"}
    return Lab(
        ACCOUNT, "us-east-1", names, tuple(samples), script, handler, {"--database": names.database}, tags=tags,
        log_retention_days=7,
    )  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path, target: Target) -> Ledger:
    return Ledger(tmp_path / "state", target)
