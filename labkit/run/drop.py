"""Dropping the file into the raw bucket: the one thing that a person does; the rest follows by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from labkit.aws.s3 import find_metadata, upload_file
from labkit.aws.session import Clients, aws_errors
from labkit.errors import LabError
from labkit.steps.lab import DIGEST_KEY, Upload, compute_digest
from labkit.steps.ledger import Ledger
from labkit.steps.uploads import build_upload_call

_DROP_STEP = 7


@dataclass(frozen=True)
class Drop:
    """When the upload began and when S3 had taken all of it, by this computer's clock."""

    began: datetime
    ended: datetime

    @property
    def seconds(self) -> float:
        return (self.ended - self.began).total_seconds()

    @property
    def began_ms(self) -> int:
        return int(self.began.timestamp() * 1000)


def drop_file(clients: Clients, upload: Upload, ledger: Ledger, on_bytes: Callable[[int], None]) -> Drop:
    """Send the file, whether S3 has it or not (that is the event), in parts when it is large."""
    with aws_errors(f"s3.upload_file ({upload.uri})"):
        digest = compute_digest(upload.path)
        there = find_metadata(clients.s3, upload.bucket, upload.key) is not None
        call = build_upload_call(upload, digest, "update" if there else "create")
        ledger.announce(_DROP_STEP, call)
        began = datetime.now(timezone.utc)
        try:
            upload_file(clients.s3, upload.path, upload.bucket, upload.key, {DIGEST_KEY: digest}, on_bytes)
        except LabError:
            ledger.settle(call, made=False)
            raise
        ended = datetime.now(timezone.utc)
        ledger.settle(call, made=True)
    return Drop(began, ended)
