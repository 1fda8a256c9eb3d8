"""CloudTrail's log files: one JSON document a file, whose ``Records`` are the rows.

https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-ct.html
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.readers.files import FileSet, Source
from labkit.cloud.athena.readers.jsonlines import read_json_lines
from labkit.cloud.athena.readers.packing import compression, unpacked


def read_cloudtrail(files: FileSet) -> Source:
    """Each record as a line of JSON, then as any table of JSON; the bytes are those of the files as they are stored."""
    lines = []
    for one in files.objects:
        path = files.scratch_path("cloudtrail")
        _write_records(one, path)
        lines.append(dataclasses.replace(one, path=path, key=f"{one.key}.records"))
    return read_json_lines(dataclasses.replace(files, objects=lines))


def _write_records(one: Any, path: Path) -> None:
    name = f"s3://{one.bucket}/{one.key}"
    try:
        document = json.loads(b"".join(unpacked(one.path, compression(one.key), name)).decode("utf-8-sig"))
    except ValueError as failure:
        raise QueryFailure("HIVE_CURSOR_ERROR", f"Error reading file: {name}: no CloudTrail log: {failure}") from None
    records = document.get("Records") if isinstance(document, dict) else None
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for record in records or ():
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
