"""Handlers for the student's tests to judge: right ones written in several ways, and wrong ones with one fault each."""

from __future__ import annotations

from dataclasses import dataclass

_LOOP = """\
from urllib.parse import unquote, unquote_plus


def new_files(event):
    found = []
    for record in {records}:
        if not ({counts}):
            continue
        bucket, key = record["s3"]["bucket"]["name"], {decode}
        if {ends}:
            found.append(f"s3://{{bucket}}/{{key}}")
    return {result}


def lambda_handler(event, context):
    return {{"status": "ignored"}} if not new_files(event) else {{"status": "started", "job_run_id": "jr_1"}}
"""
_RIGHT = {
    "records": 'event.get("Records", [])',
    "counts": '"s3" in record and record.get("eventName", "").startswith("ObjectCreated:")',
    "decode": 'unquote_plus(record["s3"]["object"]["key"])',
    "ends": 'key.lower().endswith(".csv")',
    "result": "list(dict.fromkeys(found))",
}
_OTHER_WAY = """\
import urllib.parse
from pathlib import PurePosixPath


def _uris(event):
    seen = set()
    for record in (event or {}).get("Records") or ():
        name, entity = record.get("eventName") or "", record.get("s3")
        if entity is None or not name.startswith("ObjectCreated"):
            continue
        key = urllib.parse.unquote(entity["object"]["key"].replace("+", " "))
        uri = "s3://" + entity["bucket"]["name"] + "/" + key
        if PurePosixPath(key).suffix.lower() == ".csv" and uri not in seen:
            seen.add(uri)
            yield uri


def new_files(event):
    return [*_uris(event)]


def lambda_handler(event, context):
    return {"status": "started" if new_files(event) else "ignored"}
"""


@dataclass(frozen=True)
class Variant:
    """One handler: `fault` is the key of the text that says what is wrong with it ("" for a right one)."""

    source: str
    fault: str = ""


def build_variants() -> tuple[Variant, ...]:
    """The right handlers first, then one for each fault."""
    return (
        Variant(_LOOP.format(**_RIGHT)),
        Variant(_OTHER_WAY),
        _spoil("task_5.fault.encoded", decode='record["s3"]["object"]["key"]'),
        _spoil("task_5.fault.plus", decode='unquote(record["s3"]["object"]["key"])'),
        _spoil("task_5.fault.first", records='event.get("Records", [])[:1]'),
        _spoil("task_5.fault.capitals", ends='key.endswith(".csv")'),
        _spoil("task_5.fault.removed", counts='"s3" in record'),
        _spoil("task_5.fault.records", records='event["Records"]'),
        _spoil("task_5.fault.suffix", ends="True"),
    )


def _spoil(fault: str, **parts: str) -> Variant:
    return Variant(_LOOP.format(**{**_RIGHT, **parts}), fault)
