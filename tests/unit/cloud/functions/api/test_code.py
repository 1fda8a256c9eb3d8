from __future__ import annotations

import base64
import io
import zipfile

import pytest

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.code import check_together, read_code
from labkit.cloud.functions.kept import Archive

SCOPE = Scope("123456789012", "us-east-1")


def zipped(size: int = 10) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.py", bytes(size))
    return buffer.getvalue()


def read(body: bytes) -> Archive:
    return read_code({"ZipFile": base64.b64encode(body).decode()}, SCOPE)


def test_a_zip_that_asks_for_a_password_is_refused() -> None:
    body = bytearray(zipped())
    body[6] |= 1
    body[body.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(AwsError, match="Could not unzip uploaded file"):
        read(bytes(body))


def test_a_zip_is_taken_as_it_is() -> None:
    assert read(zipped()).body == zipped()


def test_code_alone_and_with_layers_within_the_limit() -> None:
    check_together([Archive("a", zipped())])
    check_together([Archive("a", zipped()), Archive("b", zipped()), Archive("c", b"")])
