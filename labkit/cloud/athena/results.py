"""Result files in S3, and pages of them for GetQueryResults."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import MAX_VARCHAR, Type
from labkit.cloud.call import AwsError

_CELL = re.compile(rb'(?:"((?:[^"]|"")*)")?(,|\n)')
_PRECISION = {
    "boolean": 0,
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "time": 3,
    "varbinary": 1073741824,
}


def column_info(name: str, kind: Type | str) -> dict[str, Any]:
    """One entry of ResultSetMetadata.ColumnInfo."""
    base = kind if isinstance(kind, str) else {"real": "float"}.get(kind.name, kind.name)
    precision, scale = 0, 0
    if isinstance(kind, Type):
        precision = _PRECISION.get(kind.name, 0)
        if kind.name == "decimal":
            precision, scale = kind.params
        elif kind.name in ("varchar", "char"):
            precision = kind.params[0] if kind.params else MAX_VARCHAR
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": base,
        "Precision": precision, "Scale": scale, "Nullable": "UNKNOWN", "CaseSensitive": base in ("varchar", "char"),
    }  # fmt: skip


def header_line(names: Sequence[str]) -> str:
    """The first line of a result CSV."""
    return ",".join(map(_quoted, names)) + "\n"


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> int:
    """Athena's CSV: a header, every value in quotes, NULL as nothing at all; the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(header_line(names))
        for row in rows:
            out.write(",".join("" if value is None else _quoted(value) for value in row) + "\n")
            count += 1
    return count


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def read_page(path: Path, offset: int, limit: int) -> tuple[list[list[str | None]], int | None]:
    """Rows from a byte offset on, and the offset that follows (None at the end)."""
    import mmap

    rows: list[list[str | None]] = []
    if path.stat().st_size == 0:
        return rows, None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        row: list[str | None] = []
        for found in _CELL.finditer(data, offset):
            if found.start() != offset:
                break
            cell, end = found.groups()
            row.append(None if cell is None else cell.decode().replace('""', '"'))
            offset = found.end()
            if end == b"\n":
                rows.append(row)
                if len(rows) == limit:
                    break
                row = []
        if row and not (rows and rows[-1] is row):
            raise AwsError(
                "InvalidRequestException", "The result file in S3 was changed and cannot be read as Athena wrote it"
            )
        return rows, offset if offset < len(data) else None


def read_lines(path: Path, offset: int, limit: int) -> tuple[list[list[str | None]], int | None]:
    """The same for a text result: one cell a line."""
    page: list[list[str | None]] = []
    with path.open("rb") as file:
        file.seek(max(offset, 0))
        while len(page) < limit:
            line = file.readline()
            if not line:
                return page, None
            page.append([line.removesuffix(b"\n").decode("utf-8", "replace")])
        return page, file.tell() if file.tell() < path.stat().st_size else None


def encode_token(execution_id: str, offset: int) -> str:
    """NextToken of GetQueryResults."""
    return base64.urlsafe_b64encode(json.dumps([execution_id, offset]).encode()).decode()


def decode_token(execution_id: str, token: str) -> int:
    """The offset in a NextToken; InvalidRequestException for one of another query."""
    try:
        owner, offset = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        owner, offset = None, 0
    if owner != execution_id:
        raise AwsError("InvalidRequestException", "Invalid NextToken")
    return int(offset)


def metadata_bytes(columns: Sequence[dict[str, Any]]) -> bytes:
    """The ``.metadata`` file: the columns as length-prefixed records (AWS's own layout is not published)."""
    out = bytearray()
    for column in columns:
        record = bytearray()
        for number, key in ((1, "CatalogName"), (4, "Name"), (5, "Label"), (6, "Type")):
            value = str(column[key]).encode()
            record += bytes([number << 3 | 2]) + _varint(len(value)) + value
        for number, key in ((7, "Precision"), (8, "Scale")):
            record += bytes([number << 3]) + _varint(int(column[key]))
        out += bytes([4 << 3 | 2]) + _varint(len(record)) + record
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def output_bucket(location: str) -> tuple[str, str]:
    """Bucket and key prefix of an OutputLocation; a query failure when it is not an s3:// address."""
    found = re.fullmatch(r"s3://([^/]+)/?(.*)", location, re.DOTALL)
    if not found:
        raise QueryFailure("", f"outputLocation is not a valid S3 path: {location}")
    prefix = found.group(2)
    return found.group(1), prefix if not prefix or prefix.endswith("/") else prefix + "/"


def check_result_configuration(configuration: Mapping[str, Any], account: str) -> None:
    """InvalidRequestException for a ResultConfiguration that cannot be kept."""
    location, owner = configuration.get("OutputLocation"), configuration.get("ExpectedBucketOwner")
    if location:
        try:
            output_bucket(location)
        except QueryFailure as failure:
            raise _invalid(failure.text) from None
    if owner and owner != account:
        raise _invalid(f"The output bucket is not owned by the expected bucket owner {owner}")
    encryption = configuration.get("EncryptionConfiguration") or {}
    option = encryption.get("EncryptionOption")
    if option == "CSE_KMS":
        raise AwsError("NotImplemented", "labkit's local Athena does not encrypt results itself (CSE_KMS)", 501)
    if option == "SSE_KMS" and not encryption.get("KmsKey"):
        raise _invalid("KmsKey is required for encryption option SSE_KMS")


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidRequestException", text, fields={"AthenaErrorCode": "INVALID_INPUT"})
